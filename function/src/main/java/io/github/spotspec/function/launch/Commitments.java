package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.Tags;
import io.github.spotspec.function.launch.PriceLimits.Offer;
import io.github.spotspec.function.launch.PriceLimits.PriceLimit;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Limits what instances may cost: the sum over living instances of the price limit and the time left of the lease. The
 * deployment limits the sum over all its instances in all its regions, and a token limits the sum over its own. What
 * cannot be read or priced is not taken for nothing: the launch or extension fails. Thread-safe.
 */
public final class Commitments {
    private static final String MAX_COMMITTED = "this deployment's 'maxCommitted'";
    private static final String COMMITTED = "this token's 'committed'";

    private final List<String> regions;
    private final @Nullable BigDecimal maxCommitted;
    private final PriceLimits priceLimits;

    /**
     * Creates the limit of a deployment.
     *
     * @param deployment the deployment's own settings, which a caller's scope does not narrow
     */
    public Commitments(Settings deployment, OnDemandPrices onDemandPrices) {
        this.regions = deployment.regions();
        this.maxCommitted = deployment.guardRails().costs().maxCommitted();
        this.priceLimits = new PriceLimits(onDemandPrices);
    }

    /** Returns the regions whose instances count for a caller. Empty if nothing is limited. */
    List<String> regions(Caller caller) {
        if (maxCommitted != null) {
            return regions;
        }
        Scope scope = caller.scope();
        if (scope == null || scope.committed() == null) {
            return List.of();
        }
        List<String> covered = scope.regions();
        return covered == null
                ? regions
                : regions.stream().filter(covered::contains).toList();
    }

    /** Returns whether the deployment or the caller's token limits what instances may cost. */
    public boolean isLimited(Caller caller) {
        return !regions(caller).isEmpty();
    }

    /**
     * Returns what counts for a caller.
     *
     * @param inventory returns all managed instances of a region
     * @throws ServiceException if a region does not answer, or the price limit of an instance is unknown
     */
    public Budget read(
            Caller caller, Function<String, List<ManagedInstance>> inventory, AwsCallContext callContext, Instant now) {
        return budget(
                caller,
                RegionFanOut.ofAll(regions(caller), callContext.deadline().remaining(), inventory),
                callContext,
                now);
    }

    /**
     * Returns what counts for a caller.
     *
     * @param read the managed instances of at least the regions that count
     * @throws ServiceException if a region did not answer, or the price limit of an instance is unknown
     */
    Budget budget(Caller caller, RegionFanOut<List<ManagedInstance>> read, AwsCallContext callContext, Instant now) {
        List<ManagedInstance> counting = new ArrayList<>();
        for (String region : regions(caller)) {
            ServiceException failure = read.failedRegions().get(region);
            if (failure != null) {
                throw new ServiceException(
                        failure.errorCode(),
                        failure.details() + " Instances there count towards "
                                + (maxCommitted == null ? COMMITTED : MAX_COMMITTED) + ".");
            }
            Objects.requireNonNull(read.results().get(region)).stream()
                    .filter(ManagedInstance::isAlive)
                    .filter(instance -> maxCommitted != null || isOwn(instance, caller))
                    .forEach(counting::add);
        }
        Map<String, BigDecimal> hourly = counting.isEmpty()
                ? Map.of()
                : priceLimits.of(counting, maxCommitted == null ? COMMITTED : MAX_COMMITTED, callContext);
        List<Budget.Account> accounts = new ArrayList<>();
        Scope scope = caller.scope();
        if (scope != null && scope.committed() != null) {
            List<ManagedInstance> own = counting.stream()
                    .filter(instance -> isOwn(instance, caller))
                    .toList();
            accounts.add(
                    new Budget.Account("tokenBudget", COMMITTED, scope.committed(), sum(own, hourly, now), own.size()));
        }
        if (maxCommitted != null) {
            accounts.add(new Budget.Account(
                    "budget", MAX_COMMITTED, maxCommitted, sum(counting, hourly, now), counting.size()));
        }
        return new Budget(accounts, hourly, now);
    }

    private static BigDecimal sum(List<ManagedInstance> instances, Map<String, BigDecimal> hourly, Instant now) {
        return instances.stream()
                .map(instance -> Budget.cost(
                        Objects.requireNonNull(hourly.get(instance.id())),
                        Duration.between(now, Objects.requireNonNull(instance.lease()))))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static boolean isOwn(ManagedInstance instance, Caller caller) {
        return Tags.value(caller.name()).equals(instance.caller());
    }

    /**
     * Rejects the extension of instances that a token did not launch, if the token limits what its own may cost. Such
     * instances do not count towards the token's limit, so it could extend them without limit.
     */
    public static void checkOwn(List<ManagedInstance> instances, Caller caller) {
        Scope scope = caller.scope();
        if (scope != null
                && scope.committed() != null
                && !instances.stream().allMatch(instance -> isOwn(instance, caller))) {
            throw scope.exceeded();
        }
    }

    /**
     * Returns the pools in which a launch may launch all its instances without passing a limit.
     *
     * @param ranked the pools that the launch could try, in order
     * @param left how long the leases last
     * @throws ServiceException with {@link ErrorCode#BUDGET_EXCEEDED} if there is no such pool
     */
    List<CapacityPool> affordable(
            Budget budget,
            Launch launch,
            List<CapacityPool> ranked,
            MaxPrice maxPrice,
            Duration left,
            AwsCallContext callContext) {
        if (!budget.isLimited()) {
            return ranked;
        }
        BigDecimal count = BigDecimal.valueOf(launch.count());
        BigDecimal limit = maxPrice.limit();
        if (limit != null && budget.covers(Budget.cost(limit.multiply(count), left))) {
            // Then no pool passes a limit, whatever its on-demand price is.
            return ranked;
        }
        // Each type takes a call, as it does for a launch with a maximum price.
        List<CapacityPool> first = PoolRanking.first(OnDemandPrices.MAX_TYPES, MaxPrice.Offer::of, ranked);
        Map<Offer, PriceLimit> limits = priceLimits.of(
                first.stream().map(pool -> Offer.of(pool, maxPrice)).toList(), callContext);
        Function<CapacityPool, PriceLimit> limitOf =
                pool -> Objects.requireNonNull(limits.get(Offer.of(pool, maxPrice)));
        List<CapacityPool> priced = first.stream()
                .filter(pool -> limitOf.apply(pool).hourly() != null)
                .toList();
        if (priced.isEmpty()) {
            ServiceException why =
                    Objects.requireNonNull(limitOf.apply(first.getFirst()).failure());
            throw new ServiceException(
                    why.errorCode(),
                    "It is unknown what this launch could cost at most, and the deployment or token limits that; send"
                            + " 'price'. " + why.details());
        }
        Function<CapacityPool, BigDecimal> hourly =
                pool -> Objects.requireNonNull(limitOf.apply(pool).hourly());
        List<CapacityPool> affordable = priced.stream()
                .filter(pool -> budget.covers(Budget.cost(hourly.apply(pool).multiply(count), left)))
                .toList();
        if (affordable.isEmpty()) {
            CapacityPool cheapest =
                    priced.stream().min(Comparator.comparing(hourly)).orElseThrow();
            BigDecimal least = Budget.cost(hourly.apply(cheapest).multiply(count), left);
            budget.check(
                    least,
                    "This launch could cost " + launch.count() + " × " + cheapest.type() + " × $"
                            + MaxPrice.text(hourly.apply(cheapest)) + "/h × " + Syntax.format(roundedUp(left)) + " = $"
                            + Budget.shown(least) + ".",
                    "end instances, or lower 'count', 'lease' or 'price'.");
        }
        return affordable;
    }

    private static Duration roundedUp(Duration time) {
        return Duration.ofSeconds((time.toMillis() + 999) / 1_000);
    }

    /**
     * Returns what a launch may cost in a pool until its leases end.
     *
     * @throws ServiceException if the price limit of the pool is unknown
     */
    BigDecimal costOf(CapacityPool pool, int count, MaxPrice maxPrice, Duration left, AwsCallContext callContext) {
        Offer offer = Offer.of(pool, maxPrice);
        PriceLimit limit = Objects.requireNonNull(
                priceLimits.of(List.of(offer), callContext).get(offer));
        if (limit.hourly() == null) {
            throw Objects.requireNonNull(limit.failure());
        }
        return Budget.cost(limit.hourly().multiply(BigDecimal.valueOf(count)), left);
    }

    /**
     * Returns what new instances may cost until their leases end.
     *
     * @param left how long their leases last
     * @throws ServiceException if the price limit of one is unknown
     */
    BigDecimal costOf(List<ManagedInstance> instances, Duration left, AwsCallContext callContext) {
        return priceLimits.of(instances, MAX_COMMITTED, callContext).values().stream()
                .map(hourly -> Budget.cost(hourly, left))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
