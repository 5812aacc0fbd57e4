package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Stack;

/** What the prop {@code fleets} adds to the policies. */
final class FleetPolicyTest {
    private static final Set<String> FLEET_SIDS = Set.of(
            "MakeTemplate", "UseTemplate", "Fleet", "FleetInstance", "FleetVolume", "FleetSubnet", "TagWithFleet");

    private static SpotServiceProps.Builder fleets() {
        return SpotServiceProps.builder().fleets(true).mfaTasks(Deployments.MFA_TASKS);
    }

    private static List<Statement> fleetStatements(Stack stack, SpotServiceProps.Builder props) {
        return Policy.of(
                        stack,
                        new SpotPolicy(stack, "here", List.of(Intrinsics.REGION), props.build())
                                .fleetStatements().stream())
                .statements();
    }

    private static Policy keeper(SpotServiceProps.Builder props) {
        Stack stack = new Stack();
        return Policy.of(
                stack,
                new SpotPolicy(stack, "here", List.of(Intrinsics.REGION), props.build()).keeperStatements().stream());
    }

    @Test
    void everyRightOnFleetsRequiresMfaAndRegion() {
        List<Statement> statements = fleetStatements(new Stack(), fleets());

        assertEquals(
                FLEET_SIDS, Set.copyOf(statements.stream().map(Statement::sid).toList()));
        for (Statement statement : statements) {
            assertEquals(
                    Set.of("true"), statement.conditionValues("Bool aws:MultiFactorAuthPresent"), statement.toString());
            assertEquals(
                    1,
                    statement
                            .conditionValues("StringEquals aws:RequestedRegion")
                            .size(),
                    statement.toString());
        }
    }

    @Test
    void fleetsMustTagInstancesWithServiceAndLease() {
        Policy policy = Deployments.operator(fleets().instanceTypes("m7g.*"));

        Statement instance = policy.get("FleetInstance");
        assertEquals(Set.of("here"), instance.conditionValues("StringEquals aws:RequestTag/spotspec:service"));
        assertEquals(Set.of("spotspec:service"), instance.conditionValues("ForAnyValue:StringEquals aws:TagKeys"));
        assertEquals(Set.of("spotspec:lease"), instance.conditionValues("ForAnyValue:StringLike aws:TagKeys"));
        assertEquals(Set.of("m7g.*"), instance.conditionValues("StringLike ec2:InstanceType"));
        assertEquals(Set.of("default"), instance.conditionValues("StringEqualsIfExists ec2:Tenancy"));
        for (String sid : List.of("Fleet", "FleetVolume", "MakeTemplate", "TagWithFleet")) {
            assertEquals(
                    Set.of("here"),
                    policy.get(sid).conditionValues("StringEquals aws:RequestTag/spotspec:service"),
                    sid);
        }
    }

    @Test
    void usesOnlyOwnTemplates() {
        Statement use = Deployments.operator(fleets()).get("UseTemplate");

        assertEquals(Set.of("ec2:CreateFleet", "ec2:DeleteLaunchTemplate", "ec2:RunInstances"), use.actions());
        assertEquals(1, use.resources().size());
        assertTrue(use.resources().iterator().next().endsWith(":launch-template/*"), use.toString());
        assertEquals(Set.of("here"), use.conditionValues("StringEquals aws:ResourceTag/spotspec:service"));
    }

    @Test
    void mayNotOverrideImagesOrEndFleets() {
        Policy policy = Deployments.operator(fleets());

        for (Statement statement : policy.statements()) {
            assertTrue(
                    !statement.actions().contains("ec2:CreateFleet")
                            || statement.resources().stream().noneMatch(arn -> arn.contains("image/")),
                    statement.toString());
            assertTrue(
                    statement.actions().stream()
                            .noneMatch(action -> action.equals("ec2:DeleteFleets") || action.equals("ec2:ModifyFleet")),
                    statement.toString());
        }
    }

    @Test
    void limitsSubnetsOfFleets() {
        Stack stack = new Stack();
        Statement subnet = Deployments.operator(
                        stack, Deployments.lockedDown(stack).fleets(true))
                .get("FleetSubnet");

        assertEquals(Deployments.SUBNETS.size(), subnet.resources().size());
    }

    @Test
    void keeperDeletesOwnTemplates() {
        Policy keeper = keeper(fleets());

        assertTrue(keeper.get("ReadEc2").actions().contains("ec2:DescribeLaunchTemplates"));
        assertEquals(
                Set.of("here"),
                keeper.get("DeleteTemplate").conditionValues("StringEquals aws:ResourceTag/spotspec:service"));
    }

    @Test
    void policiesStayAsTheyAreWithoutTheProp() {
        Policy operator = Deployments.operator(SpotServiceProps.builder());
        Policy keeper = keeper(SpotServiceProps.builder());

        for (Statement statement : Stream.of(operator, keeper)
                .flatMap(policy -> policy.statements().stream())
                .toList()) {
            assertTrue(
                    statement.actions().stream()
                            .noneMatch(action -> action.contains("Fleet") || action.contains("LaunchTemplate")),
                    statement.toString());
            assertTrue(!statement.keys().contains("BoolIfExists aws:SecureTransport"), statement.toString());
        }
        assertEquals(
                List.of(),
                fleetStatements(
                        new Stack(),
                        SpotServiceProps.builder().tasks(SpotTask.PRICE).fleets(true)));
    }

    @Test
    void fleetsReachServiceAndKeeper() {
        Synthesis synthesis = Synthesis.of(SpotServiceProps.builder().fleets(true));

        assertEquals(true, synthesis.settings("SpotFunction").get("fleets"));
        assertEquals(true, synthesis.settings("SpotKeeper").get("fleets"));
        assertEquals(4, synthesis.all("AWS::IAM::ManagedPolicy").size());
    }

    @Test
    void policiesFitIamQuotaInManyRegions() {
        Synthesis.of(stack -> new SpotService(
                stack,
                "SpotServiceOfThePlatformTeam",
                Deployments.lockedDown(stack)
                        .fleets(true)
                        .mfaTasks(Deployments.MFA_TASKS)
                        .build()));
        Synthesis.of(SpotServiceProps.builder()
                .regions(QuotaValidationTest.REGIONS)
                .fleets(true)
                .mfaTasks(Deployments.MFA_TASKS));
    }
}
