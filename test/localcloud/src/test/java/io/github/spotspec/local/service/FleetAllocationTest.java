package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.FleetCalls.REGION;
import static io.github.spotspec.local.service.FleetCalls.codeOf;
import static io.github.spotspec.local.service.FleetCalls.counts;
import static io.github.spotspec.local.service.FleetCalls.errors;
import static io.github.spotspec.local.service.FleetCalls.fleet;
import static io.github.spotspec.local.service.FleetCalls.override;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.local.wire.SignedRequest;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.SpotOptionsRequest;

/** Tests from which pools a fleet launches. */
final class FleetAllocationTest {
    private static final String TYPE = "m7g.large";

    private final FleetCalls calls = new FleetCalls();

    /** The zones of the type, from the cheapest to the most expensive. */
    private final List<String> zones = calls.cloud.zones(REGION, TYPE).stream()
            .sorted(Comparator.comparing(zone -> price(TYPE, zone)))
            .toList();

    @BeforeEach
    void createTemplate() {
        calls.template();
    }

    private BigDecimal price(String type, String zone) {
        return calls.cloud
                .market
                .at(
                        Objects.requireNonNull(calls.cloud.market.pool(REGION, type, zone, "Linux/UNIX")),
                        SignedRequest.NOW)
                .price();
    }

    private FleetLaunchTemplateOverridesRequest.Builder[] everyZone() {
        return zones.stream()
                .map(zone -> override(TYPE, zone))
                .toArray(FleetLaunchTemplateOverridesRequest.Builder[]::new);
    }

    private CreateFleetResponse create(
            int target, String strategy, FleetLaunchTemplateOverridesRequest.Builder... overrides) {
        return create(target, spot -> spot.allocationStrategy(strategy), overrides);
    }

    private CreateFleetResponse create(
            int target,
            Consumer<SpotOptionsRequest.Builder> options,
            FleetLaunchTemplateOverridesRequest.Builder... overrides) {
        return calls.create(fleet(target, overrides).spotOptions(options));
    }

    private void room(String zone, int room) {
        calls.cloud.capacity.setSpot(TYPE, zone, room);
    }

    @Test
    void lowestPriceTakesPoolsByPrice() {
        room(zones.get(0), 2);

        CreateFleetResponse answer = create(5, "lowest-price", everyZone());

        assertEquals(Map.of(TYPE + " " + zones.get(0), 2, TYPE + " " + zones.get(1), 3), counts(answer));
        assertEquals(List.of(TYPE + " " + zones.get(0) + " InsufficientInstanceCapacity"), errors(answer));
    }

    @Test
    void lowestPriceIsTheDefault() {
        CreateFleetResponse answer = calls.create(fleet(1, everyZone()));

        assertEquals(Map.of(TYPE + " " + zones.getFirst(), 1), counts(answer));
    }

    @Test
    void lowestPriceTriesEmptyPools() {
        room(zones.get(0), 0);

        CreateFleetResponse answer = create(1, "lowest-price", everyZone());

        assertEquals(Map.of(TYPE + " " + zones.get(1), 1), counts(answer));
        assertEquals(List.of(TYPE + " " + zones.get(0) + " InsufficientInstanceCapacity"), errors(answer));
    }

    @Test
    void capacityOptimizedTakesDeepestPool() {
        String expensive = zones.getLast();
        room(expensive, 51);

        CreateFleetResponse answer = create(3, "capacity-optimized", everyZone());

        assertEquals(Map.of(TYPE + " " + expensive, 3), counts(answer));
        assertEquals(List.of(), errors(answer));
    }

    @Test
    void priceCapacityOptimizedTakesCheapestOfDeepPools() {
        // The cheapest pool has some capacity, and the most expensive one the most.
        room(zones.get(0), 20);
        room(zones.getLast(), 60);

        CreateFleetResponse answer = create(3, "price-capacity-optimized", everyZone());

        assertEquals(Map.of(TYPE + " " + zones.get(1), 3), counts(answer));
        assertEquals(List.of(), errors(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"capacity-optimized", "price-capacity-optimized"})
    void capacityStrategiesDoNotTryEmptyPools(String strategy) {
        zones.forEach(zone -> room(zone, 0));
        room(zones.get(1), 2);

        CreateFleetResponse answer = create(3, strategy, everyZone());

        assertEquals(Map.of(TYPE + " " + zones.get(1), 2), counts(answer));
        List<String> errors = errors(answer);
        assertEquals(zones.size(), errors.size());
        assertEquals(
                1,
                errors.stream()
                        .filter((TYPE + " " + zones.get(1) + " InsufficientInstanceCapacity")::equals)
                        .count());
        assertEquals(
                zones.size() - 1,
                errors.stream()
                        .filter(error -> error.endsWith(" UnfulfillableCapacity"))
                        .count());
    }

    @Test
    void countsRunningInstances() {
        zones.forEach(zone -> room(zone, 5));
        String first = counts(create(2, "capacity-optimized", everyZone()))
                .keySet()
                .iterator()
                .next();
        String second = counts(create(1, "capacity-optimized", everyZone()))
                .keySet()
                .iterator()
                .next();

        assertEquals(List.of(TYPE + " " + zones.get(0), TYPE + " " + zones.get(1)), List.of(first, second));
    }

    @Test
    void maxPriceExcludesPool() {
        BigDecimal below = price(TYPE, zones.getFirst()).subtract(new BigDecimal("0.000001"));

        CreateFleetResponse answer = create(
                1,
                "lowest-price",
                override(TYPE, zones.get(0)).maxPrice(below.toPlainString()),
                override(TYPE, zones.get(1)));

        assertEquals(Map.of(TYPE + " " + zones.get(1), 1), counts(answer));
        assertEquals(List.of(TYPE + " " + zones.get(0) + " SpotMaxPriceTooLow"), errors(answer));
    }

    @Test
    void singleZoneLaunchesInOneZone() {
        room(zones.get(0), 2);
        room(zones.get(1), 3);

        assertEquals(
                Map.of(TYPE + " " + zones.get(1), 3),
                counts(create(
                        3, spot -> spot.allocationStrategy("lowest-price").singleAvailabilityZone(true), everyZone())));
    }

    @Test
    void singleTypeLaunchesOneType() {
        String zone = calls.cloud.zones(REGION, "m6g.large").stream()
                .filter(zones::contains)
                .findFirst()
                .orElseThrow();
        calls.cloud.capacity.setSpot(TYPE, zone, 2);
        calls.cloud.capacity.setSpot("m6g.large", zone, 2);

        CreateFleetResponse answer = create(
                4,
                spot -> spot.allocationStrategy("lowest-price").singleInstanceType(true),
                override(TYPE, zone),
                override("m6g.large", zone));

        assertEquals(List.of(2), List.copyOf(counts(answer).values()));
    }

    @Test
    void launchesNothingBelowMinTarget() {
        zones.forEach(zone -> room(zone, 2));
        Consumer<SpotOptionsRequest.Builder> single =
                spot -> spot.allocationStrategy("lowest-price").singleAvailabilityZone(true);

        CreateFleetResponse none = create(4, single.andThen(spot -> spot.minTargetCapacity(3)), everyZone());
        CreateFleetResponse two = create(4, single.andThen(spot -> spot.minTargetCapacity(2)), everyZone());

        assertEquals(Map.of(), counts(none));
        assertEquals(
                List.of(
                        TYPE + " " + zones.get(0) + " InsufficientInstanceCapacity",
                        TYPE + " " + zones.get(0) + " UnfulfillableCapacity"),
                errors(none));
        assertEquals(Map.of(TYPE + " " + zones.get(0), 2), counts(two));
    }

    @Test
    void minTargetNeedsSingleTypeOrZone() {
        assertEquals(
                "InvalidParameterCombination", codeOf(() -> create(2, spot -> spot.minTargetCapacity(1), everyZone())));
    }

    @Test
    void quotaLimitsSpotInstances() {
        // A large instance has two virtual CPUs.
        calls.cloud.capacity.setQuotas(7, 100);

        CreateFleetResponse three = create(5, "price-capacity-optimized", everyZone());
        CreateFleetResponse none = create(1, "price-capacity-optimized", override(TYPE, zones.getFirst()));

        assertEquals(List.of(3), List.copyOf(counts(three).values()));
        assertEquals(
                TYPE + " " + zones.getFirst() + " MaxSpotInstanceCountExceeded",
                errors(three).getFirst());
        assertEquals(List.of(TYPE + " " + zones.getFirst() + " MaxSpotInstanceCountExceeded"), errors(none));
    }

    @Test
    void launchesOnDemandInstancesFirst() {
        CreateFleetRequest.Builder request = fleet(3, override(TYPE, zones.get(1)))
                .targetCapacitySpecification(capacity -> capacity.totalTargetCapacity(3)
                        .onDemandTargetCapacity(1)
                        .defaultTargetCapacityType("spot"));

        CreateFleetResponse answer = calls.create(request);

        assertEquals(
                List.of("on-demand 1", "spot 2"),
                answer.instances().stream()
                        .map(launched -> launched.lifecycleAsString() + " "
                                + launched.instanceIds().size())
                        .toList());
    }

    @Test
    void quotaLimitsOnDemandInstances() {
        calls.cloud.capacity.setQuotas(100, 2);

        CreateFleetResponse answer = calls.create(fleet(2, override(TYPE, zones.get(0)))
                .targetCapacitySpecification(
                        capacity -> capacity.totalTargetCapacity(2).defaultTargetCapacityType("on-demand")));

        assertEquals(List.of(1), List.copyOf(counts(answer).values()));
        assertEquals(List.of(TYPE + " " + zones.get(0) + " VcpuLimitExceeded"), errors(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"diversified", "capacity-optimized-prioritized"})
    void rejectsStrategiesItDoesNotKnow(String strategy) {
        assertEquals("NotInLocalCloud", codeOf(() -> create(1, strategy, everyZone())));
    }
}
