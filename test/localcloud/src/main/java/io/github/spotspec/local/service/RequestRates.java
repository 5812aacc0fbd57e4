package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * EC2's limits on the rate of calls: token buckets for each action in each region (EC2 developer guide, "Request
 * throttling for the Amazon EC2 API"). A call takes a token of its action. Launches and terminations also take a token
 * of another bucket for each instance. Buckets are full when the limits are switched on. Thread-safe.
 */
final class RequestRates {
    private static final Limit NON_MUTATING = new Limit(100, 20);
    private static final Limit NEITHER_FILTERED_NOR_PAGED = new Limit(50, 10);
    /** Also the limit of the actions that the guide calls resource-intensive. */
    private static final Limit MUTATING = new Limit(50, 5);

    /** The actions with limits of their own, as far as the local cloud knows these actions. */
    private static final Map<String, Limit> OWN_LIMITS = Map.of(
            "CreateTags", new Limit(100, 10),
            "DeleteTags", new Limit(100, 10),
            "RunInstances", new Limit(5, 2),
            "TerminateInstances", new Limit(100, 5));

    /** The actions that take from a smaller bucket if the call has neither a filter nor a page size. */
    private static final Set<String> BETTER_FILTERED = Set.of(
            "DescribeInstances",
            "DescribeInstanceStatus",
            "DescribeNetworkInterfaces",
            "DescribeSecurityGroups",
            "DescribeSnapshots",
            "DescribeSpotInstanceRequests",
            "DescribeVolumes");

    /** The limits on instances. */
    private static final Map<String, Limit> INSTANCE_LIMITS =
            Map.of("RunInstances", new Limit(1_000, 2), "TerminateInstances", new Limit(1_000, 20));

    private static final long TOKEN = 1_000;

    private final InstantSource clock;
    private final Map<Key, Bucket> buckets = new HashMap<>();

    private record Limit(int size, int refillPerSecond) {}

    private record Key(String region, String action, Limit limit) {}

    /** What was in a bucket at one point in time, in thousandths of a token. */
    private record Bucket(long content, Instant at) {}

    RequestRates(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes the tokens of a call, or fails if there are not enough. */
    synchronized void take(String region, String action, Params params) {
        Limit limit = OWN_LIMITS.get(action);
        if (limit == null) {
            limit = isMutating(action) ? MUTATING : NON_MUTATING;
        }
        if (BETTER_FILTERED.contains(action) && params.count("Filter") == 0 && params.text("MaxResults") == null) {
            limit = NEITHER_FILTERED_NOR_PAGED;
        }
        take(new Key(region, action, limit), 1);
        Limit instances = INSTANCE_LIMITS.get(action);
        if (instances != null && !params.flag("DryRun")) {
            int count = action.equals("RunInstances")
                    ? params.whole("MaxCount", 1)
                    : params.list("InstanceId").size();
            take(new Key(region, action, instances), count);
        }
    }

    private static boolean isMutating(String action) {
        return !action.startsWith("Describe") && !action.startsWith("Get");
    }

    private void take(Key key, int tokens) {
        Limit limit = key.limit();
        Instant now = clock.instant();
        Bucket before = buckets.getOrDefault(key, new Bucket(limit.size() * TOKEN, now));
        // A second adds as many tokens as a millisecond adds thousandths.
        long elapsed = Duration.between(before.at(), now).toMillis();
        long content = Math.min(limit.size() * TOKEN, before.content() + elapsed * limit.refillPerSecond());
        boolean throttled = content < tokens * TOKEN;
        buckets.put(
                key,
                new Bucket(
                        throttled ? content : content - tokens * TOKEN,
                        before.at().plusMillis(elapsed)));
        if (throttled) {
            throw new AwsError(503, "RequestLimitExceeded", "Request limit exceeded.");
        }
    }

    /** Fills every bucket. */
    synchronized void reset() {
        buckets.clear();
    }
}
