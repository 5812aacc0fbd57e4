package io.github.spotspec.infra;

import static io.github.spotspec.infra.Deployments.MFA_TASKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tasks that need an MFA code: the operator's policy, the function's settings, and the stack's outputs. */
final class MfaTest {
    private static final String MFA = "Bool aws:MultiFactorAuthPresent";

    @Test
    void requiresMfaForActionsOfMfaTasks() {
        Policy free = Deployments.lockedDown().operatorPolicy();
        Policy guarded = Deployments.withMfa().operatorPolicy();

        Set<String> sids = new TreeSet<>(free.sids());
        sids.removeAll(Set.of("ReadEc2", "ReadPriceList", "MakeSpotRole", "PassInstanceRole"));
        for (String sid : sids) {
            assertEquals(free.get(sid).when(MFA, "true"), guarded.get(sid));
        }
        assertEquals(
                free.get("ReadPriceList"), guarded.get("ReadPriceList"), "the task price also needs it, without MFA");
        assertEquals(free.get("MakeSpotRole"), guarded.get("MakeSpotRole"), "EC2 creates the role, not the operator");
        assertEquals(free.get("PassInstanceRole"), guarded.get("PassInstanceRole"), "EC2 evaluates it");
    }

    @Test
    void allowsSharedReadsWithoutMfa() {
        Policy free = Deployments.lockedDown().operatorPolicy();
        Policy guarded = Deployments.withMfa().operatorPolicy();

        assertEquals(
                Set.of("ec2:DescribeImages", "ec2:DescribeSubnets"),
                guarded.get("ReadEc2WithMfa").actions(),
                "only launches read these");
        assertEquals(Set.of("true"), guarded.get("ReadEc2WithMfa").conditionValues(MFA));
        assertEquals(Set.of(), guarded.get("ReadEc2").conditionValues(MFA));
        assertEquals(free.actions(), guarded.actions());
    }

    @Test
    void missingConditionKeyDoesNotSatisfyMfa() {
        // Calls with a long-term access key lack the condition key, so IfExists or a negated operator would match.
        for (Statement statement : Deployments.withMfa().operatorPolicy().statements()) {
            statement.conditions().keySet().stream()
                    .filter(condition -> condition.contains("MultiFactor"))
                    .forEach(condition -> assertEquals(MFA, condition));
        }
    }

    @Test
    void emptyMfaTasksRequireNoMfa() {
        Policy policy = Deployments.operator(SpotServiceProps.builder().mfaTasks());

        assertTrue(policy.statements().stream()
                .noneMatch(statement -> statement.keys().toString().contains("Multi")));
    }

    @Test
    void defaultMfaTasksAreLimitedToTheDeployedTasks() {
        assertEquals(
                SpotServiceProps.DEFAULT_MFA_TASKS, SpotServiceProps.builder().build().mfaTasks);
        Set<SpotTask> some = EnumSet.of(SpotTask.PRICE, SpotTask.LAUNCH);
        Set<SpotTask> expected = EnumSet.copyOf(some);
        expected.retainAll(SpotServiceProps.DEFAULT_MFA_TASKS);
        assertEquals(expected, SpotServiceProps.builder().tasks(some).build().mfaTasks);
    }

    @Test
    void readingTasksCanRequireMfa() {
        Policy shared = Deployments.operator(SpotServiceProps.builder()
                .tasks(SpotTask.PRICE, SpotTask.HISTORY)
                .mfaTasks(SpotTask.PRICE));

        assertEquals(Set.of(), shared.get("ReadEc2").conditionValues(MFA), "history reads the same without MFA");
        assertEquals(Set.of("true"), shared.get("ReadPriceList").conditionValues(MFA));

        Policy alone = Deployments.operator(
                SpotServiceProps.builder().tasks(SpotTask.PRICE).mfaTasks(SpotTask.PRICE));

        assertEquals(Set.of("ReadEc2WithMfa", "ReadPriceList"), alone.sids());
    }

    @Test
    void checkListsResourcesWithoutMfa() {
        Policy policy = Deployments.operator(
                SpotServiceProps.builder().tasks(SpotTask.END, SpotTask.CHECK).mfaTasks(SpotTask.END));

        assertEquals(
                Set.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"),
                policy.get("ReadEc2").actions());
        assertEquals(Set.of(), policy.get("ReadEc2").conditionValues(MFA));
        assertEquals(Set.of("true"), policy.get("TerminateOwn").conditionValues(MFA));
    }

    @Test
    void keeperNeedsNoMfa() {
        Policy keeper = Deployments.withMfa().policyOfRole("SpotServiceOfThePlatformTeamKeeperRole");

        assertTrue(keeper.actions().contains("ec2:TerminateInstances"));
        keeper.statements()
                .forEach(statement -> assertEquals(Set.of(), statement.conditionValues(MFA), statement.sid()));
    }

    @Test
    void settingsContainMfaTasks() {
        String function = "SpotServiceOfThePlatformTeamFunction";

        assertEquals(
                List.of("cancel", "connect", "console", "end", "extend", "launch", "terminate"),
                Deployments.withMfa().settings(function).get("mfaTasks"));
        assertFalse(Deployments.byDefault().settings("SpotFunction").containsKey("mfaTasks"));
    }

    @Test
    void outputsShowHowToEnrollTheDevice() {
        Synthesis stack = stack(SpotServiceProps.builder().mfaTasks(MFA_TASKS));

        assertEquals(
                "aws iam create-virtual-mfa-device --virtual-mfa-device-name ${SpotOperatorA003F258}"
                        + " --bootstrap-method QRCodePNG --outfile mfa.png",
                stack.output("MakeMfaDevice"));
        assertEquals(
                "aws iam enable-mfa-device --user-name ${SpotOperatorA003F258} --serial-number"
                        + " arn:aws:iam::111122223333:mfa/${SpotOperatorA003F258} --authentication-code1 FIRST"
                        + " --authentication-code2 NEXT",
                stack.output("EnableMfaDevice"));
        assertTrue(Deployments.byDefault()
                .only("AWS::SecretsManager::Secret")
                .get("SecretString")
                .toString()
                .contains("\"serialNumber\":\"arn:aws:iam::111122223333:mfa/${SpotOperatorA003F258}\""));
    }

    @Test
    void outputsOmitDeviceWithoutMfa() {
        assertEquals(
                Set.of("Url", "FunctionName", "SecretName"),
                stack(SpotServiceProps.builder().mfaTasks()).outputs());
    }

    @Test
    void createsNoMfaDevice() {
        assertEquals(List.of(), Deployments.withMfa().all("AWS::IAM::VirtualMFADevice"));
    }

    /** Synthesizes the stack of the app that {@code cdk.json} runs. */
    private static Synthesis stack(SpotServiceProps.Builder props) {
        return Synthesis.of(new SpotStack(Synthesis.app(Map.of()), "Test", props.build(), List.of()));
    }
}
