package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.ec2.model.Tag;

/** The tags that change in the life of an own thing: the end of its lease, and EC2's warning. Thread-safe. */
public final class ManagedTags {
    private final Ec2Regions ec2;

    public ManagedTags(Ec2Regions ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns when a lease ends that begins now: rounded up to the minute, so that a launch that is repeated within it is
     * the same launch to EC2.
     */
    public static Instant leaseEnd(Instant now, Duration lease) {
        Instant end = now.plus(lease);
        Instant minute = end.truncatedTo(ChronoUnit.MINUTES);
        return minute.equals(end) ? end : minute.plus(Duration.ofMinutes(1));
    }

    /**
     * Moves the leases of instances, which count, and then of their spot requests, as far as that can be done.
     *
     * @return why the lease of some could not be moved, by the id of the instance or of the request
     * @throws ServiceException if EC2 does not carry it out on any instance
     */
    public Map<String, ServiceException> moveLease(
            String region, List<ManagedInstance> instances, Instant end, Operator operator) {
        List<String> ids = instances.stream().map(ManagedInstance::id).toList();
        Map<String, ServiceException> refused =
                new LinkedHashMap<>(tag(region, ids, Tags.LEASE, end.toString(), operator));
        if (!ids.isEmpty() && refused.size() == ids.size()) {
            throw refused.values().iterator().next();
        }
        List<String> requests = instances.stream()
                .filter(instance -> !refused.containsKey(instance.id()))
                .map(ManagedInstance::spotRequestId)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        try {
            refused.putAll(tag(region, requests, Tags.LEASE, end.toString(), operator));
        } catch (ServiceException refusal) {
            requests.forEach(request -> refused.put(request, refusal));
        }
        return refused;
    }

    /**
     * Notes that EC2 has warned that it will take an instance back.
     *
     * @throws ServiceException if EC2 does not carry it out
     */
    public void markInterrupted(ManagedInstance instance, Instant at, Operator operator) {
        for (ServiceException refusal : tag(
                        instance.region(), List.of(instance.id()), Tags.INTERRUPTED, at.toString(), operator)
                .values()) {
            throw refusal;
        }
    }

    private Map<String, ServiceException> tag(
            String region, List<String> ids, String key, String value, Operator operator) {
        BulkCall batch = new BulkCall(
                "ec2:CreateTags",
                region,
                operator,
                some -> ec2.in(region)
                        .createTags(request -> request.resources(some)
                                .tags(Tag.builder().key(key).value(value).build())
                                .overrideConfiguration(operator::authorize)));
        return batch.onVisible(ids);
    }
}
