package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.launch.Launcher.LaunchContext;
import io.github.spotspec.function.launch.MaxPrice.Offer;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.Operator;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
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
 * Carries out one launch by trying the ranked pools in order. It stops when the requested number of instances has been
 * launched, or when the request's time or call budget is used up. A launch that has launched at least one instance
 * always returns an answer, so no instance is lost. Not thread-safe; create one attempt per launch.
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
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /**
     * How long a launch waits until EC2 sees an instance profile that IAM has just created. Measured: up to ten
     * seconds.
     */
    private static final Duration PROPAGATION = Duration.ofSeconds(10);

    /**
     * The minimum time for another launch call. EC2 takes a second or two, and an abandoned call may launch instances
     * that nobody reports.
     */
    private static final Duration MIN_TIME_TO_LAUNCH = Duration.ofSeconds(5);

    /** The time that a launch call leaves unused, so that the launch can still check the call's outcome. */
    private static final Duration RESERVED_FOR_CHECK = Duration.ofSeconds(1);

    private final Launch launch;
    private final LaunchId id;
    private final RunInstancesFactory request;
    private final List<CapacityPool> pools;
    private final Ec2Regions ec2;
    private final Inventory inventory;
    private final UnavailablePools unavailable;
    private final MaxPrice maxPrice;
    private final LaunchRate rate;
    private final UsedClientTokens usedTokens;
    private final InstantSource clock;
    private final LaunchContext context;

    private final Instant startedAt;
    private final Map<String, ManagedInstance> launched = new LinkedHashMap<>();
    private final List<Map<String, Object>> attempts = new ArrayList<>();
    private final List<CapacityPool> poolsWithoutCapacity = new ArrayList<>();
    private final Set<Offer> incompatibleTypes = new HashSet<>();
    private final Set<String> incompatibleZones = new HashSet<>();
    private final Set<String> incompatibleRegions = new HashSet<>();
    private final List<ServiceException> incompatible = new ArrayList<>();
    private boolean priceTooLow;
    private boolean finished;
    private int untried;

    LaunchAttempt(
            Launch launch,
            LaunchId id,
            List<CapacityPool> pools,
            RunInstancesFactory request,
            MaxPrice maxPrice,
            Launcher.Sources sources,
            InstantSource clock,
            LaunchContext context) {
        this.launch = launch;
        this.id = id;
        this.request = request;
        this.pools = pools;
        this.ec2 = sources.ec2();
        this.inventory = sources.inventory();
        this.unavailable = sources.unavailablePools();
        this.maxPrice = maxPrice;
        this.rate = sources.rate();
        this.usedTokens = sources.usedTokens();
        this.clock = clock;
        this.context = context;
        this.startedAt = clock.instant();
    }

    List<ManagedInstance> instances() {
        return List.copyOf(launched.values());
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
                case RunInstancesOutcome.NoCapacity none -> recordAttempt(pool, SPOT, none.code(), none.words());
                case RunInstancesOutcome.Incompatible incompatiblePool -> skip(pool, incompatiblePool, SPOT);
                case RunInstancesOutcome.Rejected rejected -> throw rejected.why();
                case RunInstancesOutcome.Unknown unknown -> throw unknown.why();
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
        for (CapacityPool pool : pools) {
            if (isDone()) {
                untried++;
            } else if (!isIncompatible(pool) && !(priceTooLow && isAbovePrice(pool))) {
                tryPool(pool, SPOT, request.spot(pool, remaining()));
            }
        }
        if (launch.market().onDemandFallback()) {
            fallBack();
        }
        if (launched.isEmpty()) {
            throw whyNothingLaunched();
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
            tryPool(pool, ON_DEMAND, request.onDemand(pool, remaining()));
        }
    }

    private boolean isDone() {
        return remaining() == 0 || finished || isTooLate();
    }

    /** Tries one pool. */
    private void tryPool(CapacityPool pool, String market, RunInstancesRequest.Builder call) {
        RunInstancesOutcome outcome = callUntilKnown(pool, market, call);
        switch (outcome) {
            case RunInstancesOutcome.Launched found -> {
                found.instances().forEach(instance -> launched.put(instance.id(), instance));
                int count = found.instances().size();
                recordAttempt(
                        pool,
                        market,
                        "launched " + count,
                        remaining() > 0
                                ? "EC2 launched as many instances as this pool has capacity for."
                                : "EC2 launched all instances that were asked for.");
                if (remaining() > 0) {
                    // EC2 launched as many instances as the pool has capacity for, so the pool has no more.
                    markUnavailable(pool);
                }
            }
            case RunInstancesOutcome.NoCapacity none -> {
                recordAttempt(pool, market, none.code(), none.words());
                markUnavailable(pool);
            }
            case RunInstancesOutcome.Incompatible incompatiblePool -> skip(pool, incompatiblePool, market);
            case RunInstancesOutcome.InstancesTerminated ended -> {
                recordFailure(pool, market, Launcher.ended());
                stop(Launcher.ended());
            }
            case RunInstancesOutcome.Rejected rejected -> {
                recordFailure(pool, market, rejected.why());
                stop(rejected.why());
            }
            case RunInstancesOutcome.Unknown unknown -> {
                recordFailure(pool, market, unknown.why());
                stop(unknown.why());
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
        recordAttempt(pool, market, incompatiblePool.code(), incompatiblePool.words());
        incompatible.add(incompatiblePool.why());
        priceTooLow |= incompatiblePool.why().errorCode() == ErrorCode.PRICE_BELOW_SPOT;
        switch (incompatiblePool.what()) {
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
            if (outcome instanceof RunInstancesOutcome.Unknown && repeats < MAX_RETRIES && !isTooLate()) {
                pause(repeats++);
            } else if (outcome instanceof RunInstancesOutcome.Unknown) {
                // Last resort: if the call did launch instances, they carry the launch tag.
                List<ManagedInstance> found = findNewByTag();
                return found.isEmpty() ? outcome : new RunInstancesOutcome.Launched(found);
            } else if (outcome instanceof RunInstancesOutcome.ClientTokenConflict) {
                List<ManagedInstance> found = id.isCallersOwn() ? awaitByTag() : findNewByTag();
                if (!found.isEmpty()) {
                    finished = true;
                    return new RunInstancesOutcome.Launched(Launcher.requireSameLaunch(found, id));
                }
                usedTokens.add(firstToken, token++);
                if (isTooLate()) {
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
            boolean again = outcome instanceof RunInstancesOutcome.Rejected rejected && rejected.mayPassSoon();
            if (!again || isTooLate() || clock.instant().isAfter(startedAt.plus(PROPAGATION))) {
                return outcome;
            }
            pause(i);
        }
    }

    private RunInstancesOutcome callOnce(CapacityPool pool, RunInstancesRequest call) {
        Duration wait = rate.reserve(pool.region(), clock.instant());
        if (!wait.isZero()) {
            context.operator().deadline().sleep(wait);
        }
        try {
            return new RunInstancesOutcome.Launched(ec2
                    .onceIn(pool.region())
                    .runInstances(call.toBuilder()
                            .overrideConfiguration(
                                    context.operator().withEarlierDeadline(RESERVED_FOR_CHECK)::authorize)
                            .build())
                    .instances()
                    .stream()
                    .map(instance -> Inventory.managed(pool.region(), instance))
                    .toList());
        } catch (SdkException e) {
            return RunInstancesOutcome.of(pool, launch.regions().size() == 1, e);
        }
    }

    /** Returns why nothing was launched. The call budget or the time may have run out before all pools were tried. */
    private ServiceException whyNothingLaunched() {
        if (context.operator().callBudget().isLow()) {
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

    /**
     * Waits until EC2 shows instances of this launch. Only the first wait takes long, because afterwards EC2 shows
     * everything that was launched before this launch began.
     */
    private List<ManagedInstance> awaitByTag() {
        Instant until = startedAt.plus(VisibilityWait.LONGEST);
        for (int i = 0; ; i++) {
            List<ManagedInstance> found = findNewByTag();
            if (!found.isEmpty() || timeIsUp() || clock.instant().isAfter(until)) {
                return found;
            }
            pause(i);
        }
    }

    /** Returns the instances that carry this launch's key in their tag and that this attempt has not recorded yet. */
    private List<ManagedInstance> findNewByTag() {
        return Launcher.inventory(launch.regions(), inventory, context.operator()).stream()
                .filter(instance -> id.matches(instance.launchTag()) && !launched.containsKey(instance.id()))
                .toList();
    }

    private int remaining() {
        return launch.count() - launched.size();
    }

    /** Returns whether too little time is left for another launch call, or too few calls to check its outcome. */
    private boolean isTooLate() {
        Operator operator = context.operator();
        return operator.deadline().minus(MIN_TIME_TO_LAUNCH).isOver()
                || operator.callBudget().isLow();
    }

    private boolean timeIsUp() {
        return context.operator().deadline().isOver();
    }

    private void recordFailure(CapacityPool pool, String market, ServiceException why) {
        recordAttempt(pool, market, why.errorCode().code(), why.details());
    }

    /** Records what came of a pool: as a word for programs, and as a sentence for people. */
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

    private void pause(int times) {
        context.operator().deadline().sleep(FIRST_PAUSE.multipliedBy(1L << Math.min(times, 4)));
    }
}
