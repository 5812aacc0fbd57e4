package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Tag;

/** The tags that change in the life of an own thing: the end of its lease, and EC2's warning. Thread-safe. */
public final class OwnTags {
    private final Ec2Regions ec2;

    public OwnTags(Ec2Regions ec2) {
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
     * Moves the leases of instances and of their spot requests.
     *
     * @throws Refusal if EC2 does not carry it out
     */
    public void moveLease(String region, List<OwnInstance> instances, Instant end, Operator operator) {
        List<String> ids = new ArrayList<>();
        for (OwnInstance instance : instances) {
            ids.add(instance.id());
            if (instance.spotRequest() != null) {
                ids.add(instance.spotRequest());
            }
        }
        tag(region, ids, Tags.LEASE, end.toString(), operator);
    }

    /**
     * Notes that EC2 has warned that it will take an instance back.
     *
     * @throws Refusal if EC2 does not carry it out
     */
    public void markInterrupted(OwnInstance instance, Instant at, Operator operator) {
        tag(instance.region(), List.of(instance.id()), Tags.INTERRUPTED, at.toString(), operator);
    }

    private void tag(String region, List<String> ids, String key, String value, Operator operator) {
        if (ids.isEmpty()) {
            return;
        }
        try {
            ec2.in(region)
                    .createTags(request -> request.resources(ids)
                            .tags(Tag.builder().key(key).value(value).build())
                            .overrideConfiguration(operator::authorize));
        } catch (SdkException e) {
            throw Ec2Errors.refusal("ec2:CreateTags", region, e);
        }
    }
}
