package io.github.spotspec.function.keeper;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.launch.LaunchId;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.termination.TerminationResult;
import io.github.spotspec.function.termination.TerminationState;
import io.github.spotspec.function.termination.Terminator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Ends managed resources that are past their lease, surplus, idle or abandoned, and nothing else. Thread-safe. */
final class Keeper {
    /** A new spot request may not have its instance yet, so the keeper waits this long. */
    private static final Duration ABANDONED_AFTER = Duration.ofMinutes(5);

    private final Terminator terminator;

    Keeper(Terminator terminator) {
        this.terminator = terminator;
    }

    /** The reason why the keeper ends a resource. */
    enum EndReason {
        LEASE("past its lease", "LeasesEnded"),
        SURPLUS("more than its launch asked for", "SurplusEnded"),
        IDLE("idle for as long as its launch allows", "IdleEnded"),
        ABANDONED("a spot request without an instance that carries the service's tag", "RequestsEnded");

        private final String description;
        private final String metric;

        EndReason(String words, String metric) {
            this.description = words;
            this.metric = metric;
        }

        String description() {
            return description;
        }

        /** Returns the metric that counts the resources ended for this reason. */
        String metric() {
            return metric;
        }
    }

    /** A resource that the keeper chose to end, and the result. */
    record SweptResource(EndReason reason, TerminationResult result) {}

    /**
     * The result of sweeping one region.
     *
     * @param alive the instances that have not ended
     * @param ended the instances that have stopped or ended, now or before, and that EC2 still shows
     * @param overrun the longest time by which a lease was exceeded
     */
    record SweepResult(
            List<SweptResource> resources, List<ManagedInstance> alive, List<BilledInstance> ended, Duration overrun) {}

    /**
     * Ends resources in a region that are past their lease or surplus. Also ends spot requests that have no instance
     * and could still launch one.
     *
     * @return the result for each resource, and what is left
     * @throws ServiceException if EC2 does not carry it out
     */
    SweepResult sweep(String region, AwsCallContext callContext, Instant now) {
        Map<String, EndReason> why = new HashMap<>();
        List<ManagedInstance> seen = new ArrayList<>();
        List<TerminationState> shown = new ArrayList<>();
        List<TerminationResult> all = terminator.end(
                region,
                state -> {
                    shown.add(state);
                    state.instances().stream().filter(ManagedInstance::isAlive).forEach(seen::add);
                    seen.stream()
                            // EC2 may still show the tag from before an extension that was answered a moment ago.
                            .filter(instance -> overrun(instance, now).compareTo(VisibilityWait.MAX_DELAY) >= 0)
                            .forEach(instance -> choose(instance, EndReason.LEASE, state, why));
                    surplus(state.instances()).forEach(instance -> choose(instance, EndReason.SURPLUS, state, why));
                    Set<String> alive = seen.stream().map(ManagedInstance::id).collect(Collectors.toSet());
                    state.requests().stream()
                            // If the request has an instance, the instance's lease decides.
                            .filter(request ->
                                    request.isAlive() && !alive.contains(String.valueOf(request.instanceId())))
                            .filter(request -> isAbandoned(request, now))
                            .forEach(request -> {
                                why.putIfAbsent(request.id(), EndReason.ABANDONED);
                                state.choose(request);
                            });
                },
                callContext);
        List<SweptResource> swept = all.stream()
                .map(one -> {
                    EndReason ofRequest = why.getOrDefault(String.valueOf(one.spotRequestId()), EndReason.ABANDONED);
                    return new SweptResource(why.getOrDefault(String.valueOf(one.instanceId()), ofRequest), one);
                })
                .toList();
        Set<String> ended = all.stream()
                .filter(TerminationResult::isEnded)
                .map(one -> String.valueOf(one.instanceId()))
                .collect(Collectors.toSet());
        return new SweepResult(
                swept,
                seen.stream().filter(instance -> !ended.contains(instance.id())).toList(),
                ended(shown.getFirst()),
                seen.stream()
                        .map(instance -> overrun(instance, now))
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO));
    }

    /**
     * Returns the surplus instances of launches over several regions, by region. Two runs of the same launch may have
     * found capacity in different regions, which a sweep of a single region cannot see.
     *
     * @param alive the living instances of all regions
     */
    static Map<String, List<ManagedInstance>> surplusByRegion(List<ManagedInstance> alive) {
        return surplus(alive).stream().collect(Collectors.groupingBy(ManagedInstance::region));
    }

    /**
     * Ends instances in a region for a reason that the caller found. EC2 is asked again first. An idle instance is kept
     * if its lease or a tag on idleness has changed.
     *
     * @return the result for each instance
     * @throws ServiceException if EC2 does not carry it out
     */
    List<SweptResource> end(String region, List<ManagedInstance> instances, EndReason why, AwsCallContext callContext) {
        Map<String, ManagedInstance> seen =
                instances.stream().collect(Collectors.toMap(ManagedInstance::id, Function.identity()));
        return terminator
                .end(
                        region,
                        state -> state.instances().stream()
                                .filter(instance -> instance.isAlive() && seen.containsKey(instance.id()))
                                .filter(instance -> why != EndReason.IDLE
                                        || hasSameLease(instance, Objects.requireNonNull(seen.get(instance.id()))))
                                .forEach(state::choose),
                        callContext)
                .stream()
                .map(result -> new SweptResource(why, result))
                .toList();
    }

    /** Returns whether nobody has asked for something else since the keeper saw the instance. */
    private static boolean hasSameLease(ManagedInstance instance, ManagedInstance seen) {
        return Objects.equals(instance.lease(), seen.lease()) && instance.idle().equals(seen.idle());
    }

    /** Returns the instances that have stopped or ended, as EC2 showed them last. */
    private static List<BilledInstance> ended(TerminationState state) {
        return state.instances().stream()
                .filter(instance -> !instance.isCharged())
                .map(state::billed)
                .toList();
    }

    private static void choose(
            ManagedInstance instance, EndReason reason, TerminationState state, Map<String, EndReason> why) {
        why.putIfAbsent(instance.id(), reason);
        if (instance.spotRequestId() != null) {
            why.putIfAbsent(instance.spotRequestId(), reason);
        }
        state.choose(instance);
    }

    /** Returns the surplus instances of all launches. */
    private static List<ManagedInstance> surplus(List<ManagedInstance> instances) {
        Map<String, List<ManagedInstance>> byLaunch = instances.stream()
                .filter(instance -> instance.isAlive() && instance.launchTag() != null)
                .collect(Collectors.groupingBy(instance -> String.valueOf(instance.launchTag())));
        return byLaunch.values().stream()
                .flatMap(all -> {
                    List<ManagedInstance> kept = LaunchId.withoutSurplus(all);
                    return all.stream().filter(instance -> !kept.contains(instance));
                })
                .toList();
    }

    /** Returns by how much an instance that is alive has exceeded its lease; negative before the lease ends. */
    private static Duration overrun(ManagedInstance instance, Instant now) {
        return Duration.between(Objects.requireNonNull(instance.lease()), now);
    }

    private static boolean isAbandoned(ManagedSpotRequest request, Instant now) {
        return Duration.between(request.createTime(), now).compareTo(ABANDONED_AFTER) >= 0
                || (request.lease() != null && !now.isBefore(request.lease()));
    }
}
