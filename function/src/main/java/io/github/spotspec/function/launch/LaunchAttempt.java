package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.launch.Launcher.LaunchContext;
import io.github.spotspec.function.launch.MaxPrice.Offer;
import io.github.spotspec.function.runtime.CallBudget;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/**
 * Carries out one launch by trying the ranked pools in order, or by letting EC2 Fleet choose among the pools of each
 * region; see {@link FleetLaunch}. It stops when the requested number of instances has been launched, or when the
 * request's time or call budget is used up. A launch that has launched at least one instance always returns an answer,
 * so no instance is lost. Not thread-safe; create one attempt per launch.
 *
 * <p>Every call carries a client token that only this launch uses, and a repeated call carries the same token. EC2
 * answers a repeated token with the instances that it launched before in that zone. EC2 rejects the call if its other
 * parameters differ from the first call's. In that case the same launch was tried before, or runs at the same time, and
 * its result is the instances that carry its launch tag. EC2 also remembers the tokens of failed calls, although AWS
 * does not document this. In that case no instance carries the tag, and the launch continues with the pool's next
 * token. A launch that is repeated with its key until there is capacity uses one token more in each try.
 */
final class LaunchAttempt {
    private static final int MAX_RETRIES = 4;
    private static final String SPOT = "spot";
    private static final String ON_DEMAND = "on-demand";
    private static final String NO_FREE_ADDRESSES = "InsufficientFreeAddressesInSubnet";

    private final Launch launch;
    private final LaunchId id;
    private final RunInstancesFactory request;
    private final List<CapacityPool> pools;
    private final List<FleetRounds.Round> rounds;
    private final Ec2Clients ec2;
    private final UnavailablePools unavailable;
    private final MaxPrice maxPrice;
    private final LaunchRateLimiter rate;
    private final UsedClientTokens usedTokens;
    private final InstantSource clock;
    private final LaunchContext context;

    private final LaunchTimer pace;
    private final LaunchedInstances launched;
    private final FleetLaunch fleets;
    private final List<Map<String, Object>> attempts = new ArrayList<>();
    private final List<CapacityPool> poolsWithoutCapacity = new ArrayList<>();
    private final Set<Offer> incompatibleTypes = new HashSet<>();
    private final Set<String> incompatibleZones = new HashSet<>();
    private final Set<String> incompatibleRegions = new HashSet<>();
    private final Set<TypeInZone> fullSubnets = new HashSet<>();
    private final List<ServiceException> incompatible = new ArrayList<>();
    private boolean priceTooLow;
    private boolean finished;
    private int untried;

    /** A capacity pool, whatever its subnet. */
    private record TypeInZone(String type, String zone) {
        static TypeInZone of(CapacityPool pool) {
            return new TypeInZone(pool.type(), pool.zone());
        }
    }

    /** The pools of a launch, and the fleets that launch in them if the allocation strategy uses fleets. */
    record Plan(List<CapacityPool> pools, List<FleetRounds.Round> rounds) {}

    LaunchAttempt(
            Launch launch,
            LaunchId id,
            Plan plan,
            RunInstancesFactory request,
            MaxPrice maxPrice,
            Launcher.Sources sources,
            InstantSource clock,
            LaunchContext context) {
        this.launch = launch;
        this.id = id;
        this.request = request;
        this.pools = plan.pools();
        this.rounds = plan.rounds();
        this.ec2 = sources.ec2();
        this.unavailable = sources.unavailablePools();
        this.maxPrice = maxPrice;
        this.rate = sources.rate();
        this.usedTokens = sources.usedTokens();
        this.clock = clock;
        this.context = context;
        this.pace = new LaunchTimer(context.callContext(), clock);
        this.launched = new LaunchedInstances(launch, id, sources.inventory(), context.callContext(), pace);
        this.fleets = new FleetLaunch(
                launch,
                id,
                new FleetRequestFactory(launch, id, request, maxPrice),
                sources,
                context.callContext(),
                pace,
                launched);
    }

    List<ManagedInstance> instances() {
        return launched.all();
    }

    List<Map<String, Object>> attempts() {
        return List.copyOf(attempts);
    }

    /**
     * Checks with EC2 dry runs whether the launch would succeed.
     *
     * @throws ServiceException if it would fail
     */
    void dryRun() {
        for (CapacityPool pool : pools) {
            // EC2's dry runs do not check the maximum price.
            if (isIncompatible(pool) || isAbovePrice(pool)) {
                continue;
            }
            switch (call(pool, request.spot(pool, launch.count()).dryRun(true).build())) {
                case RunInstancesOutcome.DryRunSucceeded succeeded -> {
                    return;
                }
                case RunInstancesOutcome.NoCapacity none -> recordAttempt(pool, SPOT, none.code(), none.message());
                case RunInstancesOutcome.Incompatible incompatiblePool -> skip(pool, incompatiblePool, SPOT);
                case RunInstancesOutcome.Rejected rejected -> throw rejected.exception();
                case RunInstancesOutcome.Unknown unknown -> throw unknown.exception();
                case RunInstancesOutcome other ->
                    throw new IllegalStateException("unexpected outcome of a dry run: " + other.getClass());
            }
        }
        throw noCapacity();
    }

    /**
     * Launches the instances.
     *
     * @throws ServiceException if EC2 launched no instance
     */
    void launch() {
        if (launch.pools().allocation().usesFleets()) {
            tryFleets();
        } else {
            tryPools();
        }
        if (launch.market().onDemandFallback()) {
            fallBack();
        }
        if (launched.isEmpty()) {
            throw whyNothingLaunched();
        }
    }

    private void tryPools() {
        for (CapacityPool pool : pools) {
            if (isDone()) {
                untried++;
            } else if (isUsable(pool)) {
                tryPool(pool, SPOT, request.spot(pool, launched.remaining()));
            }
        }
    }

    private void tryFleets() {
        for (FleetRounds.Round round : rounds) {
            List<CapacityPool> usable = round.pools().stream()
                    .filter(this::isUsable)
                    .filter(pool -> !round.spareSubnets() || fullSubnets.contains(TypeInZone.of(pool)))
                    .toList();
            if (isDone()) {
                untried += usable.size();
            } else if (!usable.isEmpty()) {
                record(fleets.launch(round.withPools(usable), launched.remaining()));
            }
        }
    }

    private boolean isUsable(CapacityPool pool) {
        return !isIncompatible(pool) && !(priceTooLow && isAbovePrice(pool));
    }

    /** Records the outcome of a fleet. First what it launched, so that no failure loses it. */
    private void record(FleetLaunch.Result result) {
        finished |= result.isOfEarlierRun();
        for (FleetLaunch.PoolOutcome one : result.pools()) {
            if (one.outcome() instanceof RunInstancesOutcome.Launched some) {
                launched.add(some.instances());
                recordAttempt(
                        one.pool(),
                        SPOT,
                        "launched " + some.instances().size(),
                        result.isOfEarlierRun()
                                ? "Another run of the same launch launched these instances."
                                : "EC2 Fleet chose this pool.");
            }
        }
        for (FleetLaunch.PoolOutcome one : result.pools()) {
            if (one.outcome() instanceof RunInstancesOutcome.NoCapacity none
                    && none.code().equals(NO_FREE_ADDRESSES)) {
                fullSubnets.add(TypeInZone.of(one.pool()));
            }
            if (!(one.outcome() instanceof RunInstancesOutcome.Launched) && !finished) {
                record(one.pool(), SPOT, one.outcome());
            }
        }
    }

    /**
     * Tries On-Demand Instances in the pools that had no spot capacity, and in no other pools. A pool that failed for
     * another reason is skipped, because the launch would pay the full on-demand price there.
     */
    private void fallBack() {
        for (CapacityPool pool : List.copyOf(poolsWithoutCapacity)) {
            if (isDone()) {
                untried++;
                continue;
            }
            if (isIncompatible(pool)) {
                continue;
            }
            try {
                if (!maxPrice.allowsOnDemand(pool)) {
                    recordAttempt(
                            pool,
                            ON_DEMAND,
                            "AboveMaxPrice",
                            "The on-demand price is unknown or above the maximum price.");
                    continue;
                }
            } catch (ServiceException unpriced) {
                recordFailure(pool, ON_DEMAND, unpriced);
                stop(unpriced);
                return;
            }
            tryPool(pool, ON_DEMAND, request.onDemand(pool, launched.remaining()));
        }
    }

    private boolean isDone() {
        return launched.remaining() == 0 || finished || pace.isTooLate();
    }

    /** Tries one pool. */
    private void tryPool(CapacityPool pool, String market, RunInstancesRequest.Builder call) {
        record(pool, market, callUntilKnown(pool, market, call));
    }

    private void record(CapacityPool pool, String market, RunInstancesOutcome outcome) {
        switch (outcome) {
            case RunInstancesOutcome.Launched found -> {
                launched.add(found.instances());
                int count = found.instances().size();
                recordAttempt(
                        pool,
                        market,
                        "launched " + count,
                        launched.remaining() > 0
                                ? "EC2 launched as many instances as this pool has capacity for."
                                : "EC2 launched all instances that were asked for.");
                if (launched.remaining() > 0) {
                    // EC2 launched as many instances as the pool has capacity for, so the pool has no more.
                    markUnavailable(pool);
                }
            }
            case RunInstancesOutcome.NoCapacity none -> {
                recordAttempt(pool, market, none.code(), none.message());
                markUnavailable(pool);
            }
            case RunInstancesOutcome.Incompatible incompatiblePool -> skip(pool, incompatiblePool, market);
            case RunInstancesOutcome.InstancesTerminated ended -> {
                recordFailure(pool, market, Launcher.ended());
                stop(Launcher.ended());
            }
            case RunInstancesOutcome.Rejected rejected -> {
                recordFailure(pool, market, rejected.exception());
                stop(rejected.exception());
            }
            case RunInstancesOutcome.Unknown unknown -> {
                recordFailure(pool, market, unknown.exception());
                stop(unknown.exception());
            }
            case RunInstancesOutcome other ->
                throw new IllegalStateException("unexpected outcome of a launch: " + other.getClass());
        }
    }

    private void markUnavailable(CapacityPool pool) {
        poolsWithoutCapacity.add(pool);
        unavailable.add(pool.type(), pool.zone(), clock.instant());
    }

    private void skip(CapacityPool pool, RunInstancesOutcome.Incompatible incompatiblePool, String market) {
        recordAttempt(pool, market, incompatiblePool.code(), incompatiblePool.message());
        incompatible.add(incompatiblePool.exception());
        priceTooLow |= incompatiblePool.exception().errorCode() == ErrorCode.PRICE_BELOW_SPOT;
        switch (incompatiblePool.part()) {
            case TYPE -> incompatibleTypes.add(Offer.of(pool));
            case ZONE -> incompatibleZones.add(pool.zone());
            case REGION -> incompatibleRegions.add(pool.region());
            case POOL -> {}
        }
    }

    private boolean isIncompatible(CapacityPool pool) {
        return incompatibleTypes.contains(Offer.of(pool))
                || incompatibleZones.contains(pool.zone())
                || incompatibleRegions.contains(pool.region());
    }

    /**
     * Returns whether a pool's spot price is above the maximum price. EC2's price may have changed within the last
     * minute.
     */
    private boolean isAbovePrice(CapacityPool pool) {
        BigDecimal most = maxPrice.spot(pool);
        return most != null && pool.price() != null && pool.price().compareTo(most) > 0;
    }

    /**
     * Calls RunInstances, repeats the call while its outcome is unknown, and continues with the next client token if
     * one was used before.
     */
    private RunInstancesOutcome callUntilKnown(CapacityPool pool, String market, RunInstancesRequest.Builder call) {
        try {
            return callWithRetries(pool, market, call);
        } catch (ServiceException why) {
            // Checking what was launched may fail, too. That must not lose the instances that were launched before.
            return new RunInstancesOutcome.Rejected(why);
        }
    }

    private RunInstancesOutcome callWithRetries(CapacityPool pool, String market, RunInstancesRequest.Builder call) {
        int repeats = 0;
        String firstToken = id.clientToken(market, pool, 0);
        int token = usedTokens.next(firstToken);
        while (true) {
            RunInstancesOutcome outcome = call(
                    pool, call.clientToken(id.clientToken(market, pool, token)).build());
            if (outcome instanceof RunInstancesOutcome.Unknown && repeats < MAX_RETRIES && !pace.isTooLate()) {
                pace.pause(repeats++);
            } else if (outcome instanceof RunInstancesOutcome.Unknown) {
                // Last resort: if the call did launch instances, they carry the launch tag.
                List<ManagedInstance> found = launched.findNewByTag();
                return found.isEmpty() ? outcome : new RunInstancesOutcome.Launched(found);
            } else if (outcome instanceof RunInstancesOutcome.ClientTokenConflict) {
                List<ManagedInstance> found = launched.findAfterTokenConflict();
                if (!found.isEmpty()) {
                    finished = true;
                    return new RunInstancesOutcome.Launched(Launcher.requireSameLaunch(found, id));
                }
                usedTokens.add(firstToken, token++);
                if (pace.isTooLate()) {
                    return new RunInstancesOutcome.Unknown(new ServiceException(
                            ErrorCode.TIMED_OUT,
                            "The request timed out while it skipped earlier tries of this launch; the same request"
                                    + " continues from there."));
                }
            } else {
                return outcome;
            }
        }
    }

    /** Calls RunInstances, and repeats the call while it fails because EC2 does not see a new resource yet. */
    private RunInstancesOutcome call(CapacityPool pool, RunInstancesRequest call) {
        for (int i = 0; ; i++) {
            RunInstancesOutcome outcome = callOnce(pool, call);
            boolean again = outcome instanceof RunInstancesOutcome.Rejected rejected && rejected.isRetryable();
            if (!again || pace.isTooLate() || !pace.isPropagating()) {
                return outcome;
            }
            pace.pause(i);
        }
    }

    private RunInstancesOutcome callOnce(CapacityPool pool, RunInstancesRequest call) {
        Duration wait = rate.reserve(pool.region(), clock.instant());
        if (!wait.isZero()) {
            context.callContext().deadline().sleep(wait);
        }
        try {
            return new RunInstancesOutcome.Launched(ec2
                    .onceIn(pool.region())
                    .runInstances(call.toBuilder()
                            .overrideConfiguration(pace.operatorOfLaunchCall()::authorize)
                            .build())
                    .instances()
                    .stream()
                    .map(instance -> Inventory.managed(pool.region(), instance))
                    .toList());
        } catch (SdkException e) {
            return RunInstancesOutcome.of(
                    RunInstancesOutcome.RUN_INSTANCES, pool, launch.regions().size() == 1, e);
        }
    }

    /** Returns why nothing was launched. The call budget or the time may have run out before all pools were tried. */
    private ServiceException whyNothingLaunched() {
        if (context.callContext().callBudget().isLow()) {
            return CallBudget.exhausted();
        }
        return untried > 0
                ? new ServiceException(
                        ErrorCode.TIMED_OUT,
                        "The request timed out before a pool with capacity was found; " + attempts.size() + " of "
                                + (attempts.size() + untried) + " attempts failed.")
                : noCapacity();
    }

    /**
     * Returns why no pool launched anything. If all pools failed for the same reason, and that reason is not a lack of
     * capacity, returns that reason.
     */
    private ServiceException noCapacity() {
        List<ErrorCode> reasons = incompatible.stream()
                .map(ServiceException::errorCode)
                .distinct()
                .toList();
        boolean all = incompatible.size() == attempts.size();
        if (attempts.isEmpty() || (all && reasons.equals(List.of(ErrorCode.PRICE_BELOW_SPOT)))) {
            return LaunchFailures.priceBelowSpot(
                    launch, maxPrice, pools.stream().filter(this::isAbovePrice).toList());
        }
        if (all && reasons.size() == 1 && reasons.getFirst() != ErrorCode.NO_CAPACITY) {
            return incompatible.getFirst();
        }
        return LaunchFailures.noCapacity(
                attempts, launch.market().maxPrice() != null && pools.stream().anyMatch(this::isAbovePrice));
    }

    /** Stops the launch and keeps what it launched, or throws {@code why} if it launched nothing. */
    private void stop(ServiceException why) {
        if (launched.isEmpty()) {
            throw why;
        }
        finished = true;
    }

    private void recordFailure(CapacityPool pool, String market, ServiceException why) {
        recordAttempt(pool, market, why.errorCode().code(), why.details());
    }

    /** Records the outcome of a pool: as a code for programs, and as a sentence for people. */
    private void recordAttempt(CapacityPool pool, String market, String result, String reason) {
        Map<String, Object> attempt = new LinkedHashMap<>();
        attempt.put("Region", pool.region());
        attempt.put("InstanceType", pool.type());
        attempt.put("AvailabilityZone", pool.zone());
        if (pool.zoneId() != null) {
            attempt.put("AvailabilityZoneId", pool.zoneId());
        }
        attempt.put("Market", market);
        attempt.put("Result", result);
        attempt.put("Reason", reason);
        attempts.add(attempt);
    }
}
