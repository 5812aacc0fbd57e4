package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * Changes the tags of managed resources that are not fixed at launch: the end of the lease, what the keeper warned of
 * and logged, the state before an end, and the time of an interruption notice or a rebalance recommendation.
 * Thread-safe.
 */
public final class ManagedTags {
    private final Ec2Clients ec2;

    public ManagedTags(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns when a lease that begins now ends. Rounds up to the minute, so that EC2 treats a launch that is repeated
     * within the minute as the same launch.
     */
    public static Instant leaseEnd(Instant now, Duration lease) {
        Instant end = now.plus(lease);
        Instant minute = end.truncatedTo(ChronoUnit.MINUTES);
        return minute.equals(end) ? end : minute.plus(Duration.ofMinutes(1));
    }

    /**
     * Changes the leases of instances, which are the ones that count, and then of their spot requests as far as
     * possible.
     *
     * @return why the lease of some could not be changed, by the id of the instance or spot request
     * @throws ServiceException if EC2 changes the lease of no instance
     */
    public Map<String, ServiceException> moveLease(
            String region, List<ManagedInstance> instances, Instant end, AwsCallContext callContext) {
        List<String> ids = instances.stream().map(ManagedInstance::id).toList();
        Map<String, ServiceException> failures =
                new LinkedHashMap<>(setTag(region, ids, Tags.LEASE, end.toString(), callContext));
        if (!ids.isEmpty() && failures.size() == ids.size()) {
            throw failures.values().iterator().next();
        }
        List<String> requests = instances.stream()
                .filter(instance -> !failures.containsKey(instance.id()))
                .map(ManagedInstance::spotRequestId)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        try {
            failures.putAll(setTag(region, requests, Tags.LEASE, end.toString(), callContext));
        } catch (ServiceException failure) {
            requests.forEach(request -> failures.put(request, failure));
        }
        return failures;
    }

    /**
     * Records that EC2 sent an interruption notice or a rebalance recommendation for an instance.
     *
     * @throws ServiceException if EC2 does not set the tag
     */
    public void markInterrupted(ManagedInstance instance, Instant at, AwsCallContext callContext) {
        for (ServiceException failure : setTag(
                        instance.region(), List.of(instance.id()), Tags.INTERRUPTED, at.toString(), callContext)
                .values()) {
            throw failure;
        }
    }

    /**
     * Records that the keeper warned of the end of a lease.
     *
     * @param ids instances in one region with the same lease
     * @return why the tag could not be set on some, by id
     * @throws ServiceException if EC2 sets no tag
     */
    public Map<String, ServiceException> markWarned(
            String region, List<String> ids, Instant lease, AwsCallContext callContext) {
        return setTag(region, ids, Tags.WARNED, lease.toString(), callContext);
    }

    /**
     * Records the keeper's warning that instances in a region are idle.
     *
     * @return why the tag could not be set on some, by id
     * @throws ServiceException if EC2 sets no tag
     */
    public Map<String, ServiceException> markIdleWarned(
            String region, List<String> ids, IdleWarning warning, AwsCallContext callContext) {
        return setTag(region, ids, Tags.IDLE_WARNED, warning.tag(), callContext);
    }

    /**
     * Records the state of instances that the service is about to end.
     *
     * @param ids instances in one region
     * @param state the value of the tag
     * @return why the tag could not be set on some, by id
     * @throws ServiceException if EC2 sets no tag
     */
    public Map<String, ServiceException> markBeforeEnd(
            String region, List<String> ids, String state, AwsCallContext callContext) {
        return tagging(region, Tags.BEFORE_END, state, callContext).callOnce(ids);
    }

    /**
     * Records that the keeper has logged the receipts of instances. Does not wait for those that EC2 no longer shows.
     *
     * @param ids instances in one region
     * @return why the tag could not be set on some, by id
     * @throws ServiceException if EC2 sets no tag
     */
    public Map<String, ServiceException> markReceipt(
            String region, List<String> ids, Instant at, AwsCallContext callContext) {
        return tagging(region, Tags.RECEIPT, at.toString(), callContext).callOnce(ids);
    }

    private Map<String, ServiceException> setTag(
            String region, List<String> ids, String key, String value, AwsCallContext callContext) {
        return tagging(region, key, value, callContext).callUntilVisible(ids);
    }

    private BulkCall tagging(String region, String key, String value, AwsCallContext callContext) {
        return new BulkCall(
                "ec2:CreateTags",
                region,
                callContext,
                resources -> ec2.in(region)
                        .createTags(request -> request.resources(resources)
                                .tags(Tag.builder().key(key).value(value).build())
                                .overrideConfiguration(callContext::authorize)));
    }
}
