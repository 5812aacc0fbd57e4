package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Operator;
import java.time.Instant;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * Makes EC2 dry runs. Each method returns if the call would succeed, and throws a {@link ServiceException} if it would
 * fail. Thread-safe.
 */
public final class Ec2DryRuns {
    private final Ec2Regions ec2;

    public Ec2DryRuns(Ec2Regions ec2) {
        this.ec2 = ec2;
    }

    /** Checks whether the operator may read prices. */
    public void prices(String region, Operator operator) {
        dryRun(
                "ec2:DescribeSpotPriceHistory",
                region,
                operator,
                client -> client.describeSpotPriceHistory(
                        request -> request.dryRun(true).overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may read placement scores. */
    public void scores(String region, Operator operator) {
        dryRun(
                "ec2:GetSpotPlacementScores",
                region,
                operator,
                client -> client.getSpotPlacementScores(request -> request.dryRun(true)
                        .instanceTypes("c5.large", "m5.large", "r5.large")
                        .targetCapacity(1)
                        .regionNames(region)
                        .overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may read spot requests. */
    public void requests(String region, Operator operator) {
        dryRun(
                "ec2:DescribeSpotInstanceRequests",
                region,
                operator,
                client -> client.describeSpotInstanceRequests(
                        request -> request.dryRun(true).overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may read instances. */
    public void instances(String region, Operator operator) {
        dryRun(
                "ec2:DescribeInstances",
                region,
                operator,
                client -> client.describeInstances(
                        request -> request.dryRun(true).overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may read the console output of an instance. */
    public void consoleOutput(String region, String instance, Operator operator) {
        dryRun(
                "ec2:GetConsoleOutput",
                region,
                operator,
                client -> client.getConsoleOutput(request ->
                        request.dryRun(true).instanceId(instance).overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may change the lease of an instance. */
    public void tag(String region, String instance, Operator operator) {
        dryRun(
                "ec2:CreateTags",
                region,
                operator,
                client -> client.createTags(request -> request.dryRun(true)
                        .resources(instance)
                        .tags(Tag.builder()
                                .key(Tags.LEASE)
                                .value(Instant.EPOCH.toString())
                                .build())
                        .overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may terminate an instance. */
    public void terminate(String region, String instance, Operator operator) {
        dryRun(
                "ec2:TerminateInstances",
                region,
                operator,
                client -> client.terminateInstances(request ->
                        request.dryRun(true).instanceIds(instance).overrideConfiguration(operator::authorize)));
    }

    /** Checks whether the operator may cancel a spot request. */
    public void cancel(String region, String spotRequest, Operator operator) {
        dryRun(
                "ec2:CancelSpotInstanceRequests",
                region,
                operator,
                client -> client.cancelSpotInstanceRequests(request -> request.dryRun(true)
                        .spotInstanceRequestIds(spotRequest)
                        .overrideConfiguration(operator::authorize)));
    }

    private interface Act {
        Object on(Ec2Client client);
    }

    /** Makes a dry run. Repeats it while EC2 does not know the resource, because the resource may be new. */
    private void dryRun(String action, String region, Operator operator, Act act) {
        VisibilityWait wait = new VisibilityWait(operator);
        boolean again;
        do {
            try {
                Object _ = act.on(ec2.in(region));
                again = false;
            } catch (SdkException e) {
                again = Ec2Errors.isNotFound(e) && wait.again();
                if (!again && !Ec2Errors.isDryRunSuccess(e)) {
                    throw Ec2Errors.toException(action, region, e);
                }
            }
        } while (again);
    }
}
