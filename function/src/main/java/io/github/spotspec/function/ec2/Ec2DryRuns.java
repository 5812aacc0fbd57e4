package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Instant;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * Makes EC2 dry runs. Each method returns if the call would succeed, and throws a {@link ServiceException} if it would
 * fail. Thread-safe.
 */
public final class Ec2DryRuns {
    private final Ec2Clients ec2;

    public Ec2DryRuns(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /** Checks whether the operator may read prices. */
    public void prices(String region, AwsCallContext callContext) {
        dryRun(
                "ec2:DescribeSpotPriceHistory",
                region,
                callContext,
                client -> client.describeSpotPriceHistory(
                        request -> request.dryRun(true).overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may read placement scores. */
    public void scores(String region, AwsCallContext callContext) {
        dryRun(
                "ec2:GetSpotPlacementScores",
                region,
                callContext,
                client -> client.getSpotPlacementScores(request -> request.dryRun(true)
                        .instanceTypes("c5.large", "m5.large", "r5.large")
                        .targetCapacity(1)
                        .regionNames(region)
                        .overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may read spot requests. */
    public void requests(String region, AwsCallContext callContext) {
        dryRun(
                "ec2:DescribeSpotInstanceRequests",
                region,
                callContext,
                client -> client.describeSpotInstanceRequests(
                        request -> request.dryRun(true).overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may read instances. */
    public void instances(String region, AwsCallContext callContext) {
        dryRun(
                "ec2:DescribeInstances",
                region,
                callContext,
                client -> client.describeInstances(
                        request -> request.dryRun(true).overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may read the console output of an instance. */
    public void consoleOutput(String region, String instance, AwsCallContext callContext) {
        dryRun(
                "ec2:GetConsoleOutput",
                region,
                callContext,
                client -> client.getConsoleOutput(request ->
                        request.dryRun(true).instanceId(instance).overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may change the lease of an instance. */
    public void tag(String region, String instance, AwsCallContext callContext) {
        dryRun(
                "ec2:CreateTags",
                region,
                callContext,
                client -> client.createTags(request -> request.dryRun(true)
                        .resources(instance)
                        .tags(Tag.builder()
                                .key(Tags.LEASE)
                                .value(Instant.EPOCH.toString())
                                .build())
                        .overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may terminate an instance. */
    public void terminate(String region, String instance, AwsCallContext callContext) {
        dryRun(
                "ec2:TerminateInstances",
                region,
                callContext,
                client -> client.terminateInstances(request ->
                        request.dryRun(true).instanceIds(instance).overrideConfiguration(callContext::authorize)));
    }

    /** Checks whether the operator may cancel a spot request. */
    public void cancel(String region, String spotRequest, AwsCallContext callContext) {
        dryRun(
                "ec2:CancelSpotInstanceRequests",
                region,
                callContext,
                client -> client.cancelSpotInstanceRequests(request -> request.dryRun(true)
                        .spotInstanceRequestIds(spotRequest)
                        .overrideConfiguration(callContext::authorize)));
    }

    private interface Act {
        Object on(Ec2Client client);
    }

    /** Makes a dry run. Repeats it while EC2 does not know the resource, because the resource may be new. */
    private void dryRun(String action, String region, AwsCallContext callContext, Act act) {
        VisibilityWait wait = new VisibilityWait(callContext);
        boolean again;
        do {
            try {
                Object _ = act.on(ec2.in(region));
                again = false;
            } catch (SdkException e) {
                again = Ec2Errors.isNotFound(e) && wait.pauseUnlessOver();
                if (!again && !Ec2Errors.isDryRunSuccess(e)) {
                    throw Ec2Errors.toException(action, region, e);
                }
            }
        } while (again);
    }
}
