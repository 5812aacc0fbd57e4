package io.github.spotspec.infra;

import static io.github.spotspec.infra.Deployments.allBut;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Each task adds exactly the permissions that it needs. */
final class TaskRightsTest {
    private static final List<String> CHANGING_ACTIONS = List.of(
            "ec2:RunInstances",
            "ec2:CreateTags",
            "ec2:TerminateInstances",
            "ec2:CancelSpotInstanceRequests",
            "iam:CreateServiceLinkedRole");

    @Test
    void priceReadsSpotAndOnDemandPrices() {
        mayOnly(SpotTask.PRICE, "ec2:DescribeSpotPriceHistory", "ec2:DescribeInstanceTypes", "pricing:GetProducts");
        mayNot(allBut(SpotTask.PRICE, SpotTask.LAUNCH), "pricing:GetProducts");
    }

    @Test
    void costsReadOnDemandPricesOnlyWhereThereAreSuchInstances() {
        for (SpotTask task : List.of(SpotTask.INSTANCES, SpotTask.COST, SpotTask.END)) {
            for (boolean onDemand : List.of(false, true)) {
                assertEquals(
                        onDemand,
                        Synthesis.of(SpotServiceProps.builder()
                                        .tasks(task)
                                        .mfaTasks()
                                        .allowOnDemand(onDemand))
                                .operatorPolicy()
                                .actions()
                                .contains("pricing:GetProducts"),
                        task + " " + onDemand);
            }
        }
    }

    @Test
    void historyReadsSpotPrices() {
        mayOnly(SpotTask.HISTORY, "ec2:DescribeSpotPriceHistory", "ec2:DescribeInstanceTypes");
        mayNot(
                allBut(
                        SpotTask.HISTORY,
                        SpotTask.PRICE,
                        SpotTask.LAUNCH,
                        SpotTask.REQUESTS,
                        SpotTask.INSTANCES,
                        SpotTask.COST,
                        SpotTask.END),
                "ec2:DescribeSpotPriceHistory");
    }

    @Test
    void scoreReadsPlacementScoresAndZoneNames() {
        mayOnly(
                SpotTask.SCORE,
                "ec2:GetSpotPlacementScores",
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInstanceTypes");
        mayNot(allBut(SpotTask.SCORE, SpotTask.LAUNCH), "ec2:GetSpotPlacementScores", "ec2:DescribeAvailabilityZones");
    }

    @Test
    void requestsReadsSpotRequestsAndTheirPrices() {
        mayOnly(SpotTask.REQUESTS, "ec2:DescribeSpotInstanceRequests", "ec2:DescribeSpotPriceHistory");
        mayNot(
                allBut(SpotTask.REQUESTS, SpotTask.CANCEL, SpotTask.TERMINATE, SpotTask.END, SpotTask.CHECK),
                "ec2:DescribeSpotInstanceRequests");
    }

    @Test
    void instancesAndCostReadInstancesAndTheirPrices() {
        for (SpotTask task : List.of(SpotTask.INSTANCES, SpotTask.COST)) {
            mayOnly(task, "ec2:DescribeInstances", "ec2:DescribeSpotPriceHistory");
        }
        mayNot(
                List.of(SpotTask.PRICE, SpotTask.HISTORY, SpotTask.SCORE, SpotTask.REQUESTS, SpotTask.CANCEL),
                "ec2:DescribeInstances");
    }

    @Test
    void consoleReadsOutputsOfManagedInstances() {
        mayOnly(SpotTask.CONSOLE, "ec2:DescribeInstances", "ec2:GetConsoleOutput");
        mayNot(allBut(SpotTask.CONSOLE), "ec2:GetConsoleOutput");
    }

    @Test
    void connectPushesKeysToManagedInstances() {
        mayOnly(SpotTask.CONNECT, "ec2:DescribeInstances", "ec2-instance-connect:SendSSHPublicKey");
        mayNot(allBut(SpotTask.CONNECT), "ec2-instance-connect:SendSSHPublicKey");
    }

    @Test
    void launchRunsAndTagsInstances() {
        mayOnly(
                SpotTask.LAUNCH,
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets",
                "ec2:GetSpotPlacementScores",
                "pricing:GetProducts",
                "ssm:GetParameter",
                "ec2:RunInstances",
                "ec2:CreateTags",
                "iam:CreateServiceLinkedRole");
        assertTrue(operator(List.of(SpotTask.LAUNCH)).get("TagAtLaunch").keys().contains("ec2:CreateAction"));
        assertFalse(operator(List.of(SpotTask.LAUNCH)).sids().contains("MoveOwnLeases"));
        mayNot(
                allBut(SpotTask.LAUNCH),
                "ec2:RunInstances",
                "ssm:GetParameter",
                "ec2:DescribeImages",
                "ec2:DescribeSubnets",
                "iam:CreateServiceLinkedRole",
                "iam:PassRole");
        assertFalse(operator(allBut(SpotTask.LAUNCH)).sids().contains("TagAtLaunch"));
    }

    @Test
    void extendMovesLeasesOfManagedResources() {
        mayOnly(SpotTask.EXTEND, "ec2:DescribeInstances", "ec2:CreateTags");
        assertEquals(
                Set.of("spotspec:lease"),
                operator(List.of(SpotTask.EXTEND))
                        .get("MoveOwnLeases")
                        .conditionValues("ForAllValues:StringEquals aws:TagKeys"));
        assertFalse(operator(allBut(SpotTask.EXTEND)).sids().contains("MoveOwnLeases"));
    }

    @Test
    void extendReadsOnDemandPricesIfCostsAreLimited() {
        Set<String> actions = Set.of("ec2:DescribeInstances", "ec2:CreateTags", "pricing:GetProducts");
        SpotServiceProps.Builder cap =
                SpotServiceProps.builder().tasks(SpotTask.EXTEND).maxCommitted(BigDecimal.ONE);

        assertEquals(actions, Deployments.operator(cap).actions());
        assertEquals(
                actions,
                Deployments.operator(SpotServiceProps.builder()
                                .tasks(SpotTask.EXTEND)
                                .urlAuth(UrlAuth.token()))
                        .actions());
    }

    @Test
    void cancelCancelsManagedRequests() {
        mayOnly(SpotTask.CANCEL, "ec2:DescribeSpotInstanceRequests", "ec2:CancelSpotInstanceRequests");
        mayNot(allBut(SpotTask.CANCEL, SpotTask.END), "ec2:CancelSpotInstanceRequests");
    }

    @Test
    void terminateTerminatesManagedInstances() {
        mayOnly(
                SpotTask.TERMINATE,
                "ec2:DescribeInstances",
                "ec2:DescribeSpotInstanceRequests",
                "ec2:TerminateInstances",
                // Only of the tag with the state before the end.
                "ec2:CreateTags");
        mayNot(allBut(SpotTask.TERMINATE, SpotTask.END), "ec2:TerminateInstances");
    }

    @Test
    void endCancelsAndTerminates() {
        mayOnly(
                SpotTask.END,
                "ec2:DescribeInstances",
                "ec2:DescribeSpotInstanceRequests",
                "ec2:DescribeSpotPriceHistory",
                "ec2:CancelSpotInstanceRequests",
                "ec2:TerminateInstances",
                // Only of the tag with the state before the end.
                "ec2:CreateTags");
        assertTrue(operator(allBut(SpotTask.CANCEL, SpotTask.TERMINATE))
                .actions()
                .containsAll(Set.of("ec2:CancelSpotInstanceRequests", "ec2:TerminateInstances")));
    }

    @Test
    void checkListsResourcesForDryRuns() {
        for (SpotTask task :
                List.of(SpotTask.CONSOLE, SpotTask.EXTEND, SpotTask.CANCEL, SpotTask.TERMINATE, SpotTask.END)) {
            Set<String> alone = operator(List.of(task)).actions();
            Set<String> checked = operator(List.of(task, SpotTask.CHECK)).actions();

            Set<String> expected = new TreeSet<>(alone);
            expected.addAll(List.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"));
            assertEquals(expected, checked, task.requestName());
        }
    }

    @Test
    void checkAddsNoPermissionWithoutTasksOnSingleResources() {
        Set<SpotTask> others = allBut(
                SpotTask.CONSOLE,
                SpotTask.EXTEND,
                SpotTask.CANCEL,
                SpotTask.TERMINATE,
                SpotTask.END,
                SpotTask.CHECK,
                SpotTask.REQUESTS);
        Set<SpotTask> withCheck = allBut(
                SpotTask.CONSOLE,
                SpotTask.EXTEND,
                SpotTask.CANCEL,
                SpotTask.TERMINATE,
                SpotTask.END,
                SpotTask.REQUESTS);

        assertEquals(operator(others).statements(), operator(withCheck).statements());
    }

    @Test
    void readingTasksMayNotChangeAnything() {
        mayNot(
                List.of(
                        SpotTask.PRICE,
                        SpotTask.HISTORY,
                        SpotTask.SCORE,
                        SpotTask.REQUESTS,
                        SpotTask.INSTANCES,
                        SpotTask.COST),
                CHANGING_ACTIONS.toArray(String[]::new));
    }

    private static void mayOnly(SpotTask task, String... actions) {
        assertEquals(new TreeSet<>(List.of(actions)), operator(List.of(task)).actions());
    }

    private static void mayNot(Collection<SpotTask> tasks, String... actions) {
        Set<String> may = operator(tasks).actions();
        List.of(actions).forEach(action -> assertFalse(may.contains(action), action));
    }

    private static Policy operator(Collection<SpotTask> tasks) {
        return Deployments.operator(SpotServiceProps.builder().tasks(tasks));
    }
}
