package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.NestedStack;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;

/** The effect of each single prop. The keeper and user data have their own tests. */
final class SpotServicePropsTest {
    private static final String EC2 = "arn:aws:ec2:*:111122223333:";

    /** Resources of any account, because AWS RAM can share them with this account. */
    private static final String SHARED = "arn:aws:ec2:*:*:";

    @Test
    void regionsLimitOperatorAndReachFunctions() {
        Synthesis synthesis = Synthesis.of(builder().regions("eu-central-1", "eu-west-1"));

        assertEquals(
                Set.of("eu-central-1", "eu-west-1"),
                synthesis.operatorPolicy().get("RunInstance").conditionValues("StringEquals aws:RequestedRegion"));
        assertEquals(
                List.of("eu-central-1", "eu-west-1"),
                synthesis.settings("SpotFunction").get("regions"));
        assertEquals(
                List.of("eu-central-1", "eu-west-1"),
                synthesis.settings("SpotKeeper").get("regions"));
    }

    @Test
    void instanceTypesLimitOnlyInstances() {
        Policy policy = Deployments.operator(builder().instanceTypes("m7g.*", "c?g.large"));

        assertEquals(
                Set.of("m7g.*", "c?g.large"), policy.get("RunInstance").conditionValues("StringLike ec2:InstanceType"));
        assertEquals(1, statementsOn(policy, "ec2:InstanceType"));
    }

    @Test
    void imagesLimitOnlyImages() {
        assertEquals(
                Set.of("arn:aws:ec2:*::image/ami-0123456789abcdef0"),
                Deployments.operator(builder().images(List.of("ami-0123456789abcdef0")))
                        .get("RunFromImage")
                        .resources());
    }

    @Test
    void imageOwnersLimitOnlyImages() {
        Policy policy =
                Deployments.operator(builder().imageOwners(List.of("amazon", "aws-marketplace", "444455556666")));

        assertEquals(
                Set.of("amazon", "aws-marketplace", "444455556666"),
                policy.get("RunFromImage").conditionValues("StringEquals ec2:Owner"));
        assertEquals(1, statementsOn(policy, "ec2:Owner"));
    }

    @Test
    void subnetsLimitSubnetAndNetworkInterface() {
        Stack stack = new Stack();
        Policy policy = Deployments.operator(
                stack, builder().subnets(List.of(Subnet.fromSubnetId(stack, "Subnet", "subnet-0123"))));

        assertEquals(
                Set.of(SHARED + "subnet/subnet-0123", SHARED + "security-group/*", EC2 + "key-pair/*"),
                policy.get("RunIntoNetwork").resources());
        assertEquals(
                Set.of(SHARED + "subnet/subnet-0123"),
                policy.get("RunNetworkInterface").conditionValues("ArnLike ec2:Subnet"));
        assertEquals(1, statementsOn(policy, "ec2:Subnet"));
    }

    @Test
    void securityGroupsLimitSecurityGroups() {
        Stack stack = new Stack();
        assertEquals(
                Set.of(SHARED + "subnet/*", SHARED + "security-group/sg-0123", EC2 + "key-pair/*"),
                Deployments.operator(
                                stack,
                                builder()
                                        .securityGroups(
                                                List.of(SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-0123"))))
                        .get("RunIntoNetwork")
                        .resources());
    }

    @Test
    void keyPairsLimitKeyPairs() {
        Stack stack = new Stack();
        assertEquals(
                Set.of(SHARED + "subnet/*", SHARED + "security-group/*", EC2 + "key-pair/team"),
                Deployments.operator(stack, builder().keyPairs(List.of(KeyPair.fromKeyPairName(stack, "Key", "team"))))
                        .get("RunIntoNetwork")
                        .resources());
    }

    @Test
    void operatorMayPassOnlyTheInstanceProfilesRole() {
        Stack stack = new Stack();
        Policy policy = Deployments.operator(stack, builder().instanceProfile(Deployments.instanceProfile(stack)));

        assertEquals(
                Set.of(Deployments.INSTANCE_ROLE),
                policy.get("PassInstanceRole").resources());
        assertFalse(Deployments.operator(builder()).actions().contains("iam:PassRole"), "no profile, no PassRole");
    }

    @Test
    void maxVolumeSizeLimitsOnlyVolumes() {
        Policy policy = Deployments.operator(builder().maxVolumeSize(Size.tebibytes(1)));

        assertEquals(Set.of("1024"), policy.get("RunVolume").conditionValues("NumericLessThanEquals ec2:VolumeSize"));
        assertEquals(1, statementsOn(policy, "ec2:VolumeSize"));
    }

    @Test
    void maxPriceReachesFunctionWithoutRounding() {
        assertEquals(
                "0.10000000000000000001",
                Synthesis.of(builder().maxPrice(new BigDecimal("1.0000000000000000001E-1")))
                        .settings("SpotFunction")
                        .get("maxPrice"));
    }

    @Test
    void defaultLeaseIsNeverLongerThanMaxLease() {
        assertEquals(8 * 3_600, seconds(builder().build().defaultLease));
        assertEquals(8 * 3_600, seconds(builder().maxLease(Duration.hours(8)).build().defaultLease));
        assertEquals(3_600, seconds(builder().maxLease(Duration.hours(1)).build().defaultLease));
        assertEquals(
                2 * 86_400, seconds(builder().defaultLease(Duration.days(2)).build().defaultLease));
    }

    @Test
    void setsMemorySizeTimeoutAndArchitecture() {
        Synthesis synthesis = Synthesis.of(builder()
                .memorySize(Size.gibibytes(2))
                .timeout(Duration.minutes(2))
                .architecture(Architecture.X86_64));
        Resource function = synthesis.only("AWS::Lambda::Function", "SpotFunction");

        assertEquals(2048, function.number("MemorySize"));
        assertEquals(120, function.number("Timeout"));
        for (Resource one : synthesis.all("AWS::Lambda::Function")) {
            assertEquals(List.of("x86_64"), one.get("Architectures"), one.id());
        }
    }

    @Test
    void reservesConcurrencyOnlyForTheUrlsFunction() {
        Synthesis blocked = Synthesis.of(builder().urlAuth(UrlAuth.token()).reservedConcurrency(0));
        List<Resource> reserving = blocked.all("AWS::Lambda::Function").stream()
                .filter(one -> one.properties().containsKey("ReservedConcurrentExecutions"))
                .toList();

        assertEquals(List.of(blocked.only("AWS::Lambda::Function", "SpotFunction")), reserving);
        assertEquals(0, reserving.get(0).number("ReservedConcurrentExecutions"));
        assertFalse(Synthesis.of(builder()).text().contains("ReservedConcurrentExecutions"));
    }

    @Test
    void reservedConcurrencyDoesNotPublishVersion() {
        assertEquals(
                versions(Synthesis.of(builder())),
                versions(Synthesis.of(builder().reservedConcurrency(0))));
    }

    private static List<String> versions(Synthesis synthesis) {
        return synthesis.all("AWS::Lambda::Version").stream().map(Resource::id).toList();
    }

    @Test
    void usesExistingLogGroup() {
        Synthesis synthesis = Synthesis.of(stack -> new SpotService(
                stack,
                "Spot",
                builder()
                        .logGroup(LogGroup.fromLogGroupName(stack, "Shared", "shared"))
                        .build()));

        assertEquals(List.of(), synthesis.all("AWS::Logs::LogGroup"));
        for (Resource function : synthesis.all("AWS::Lambda::Function")) {
            assertEquals(Map.of("LogGroup", "shared"), function.get("LoggingConfig"), function.id());
        }
        for (String role : List.of("SpotFunctionRole", "SpotKeeperRole")) {
            assertEquals(
                    Set.of("arn:aws:logs:us-west-2:111122223333:log-group:shared:*"),
                    synthesis.policyOfRole(role).get("").resources());
        }
    }

    @Test
    void setsLogRetention() {
        Resource log = Synthesis.of(
                        builder().logRetention(RetentionDays.ONE_YEAR).logRemovalPolicy(RemovalPolicy.RETAIN))
                .only("AWS::Logs::LogGroup");

        assertEquals(365, log.number("RetentionInDays"));
        assertEquals("Retain", log.deletionPolicy());
    }

    @Test
    void setsSecretRemovalPolicy() {
        assertEquals(
                List.of("Retain", "Retain"),
                deletionPolicies(Synthesis.of(builder().secretRemovalPolicy(RemovalPolicy.RETAIN))));
        assertEquals(List.of("Delete", "Delete"), deletionPolicies(Synthesis.of(builder())));
    }

    private static List<Object> deletionPolicies(Synthesis synthesis) {
        return synthesis.all("AWS::SecretsManager::Secret").stream()
                .map(Resource::deletionPolicy)
                .toList();
    }

    @Test
    void twoServicesCanShareStackAndKey() {
        Synthesis synthesis = Synthesis.of(stack -> {
            Key key = new Key(stack, "Key");
            new SpotService(stack, "One", builder().encryptionKey(key).build());
            new SpotService(stack, "Two", builder().encryptionKey(key).build());
        });
        Policy keyPolicy = Policy.of(List.of(synthesis.only("AWS::KMS::Key").get("KeyPolicy")));

        assertEquals("Test/One@us-west-2", synthesis.settings("OneFunction").get("service"));
        assertEquals("Test/Two@us-west-2", synthesis.settings("TwoFunction").get("service"));
        assertEquals(
                1,
                keyPolicy.statements().stream()
                        .filter(statement -> statement.sid().equals("LogsOfThisAccount"))
                        .count());
    }

    @Test
    void serviceNameIsTheSameInPolicyAndSettings() {
        Stack stack = new Stack(Synthesis.app(Map.of()), "Test");
        SpotService service = new SpotService(stack, "Spot");
        Synthesis synthesis = Synthesis.of(stack);
        String name = "Test/Spot@us-west-2";

        assertTrue(service.getServiceName().startsWith("Test/Spot@"), "the region is a token");
        assertEquals(name, synthesis.settings("SpotFunction").get("service"));
        assertEquals(name, synthesis.settings("SpotKeeper").get("service"));
        assertEquals(
                Set.of(name),
                synthesis
                        .operatorPolicy()
                        .get("TerminateOwn")
                        .conditionValues("StringEquals aws:ResourceTag/spotspec:service"));
    }

    @Test
    void serviceInNestedStackHasName() {
        Stack stack = new Stack(Synthesis.app(Map.of()), "Test");
        SpotService service = new SpotService(new NestedStack(stack, "Nested"), "Spot");

        assertTrue(service.getServiceName().contains("/Spot@"), service.getServiceName());
    }

    private static SpotServiceProps.Builder builder() {
        return SpotServiceProps.builder();
    }

    /** Returns the number of statements with a condition on a key. */
    private static long statementsOn(Policy policy, String key) {
        return policy.statements().stream()
                .filter(statement -> statement.keys().contains(key))
                .count();
    }

    private static int seconds(Duration duration) {
        return duration.toSeconds().intValue();
    }
}
