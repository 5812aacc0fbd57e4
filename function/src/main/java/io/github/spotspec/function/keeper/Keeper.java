package io.github.spotspec.function.keeper;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ending.Ended;
import io.github.spotspec.function.ending.Ender;
import io.github.spotspec.function.launch.RequestTag;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ends the service's own things that are past their lease, or more than a launch asked for, and nothing else. Thread-safe.
 */
final class Keeper {
    /** A request that was made a moment ago may still be on its way to its instance. */
    private static final Duration NEW = Duration.ofMinutes(5);

    private final Ender ender;
    private final Duration maxLease;

    Keeper(Ender ender, Duration maxLease) {
        this.ender = ender;
        this.maxLease = maxLease;
    }

    /**
     * Ends in a region what is past its lease or too many, and requests that have no instance and could launch one unasked.
     *
     * @return what became of each
     * @throws Refusal if EC2 does not carry it out
     */
    List<Ended> sweep(String region, Operator operator, Instant now) {
        return ender.end(
                region,
                (instances, requests, ending) -> {
                    instances.stream()
                            .filter(instance ->
                                    instance.isAlive() && isOver(instance.lease(), instance.launched(), now))
                            .forEach(ending::add);
                    surplus(instances).forEach(ending::add);
                    Set<String> alive = instances.stream()
                            .filter(OwnInstance::isAlive)
                            .map(OwnInstance::id)
                            .collect(Collectors.toSet());
                    requests.stream()
                            // Where there is an instance, its own lease decides.
                            .filter(request -> request.isAlive() && !alive.contains(String.valueOf(request.instance())))
                            .filter(request -> isAbandoned(request, now))
                            .forEach(ending::add);
                },
                operator);
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

    /** A lease whose tag was taken away or spoilt is taken to be the longest there is. */
    private boolean isOver(@Nullable Instant lease, Instant begun, Instant now) {
        return !now.isBefore(lease == null ? begun.plus(maxLease) : lease);
    }

    private static boolean isAbandoned(OwnRequest request, Instant now) {
        return Duration.between(request.created(), now).compareTo(NEW) >= 0
                || (request.lease() != null && !now.isBefore(request.lease()));
    }
}
