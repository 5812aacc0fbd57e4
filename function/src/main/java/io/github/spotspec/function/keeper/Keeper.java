package io.github.spotspec.function.keeper;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ending.Ended;
import io.github.spotspec.function.ending.Ender;
import io.github.spotspec.function.ending.Ending;
import io.github.spotspec.function.launch.RequestTag;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Ends the service's own things that are past their lease, or more than a launch asked for, and nothing else. Thread-safe.
 */
final class Keeper {
    /** A request that was made a moment ago may still be on its way to its instance. */
    private static final Duration NEW = Duration.ofMinutes(5);

    private final Ender ender;

    Keeper(Ender ender) {
        this.ender = ender;
    }

    /** Why the keeper ends something. */
    enum Why {
        LEASE("past its lease", "LeasesEnded"),
        SURPLUS("more than its launch asked for", "SurplusEnded"),
        ABANDONED("a spot request without an instance that carries the service's tag", "RequestsEnded");

        private final String words;
        private final String metric;

        Why(String words, String metric) {
            this.words = words;
            this.metric = metric;
        }

        String words() {
            return words;
        }

        /** Returns the metric that counts what was ended for this. */
        String metric() {
            return metric;
        }
    }

    /** What the keeper chose to end, and what became of it. */
    record Kept(Why why, Ended ended) {}

    /**
     * What a look at a region came to.
     *
     * @param alive how many instances have not ended
     * @param overrun how long the lease of what was found past it had been over, at most
     */
    record Swept(List<Kept> kept, int alive, Duration overrun) {}

    /**
     * Ends in a region what is past its lease or too many, and requests that have no instance and could launch one unasked.
     *
     * @return what became of each, and what is left
     * @throws Refusal if EC2 does not carry it out
     */
    Swept sweep(String region, Operator operator, Instant now) {
        Map<String, Why> why = new HashMap<>();
        List<OwnInstance> seen = new ArrayList<>();
        List<Ended> all = ender.end(
                region,
                (instances, requests, ending) -> {
                    instances.stream().filter(OwnInstance::isAlive).forEach(seen::add);
                    seen.stream()
                            .filter(instance -> !overrun(instance, now).isNegative())
                            .forEach(instance -> take(instance, Why.LEASE, ending, why));
                    surplus(instances).forEach(instance -> take(instance, Why.SURPLUS, ending, why));
                    Set<String> alive = seen.stream().map(OwnInstance::id).collect(Collectors.toSet());
                    requests.stream()
                            // Where there is an instance, its own lease decides.
                            .filter(request -> request.isAlive() && !alive.contains(String.valueOf(request.instance())))
                            .filter(request -> isAbandoned(request, now))
                            .forEach(request -> {
                                why.putIfAbsent(request.id(), Why.ABANDONED);
                                ending.add(request);
                            });
                },
                operator);
        List<Kept> kept = all.stream()
                .map(one -> {
                    Why ofRequest = why.getOrDefault(String.valueOf(one.request()), Why.ABANDONED);
                    return new Kept(why.getOrDefault(String.valueOf(one.instance()), ofRequest), one);
                })
                .toList();
        Set<String> ended = all.stream()
                .filter(Ended::ended)
                .map(one -> String.valueOf(one.instance()))
                .collect(Collectors.toSet());
        return new Swept(
                kept,
                (int) seen.stream()
                        .filter(instance -> !ended.contains(instance.id()))
                        .count(),
                seen.stream()
                        .map(instance -> overrun(instance, now))
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO));
    }

    private static void take(OwnInstance instance, Why reason, Ending ending, Map<String, Why> why) {
        why.putIfAbsent(instance.id(), reason);
        if (instance.spotRequest() != null) {
            why.putIfAbsent(instance.spotRequest(), reason);
        }
        ending.add(instance);
    }

    /** Returns the instances that a launch made beyond what it was asked for. */
    private static List<OwnInstance> surplus(List<OwnInstance> instances) {
        Map<String, List<OwnInstance>> byLaunch = instances.stream()
                .filter(instance -> instance.isAlive() && instance.request() != null)
                .collect(Collectors.groupingBy(instance -> String.valueOf(instance.request())));
        return byLaunch.values().stream()
                .flatMap(all -> {
                    List<OwnInstance> kept = RequestTag.withoutSurplus(all);
                    return all.stream().filter(instance -> !kept.contains(instance));
                })
                .toList();
    }

    /** Returns for how long a lease of an instance that is alive has been over. */
    private static Duration overrun(OwnInstance instance, Instant now) {
        return Duration.between(Objects.requireNonNull(instance.lease()), now);
    }

    private static boolean isAbandoned(OwnRequest request, Instant now) {
        return Duration.between(request.created(), now).compareTo(NEW) >= 0
                || (request.lease() != null && !now.isBefore(request.lease()));
    }
}
