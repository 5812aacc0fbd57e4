package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.FunctionLog;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Warns on the topic of leases that end soon, once for each end of a lease. A tag of the instance records the end that
 * was warned of, so a lease that is moved is warned of again. Thread-safe.
 *
 * <p>The message comes before the tag, because a warning that is lost costs more than one that is repeated: if the tag
 * cannot be set, or two sweeps run at the same time, the same warning comes again.
 */
final class LeaseWarnings {
    private final Duration before;
    private final Topic topic;
    private final ManagedTags tags;
    private final InstanceLog log;

    /**
     * Creates the warnings.
     *
     * @param before how long before the end of a lease to warn; zero for never
     */
    LeaseWarnings(Duration before, Topic topic, ManagedTags tags, FunctionLog log) {
        this.before = before;
        this.topic = topic;
        this.tags = tags;
        this.log = new InstanceLog(log);
    }

    /**
     * The result of warning.
     *
     * @param published how many warnings were published
     * @param failed how many were not published, because SNS did not accept them or the time was up
     */
    record Result(int published, int failed) {}

    private record EndOfLease(String region, Instant end) {}

    /** Warns of the leases that end soon. If a warning fails, the others are still published. */
    Result publish(List<ManagedInstance> alive, AwsCallContext callContext, Instant now, Context context) {
        Map<EndOfLease, List<ManagedInstance>> published = new LinkedHashMap<>();
        int failed = 0;
        for (ManagedInstance instance : alive) {
            if (!isDue(instance, now)) {
                continue;
            }
            if (publish(instance, callContext, now, context)) {
                published
                        .computeIfAbsent(new EndOfLease(instance.region(), lease(instance)), first -> new ArrayList<>())
                        .add(instance);
            } else {
                failed++;
            }
        }
        published.forEach((end, instances) -> mark(end, instances, callContext, now, context));
        return new Result(published.values().stream().mapToInt(List::size).sum(), failed);
    }

    private boolean isDue(ManagedInstance instance, Instant now) {
        Duration left = Duration.between(now, lease(instance));
        return left.isPositive()
                && left.compareTo(before) <= 0
                && !lease(instance).equals(instance.warnedOf());
    }

    private boolean publish(ManagedInstance instance, AwsCallContext callContext, Instant now, Context context) {
        String text = "The lease of this instance ends in "
                + minutes(Duration.between(now, lease(instance)))
                + ", at " + lease(instance) + ". The keeper then terminates the instance."
                + " Send the task 'extend' to keep it.";
        return log.publish(
                new InstanceLog.Warning(
                        Topic.Event.LEASE_ENDING, instance, "Lease ending", text, "lease", lease(instance)),
                topic,
                callContext,
                now,
                context);
    }

    private static String minutes(Duration left) {
        long minutes = left.plusSeconds(59).truncatedTo(ChronoUnit.MINUTES).toMinutes();
        return minutes == 1 ? "1 minute" : minutes + " minutes";
    }

    private void mark(
            EndOfLease lease,
            List<ManagedInstance> instances,
            AwsCallContext callContext,
            Instant now,
            Context context) {
        List<String> ids = instances.stream().map(ManagedInstance::id).toList();
        log.tag(
                lease.region(),
                ids,
                () -> tags.markWarned(lease.region(), ids, lease.end(), callContext),
                "ERROR",
                "A warning could not be recorded, so it may come again.",
                now,
                context);
    }

    /** Returns the end of the lease, which every instance has that has not ended. */
    private static Instant lease(ManagedInstance instance) {
        return Objects.requireNonNull(instance.lease());
    }
}
