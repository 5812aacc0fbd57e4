package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Fleet;
import io.github.spotspec.local.ec2.Fleet.TemplateAndOverrides;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.wire.AwsError;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The launches of one instant fleet. It tries the pools in the order of the allocation strategy until the target is
 * reached, and records why a pool gave nothing, or too little. A pool that it does not need is not tried and has no
 * error.
 *
 * <p>AWS does not publish how it measures the capacity of a pool. Here it is the number of instances that the pool can
 * still run.
 */
final class FleetLaunch {
    private final ApiCall call;
    private final FleetRequest request;
    private final Ec2State state;
    private final Ec2Launches runInstances;
    private final Faults faults;
    private final InstantSource clock;
    private final List<Fleet.Launch> launches = new ArrayList<>();
    private final List<Fleet.Failure> failures = new ArrayList<>();

    /**
     * A source and the pool from which it launches.
     *
     * @param spec a launch of one instance, or null if it cannot be launched
     * @param failure why it cannot be launched
     * @param price the price of the pool, or null if there is none
     * @param room how many more instances the pool can run
     */
    private record Candidate(
            TemplateAndOverrides source,
            @Nullable LaunchSpecification spec,
            @Nullable AwsError failure,
            @Nullable BigDecimal price,
            int room) {}

    private record Planned(Candidate candidate, LaunchSpecification spec, int count) {}

    /** @param call the call with the condition keys of a fleet's RunInstances */
    FleetLaunch(
            ApiCall call,
            FleetRequest request,
            Ec2State state,
            Ec2Launches runInstances,
            Faults faults,
            InstantSource clock) {
        this.call = call;
        this.request = request;
        this.state = state;
        this.runInstances = runInstances;
        this.faults = faults;
        this.clock = clock;
    }

    List<Fleet.Launch> launches() {
        return launches;
    }

    List<Fleet.Failure> failures() {
        return failures;
    }

    void launchOnDemand() {
        List<Candidate> ranked = new ArrayList<>(candidates(false));
        ranked.sort(byPrice());
        launch(ranked, false, request.onDemand(), 0);
    }

    void launchSpot() {
        List<Candidate> ranked = new ArrayList<>(candidates(true));
        ranked.sort(order(ranked));
        launch(single(ranked), true, request.spot(), request.spotOptions().minTarget());
    }

    private List<Candidate> candidates(boolean spot) {
        return request.sources().stream().map(source -> candidate(source, spot)).toList();
    }

    private Candidate candidate(TemplateAndOverrides source, boolean spot) {
        try {
            LaunchSpecification spec = specification(source, spot, 1);
            SpotMarket.Pool pool = runInstances.pool(spec);
            if (pool == null) {
                throw new AwsError(
                        400,
                        "InvalidFleetConfiguration",
                        "Your requested instance type (" + spec.type()
                                + ") is not supported in your requested Availability Zone ("
                                + spec.subnet().zone() + ").");
            }
            BigDecimal price = spot
                    ? state.market().at(pool, clock.instant()).price()
                    : state.market().onDemand(spec.region(), pool.type());
            return new Candidate(
                    source, spec, null, price, Math.max(0, state.instances().room(spec)));
        } catch (AwsError e) {
            if (e.isUnknown()) {
                throw e;
            }
            return new Candidate(source, null, e, null, -1);
        }
    }

    private LaunchSpecification specification(TemplateAndOverrides source, boolean spot, int count) {
        Params params = request.use(source, spot, count).parameters();
        LaunchSpecification spec = runInstances.specification(call.region(), params);
        params.refuseUnread("ec2:RunInstances");
        return spec;
    }

    private static Comparator<Candidate> byPrice() {
        return Comparator.comparing(Candidate::price, Comparator.nullsLast(Comparator.naturalOrder()));
    }

    /**
     * Returns the order of the allocation strategy. The strategy {@code price-capacity-optimized} takes the cheapest of
     * the pools with the highest capacity. Here these are the pools with at least half the capacity of the deepest one.
     */
    private Comparator<Candidate> order(List<Candidate> candidates) {
        Comparator<Candidate> byRoom = Comparator.comparingInt(Candidate::room).reversed();
        int deepest = candidates.stream().mapToInt(Candidate::room).max().orElse(0);
        Comparator<Candidate> deepFirst =
                Comparator.comparing(candidate -> candidate.room() <= 0 || 2 * candidate.room() < deepest);
        return switch (request.spotOptions().strategy()) {
            case "capacity-optimized" -> byRoom;
            case "price-capacity-optimized" -> deepFirst.thenComparing(byPrice());
            default -> byPrice();
        };
    }

    /** Returns the candidates of the single type or zone that the call demands: the first with enough capacity. */
    private List<Candidate> single(List<Candidate> ranked) {
        FleetRequest.SpotOptions options = request.spotOptions();
        Map<List<String>, List<Candidate>> groups = new LinkedHashMap<>();
        for (Candidate candidate : ranked) {
            LaunchSpecification spec = candidate.spec();
            if (spec != null) {
                List<String> key = List.of(
                        options.singleType() ? spec.type() : "",
                        options.singleZone() ? spec.subnet().zone() : "");
                groups.computeIfAbsent(key, one -> new ArrayList<>()).add(candidate);
            }
        }
        if (groups.size() <= 1) {
            return ranked;
        }
        return groups.values().stream()
                .filter(group -> room(group) >= request.spot())
                .findFirst()
                .orElseGet(() -> groups.values().stream()
                        .max(Comparator.comparingInt(FleetLaunch::room))
                        .orElseThrow());
    }

    private static int room(List<Candidate> candidates) {
        return candidates.stream().mapToInt(Candidate::room).sum();
    }

    private void launch(List<Candidate> ranked, boolean spot, int target, int minTarget) {
        List<Planned> plan = new ArrayList<>();
        int planned = 0;
        int vcpus = state.instances().unusedVcpus(call.region(), spot);
        for (Candidate candidate : ranked) {
            int wanted = target - planned;
            if (wanted == 0) {
                break;
            }
            try {
                LaunchSpecification spec = check(candidate, spot);
                int each = Math.max(
                        1,
                        Objects.requireNonNull(Catalog.all().get(spec.type())).vcpus());
                int allowed = Math.max(0, vcpus / each);
                int count = Math.min(wanted, Math.min(candidate.room(), allowed));
                if (count < wanted) {
                    fail(
                            candidate,
                            spot,
                            allowed < candidate.room() ? InstanceStore.overQuota(spot) : noCapacity(spec));
                }
                if (count > 0) {
                    plan.add(new Planned(candidate, spec, count));
                    planned += count;
                    vcpus -= count * each;
                }
            } catch (AwsError e) {
                fail(candidate, spot, e);
            }
        }
        state.instances().atomically(() -> carryOut(plan, spot, minTarget));
    }

    private void carryOut(List<Planned> plan, boolean spot, int minTarget) {
        int possible = plan.stream()
                .mapToInt(one -> Math.min(one.count(), state.instances().room(one.spec())))
                .sum();
        if (possible < minTarget) {
            plan.forEach(one -> fail(one.candidate(), spot, unfulfillable()));
        } else {
            plan.forEach(one -> launch(one, spot));
        }
    }

    /** Returns the launch of a candidate, or fails as the fleet or its RunInstances would. */
    private LaunchSpecification check(Candidate candidate, boolean spot) {
        LaunchSpecification spec = candidate.spec();
        if (spec == null) {
            throw Objects.requireNonNull(candidate.failure());
        }
        // These strategies do not try pools without capacity.
        if (spot && candidate.room() == 0 && !request.spotOptions().strategy().equals("lowest-price")) {
            throw unfulfillable();
        }
        if (faults.faultFor(Faults.FLEET_LAUNCH, call.region()) instanceof Faults.Fault.ErrorResponse error) {
            throw new AwsError(error.status(), error.code(), error.message());
        }
        runInstances.prepare(call, spec, request.use(candidate.source(), spot, 1));
        runInstances.requireSufficientPrice(spec);
        return spec;
    }

    private void launch(Planned planned, boolean spot) {
        TemplateAndOverrides source = planned.candidate().source();
        LaunchSpecification spec = specification(source, spot, planned.count());
        try {
            List<Instance> launched = runInstances.run(spec, "", request.use(source, spot, planned.count()));
            launches.add(new Fleet.Launch(source, spot, launched));
            if (launched.size() < planned.count()) {
                fail(planned.candidate(), spot, noCapacity(spec));
            }
        } catch (AwsError e) {
            // Another call has used the capacity in the meantime.
            fail(planned.candidate(), spot, e);
        }
    }

    private void fail(Candidate candidate, boolean spot, AwsError error) {
        if (error.isUnknown()) {
            throw error;
        }
        failures.add(new Fleet.Failure(candidate.source(), spot, error.code(), error.message()));
    }

    private static AwsError noCapacity(LaunchSpecification spec) {
        return new AwsError(
                400,
                "InsufficientInstanceCapacity",
                spec.isSpot()
                        ? "There is no Spot capacity available that matches your request."
                        : "We currently do not have sufficient " + spec.type()
                                + " capacity in the Availability Zone you requested ("
                                + spec.subnet().zone() + ").");
    }

    private static AwsError unfulfillable() {
        return new AwsError(
                400,
                "UnfulfillableCapacity",
                "Unable to fulfill capacity due to your request configuration. Please adjust your request and try"
                        + " again.");
    }
}
