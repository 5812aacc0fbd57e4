package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.Stack;

/** Rules that hold for every statement of the operator and of the keeper, in every deployment. */
final class StatementRulesTest {
    /** Actions without resource-level permissions, according to the Service Authorization Reference. */
    static final Set<String> WITHOUT_RESOURCE = Set.of(
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribeSpotInstanceRequests",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
            "ec2:GetSpotPlacementScores",
            "pricing:GetProducts",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments");

    /** The condition keys in use, by EC2 resource type, according to the Service Authorization Reference. */
    private static final Map<String, Set<String>> KEYS = Map.ofEntries(
            Map.entry("fleet", Set.of("aws:RequestTag", "aws:TagKeys", "ec2:CreateAction")),
            Map.entry("image", Set.of("ec2:Owner")),
            Map.entry(
                    "instance",
                    Set.of(
                            "aws:RequestTag",
                            "aws:ResourceTag",
                            "aws:TagKeys",
                            "ec2:CreateAction",
                            "ec2:InstanceMarketType",
                            "ec2:InstanceType",
                            "ec2:MetadataHttpPutResponseHopLimit",
                            "ec2:MetadataHttpTokens",
                            "ec2:osuser",
                            "ec2:Tenancy")),
            Map.entry("key-pair", Set.of()),
            Map.entry(
                    "launch-template", Set.of("aws:RequestTag", "aws:ResourceTag", "aws:TagKeys", "ec2:CreateAction")),
            Map.entry("network-interface", Set.of("ec2:NetworkInterfaceID", "ec2:Subnet")),
            Map.entry("security-group", Set.of()),
            Map.entry(
                    "spot-instances-request",
                    Set.of("aws:RequestTag", "aws:ResourceTag", "aws:TagKeys", "ec2:CreateAction")),
            Map.entry("subnet", Set.of()),
            Map.entry(
                    "volume",
                    Set.of(
                            "aws:RequestTag",
                            "aws:TagKeys",
                            "ec2:CreateAction",
                            "ec2:Encrypted",
                            "ec2:VolumeIops",
                            "ec2:VolumeSize",
                            "ec2:VolumeThroughput",
                            "ec2:VolumeType")));

    /** Actions that EC2 calls on the operator's behalf. */
    private static final Set<String> ON_BEHALF = Set.of("iam:CreateServiceLinkedRole", "iam:PassRole");

    /** Statements on what EC2 Fleet calls, too. */
    private static final Set<String> BY_FLEET = Set.of(
            "RunFromImage",
            "RunInstance",
            "RunIntoNetwork",
            "RunNetworkInterface",
            "RunSpotRequest",
            "RunVolume",
            "TagAtLaunch",
            "UseTemplate");

    private static final Set<String> GLOBAL_KEYS =
            Set.of("aws:MultiFactorAuthPresent", "aws:RequestedRegion", "aws:SecureTransport");

    static Stream<Policy> policies() {
        Stack stack = new Stack();
        SpotPolicy keeper = new SpotPolicy(
                stack,
                "here",
                List.of(Intrinsics.REGION),
                SpotServiceProps.builder().build());
        SpotPolicy keeperOfFleets = new SpotPolicy(
                stack,
                "here",
                List.of(Intrinsics.REGION),
                SpotServiceProps.builder().fleets(true).build());
        return Stream.of(
                Deployments.byDefault().operatorPolicy(),
                Deployments.lockedDown().operatorPolicy(),
                Deployments.withMfa().operatorPolicy(),
                Deployments.priceOnly().operatorPolicy(),
                Deployments.operator(SpotServiceProps.builder().allowOnDemand(true)),
                Deployments.operator(SpotServiceProps.builder().fleets(true)),
                Deployments.operator(SpotServiceProps.builder().fleets(true).mfaTasks(Deployments.MFA_TASKS)),
                Policy.of(stack, keeper.keeperStatements().stream()),
                Policy.of(stack, keeperOfFleets.keeperStatements().stream()));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void allowsOnlyNamedActionsOverTls(Policy policy) {
        for (Statement statement : policy.statements()) {
            boolean onBehalf = ON_BEHALF.containsAll(statement.actions());
            boolean alsoByFleet = policy.sids().contains("UseTemplate") && BY_FLEET.contains(statement.sid());
            assertEquals("Allow", statement.effect());
            assertEquals(
                    onBehalf || alsoByFleet ? Set.of() : Set.of("true"),
                    statement.conditionValues("Bool aws:SecureTransport"),
                    statement.sid());
            assertEquals(
                    alsoByFleet ? Set.of("true") : Set.of(),
                    statement.conditionValues("BoolIfExists aws:SecureTransport"),
                    statement.sid());
            assertFalse(onBehalf && statement.keys().contains("aws:MultiFactorAuthPresent"), statement.sid());
            statement.actions().forEach(action -> assertFalse(action.contains("*"), action));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void namesResourcesWhereIamSupportsThem(Policy policy) {
        for (Statement statement : policy.statements()) {
            assertEquals(
                    WITHOUT_RESOURCE.containsAll(statement.actions()),
                    statement.resources().equals(Set.of("*")),
                    statement.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void limitsRegionalActionsToTheRegions(Policy policy) {
        for (Statement statement : policy.statements()) {
            boolean global = statement.actions().stream().allMatch(action -> action.startsWith("iam:"));
            assertEquals(!global, statement.keys().contains("aws:RequestedRegion"), statement.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void namesOnlyManagedResources(Policy policy) {
        for (Statement statement : policy.statements()) {
            boolean onExisting = statement.actions().contains("ec2:TerminateInstances")
                    || statement.actions().contains("ec2:GetConsoleOutput")
                    || statement.actions().contains("ec2-instance-connect:SendSSHPublicKey")
                    || statement.actions().contains("ec2:CancelSpotInstanceRequests")
                    || statement.actions().contains("ec2:DeleteLaunchTemplate")
                    || (statement.actions().contains("ec2:CreateTags")
                            && !statement.keys().contains("ec2:CreateAction"));
            assertEquals(
                    onExisting ? 1 : 0,
                    statement
                            .conditionValues("StringEquals aws:ResourceTag/spotspec:service")
                            .size(),
                    statement.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void launchesTagNewResourcesAsManaged(Policy policy) {
        for (String type : List.of("instance", "volume", "spot-instances-request")) {
            Stream.concat(
                            policy.on("ec2:RunInstances", type).stream(),
                            policy.on("ec2:CreateTags", type).stream()
                                    .filter(statement -> statement.keys().contains("ec2:CreateAction")))
                    .forEach(statement -> {
                        assertEquals(
                                1,
                                statement
                                        .conditionValues("StringEquals aws:RequestTag/spotspec:service")
                                        .size(),
                                statement.toString());
                        assertEquals(
                                Set.of("spotspec:service"),
                                statement.conditionValues("ForAnyValue:StringEquals aws:TagKeys"),
                                "the exact key: " + statement);
                    });
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void limitedTagKeysRequireATag(Policy policy) {
        for (Statement statement : policy.statements()) {
            boolean limited = !statement
                    .conditionValues("ForAllValues:StringEquals aws:TagKeys")
                    .isEmpty();
            assertEquals(
                    limited ? Set.of("false") : Set.of(),
                    statement.conditionValues("Null aws:TagKeys"),
                    "ForAllValues also matches a call without tags: " + statement);
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void terminatesOnDemandOnlyIfItLaunchesThem(Policy policy) {
        for (Statement run : policy.on("ec2:RunInstances", "instance")) {
            boolean onDemand =
                    run.conditionValues("StringEquals ec2:InstanceMarketType").contains("on-demand");
            policy.on("ec2:TerminateInstances", "instance")
                    .forEach(terminate -> assertEquals(
                            onDemand ? Set.of() : Set.of("spot"),
                            terminate.conditionValues("StringEquals ec2:InstanceMarketType")));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void launchesCannotUseExistingInterfacesOrDedicatedHosts(Policy policy) {
        for (Statement statement : policy.on("ec2:RunInstances", "network-interface")) {
            assertEquals(Set.of("eni-*"), statement.conditionValues("StringNotLike ec2:NetworkInterfaceID"));
        }
        for (Statement statement : policy.on("ec2:RunInstances", "instance")) {
            assertEquals(Set.of("default"), statement.conditionValues("StringEqualsIfExists ec2:Tenancy"));
        }
        for (Statement statement : policy.on("ec2:RunInstances", "volume")) {
            assertFalse(statement
                    .conditionValues("StringEqualsIfExists ec2:VolumeType")
                    .isEmpty());
            assertEquals(
                    1,
                    statement
                            .conditionValues("NumericLessThanEqualsIfExists ec2:VolumeIops")
                            .size());
            assertEquals(
                    1,
                    statement
                            .conditionValues("NumericLessThanEqualsIfExists ec2:VolumeThroughput")
                            .size());
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void launchesRequireLeaseImdsV2AndEncryption(Policy policy) {
        for (Statement statement : policy.on("ec2:RunInstances", "instance")) {
            assertEquals(Set.of("spotspec:lease"), statement.conditionValues("ForAnyValue:StringLike aws:TagKeys"));
            assertEquals(Set.of("required"), statement.conditionValues("StringEquals ec2:MetadataHttpTokens"));
            assertEquals(
                    1,
                    statement
                            .conditionValues("NumericLessThanEqualsIfExists ec2:MetadataHttpPutResponseHopLimit")
                            .size());
            assertTrue(statement
                    .conditionValues("StringEquals ec2:InstanceMarketType")
                    .contains("spot"));
        }
        for (Statement statement : policy.on("ec2:RunInstances", "volume")) {
            assertEquals(Set.of("true"), statement.conditionValues("Bool ec2:Encrypted"));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void conditionsUseOnlyKeysOfTheResourceType(Policy policy) {
        for (Statement statement : policy.statements()) {
            for (String arn : statement.resources()) {
                if (!arn.startsWith("arn:aws:ec2:")) {
                    continue;
                }
                String type = arn.substring(arn.lastIndexOf(':') + 1, arn.indexOf('/'));
                Set<String> known = KEYS.getOrDefault(type, Set.of());
                statement.keys().stream()
                        .map(key -> key.replaceFirst("/.*", ""))
                        .filter(key -> !GLOBAL_KEYS.contains(key))
                        .forEach(key -> assertTrue(
                                known.contains(key),
                                () -> statement.sid() + " would never match: " + type + " has no " + key));
            }
        }
    }
}
