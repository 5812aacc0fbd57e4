package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.LaunchTemplates;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.ec2.Tags;
import io.github.spotspec.function.launch.PoolFinder.RegionPools;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.ParallelCalls;
import io.github.spotspec.function.runtime.ParallelCalls.Started;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Launches instances: once per idempotency key, within the deployment's guard rails, in the best-ranked pool that has
 * capacity. Thread-safe.
 */
public final class Launcher {
    private final Settings settings;
    private final Sources sources;
    private final PoolFinder finder;
    private final PoolRanking ranking;
    private final CostEstimator costs;
    private final Commitments commitments;
    private final InstantSource clock;

    /** What launches share: the sources of AWS data, and what they know about earlier launches. */
    public record Sources(
            Ec2Clients ec2,
            Inventory inventory,
            OnDemandPrices onDemandPrices,
            PlacementScores scores,
            UnavailablePools unavailablePools,
            LaunchRateLimiter rate,
            UsedClientTokens usedTokens,
            LaunchTemplates templates,
            Commitments commitments,
            PoolSources pools) {}

    /** The sources of what pools are found with. */
    public record PoolSources(Images images, InstanceTypes instanceTypes, SpotPrices spotPrices, Subnets subnets) {}

    /**
     * The circumstances of a launch: its key, its caller, the operator and the time.
     *
     * @param caller the caller that sent the request
     * @param inventory returns all managed instances of a region
     */
    public record LaunchContext(
            LaunchId.Key key,
            Caller caller,
            Function<String, List<ManagedInstance>> inventory,
            AwsCallContext callContext,
            Instant now) {}

    /**
     * What a launch costs.
     *
     * @param estimate what the instances cost; for a dry run, if the first pool has room for all of them
     * @param budgets what living instances may cost with the new ones, by the names of answers, as far as it is limited
     */
    public record Costs(CostEstimate estimate, Map<String, Object> budgets) {}

    /**
     * The result of a launch.
     *
     * @param instances the instances that were launched by this request, or by an earlier request for the same launch
     * @param repeated whether an earlier request launched them
     * @param attempts the pools that were tried, in order, and the result of each
     * @param pools the pools that the launch could try, in order
     * @param unknownTypes the requested types that EC2 does not know in any region
     * @param failedRegions the regions that could not be tried, and why
     * @param maxPrice the maximum price of an instance in US dollars per hour, or null for no maximum
     * @param costs what the instances cost
     */
    public record Result(
            List<ManagedInstance> instances,
            boolean repeated,
            List<Map<String, Object>> attempts,
            List<CapacityPool> pools,
            List<String> unknownTypes,
            Map<String, ServiceException> failedRegions,
            @Nullable BigDecimal maxPrice,
            Costs costs) {

        /** Returns how many of the instances are On-Demand Instances, because no spot pool had capacity for them. */
        public int onDemand() {
            return (int)
                    instances.stream().filter(instance -> !instance.isSpot()).count();
        }

        /**
         * Returns the spot price in US dollars per hour at which an instance was launched, or null if it is unknown.
         */
        public @Nullable BigDecimal price(ManagedInstance instance) {
            CapacityPool pool = CapacityPool.of(instance, pools);
            return pool == null ? null : pool.price();
        }
    }

    public Launcher(Settings settings, Sources sources, InstantSource clock) {
        this.settings = settings;
        this.sources = sources;
        this.finder = new PoolFinder(sources.pools(), settings.guardRails());
        this.ranking = new PoolRanking(sources.scores());
        this.costs = new CostEstimator(sources.pools().spotPrices(), sources.onDemandPrices());
        this.commitments = sources.commitments();
        this.clock = clock;
    }

    /** Returns the circumstances of one launch, or of the dry runs of one request. */
    public LaunchContext context(LaunchId.Key key, Caller caller, AwsCallContext callContext, Instant now) {
        return new LaunchContext(key, caller, sources.inventory().snapshot(callContext), callContext, now);
    }

    /**
     * Launches instances, or checks the launch if {@code dryRun} is true. Both return the instances of an earlier
     * launch with the same key, if there was one; a check does so even if they have ended. Instances without user data
     * in the request run the operator's user data.
     *
     * @throws ServiceException if nothing was launched, or the launch would fail
     */
    public Result launch(Launch requested, boolean dryRun, LaunchContext context) {
        String secretUserData = context.callContext().userData();
        Launch launch = requested.settings().userData() == null && secretUserData != null
                ? requested.withUserData(UserData.ofSecret(secretUserData))
                : requested;
        // The pools don't depend on the inventory, so both are read at the same time. An earlier launch needs no pools.
        try (Started<RegionFanOut<RegionPools>> pools = ParallelCalls.start(() -> findPools(launch, context))) {
            return launch(launch, dryRun, pools, context);
        }
    }

    private Result launch(
            Launch launch, boolean dryRun, Started<RegionFanOut<RegionPools>> finding, LaunchContext context) {
        LaunchId id = LaunchId.of(context.key(), callerOf(context.caller().name()), launch);
        RegionFanOut<List<ManagedInstance>> all = inventory(launch, context);
        RegionFanOut<List<ManagedInstance>> managed = managed(launch, id, all);
        List<ManagedInstance> before = managed.results().values().stream()
                .flatMap(List::stream)
                .filter(instance -> id.matches(instance.launchTag()))
                .toList();
        if (!before.isEmpty()) {
            List<ManagedInstance> same = dryRun ? launchedBefore(before, id) : requireSameLaunch(before, id);
            CostEstimate estimate = costs.after(launch, same, List.of(), null, context.callContext(), context.now());
            Map<String, Object> budgets = budgets(() -> budget(all, context), () -> BigDecimal.ZERO);
            return new Result(
                    same, true, List.of(), List.of(), List.of(), Map.of(), null, new Costs(estimate, budgets));
        }
        RegionFanOut<RegionPools> found = pools(launch, managed, finding, context);
        UnavailablePools avoided = avoided(id, managed);
        List<CapacityPool> ranked =
                ranking.rank(launch, found.results(), avoided, context.callContext(), context.now());
        MaxPrice maxPrice = MaxPrice.of(
                launch.market().maxPrice(),
                settings.guardRails().maxPrice(),
                ranked,
                pool -> onDemandPrice(pool, context.callContext()));
        Instant lease = ManagedTags.leaseEnd(context.now(), launch.lease());
        Duration left = Duration.between(context.now(), lease);
        Budget budget = budget(all, context);
        LaunchAttempt.Plan plan = plan(
                launch,
                commitments.affordable(budget, launch, ranked, maxPrice, left, context.callContext()),
                avoided,
                context);
        List<CapacityPool> pools = plan.pools();
        RunInstancesFactory request = new RunInstancesFactory(
                launch,
                pools,
                RunInstancesFactory.tags(
                        settings.service(), lease, id, context.caller().name(), maxPrice, launch),
                maxPrice,
                settings.guardRails(),
                context.now());
        LaunchAttempt attempt = new LaunchAttempt(launch, id, plan, request, maxPrice, sources, clock, context);
        if (dryRun) {
            attempt.dryRun();
        } else {
            attempt.launch();
        }
        Map<String, ServiceException> failed = new LinkedHashMap<>(managed.failedRegions());
        failed.putAll(found.failedRegions());
        List<ManagedInstance> launched = withoutSurplus(attempt.instances(), launch, id, context);
        return new Result(
                launched,
                false,
                attempt.attempts(),
                pools,
                unknownTypes(found.results()),
                failed,
                maxPrice.limit(),
                dryRun
                        ? new Costs(
                                costs.before(launch, pools.getFirst(), maxPrice, context.callContext(), context.now()),
                                budgets(
                                        () -> budget,
                                        () -> commitments.costOf(
                                                pools.getFirst(),
                                                launch.count(),
                                                maxPrice,
                                                left,
                                                context.callContext())))
                        : new Costs(
                                costs.after(launch, launched, pools, maxPrice, context.callContext(), context.now()),
                                budgets(
                                        () -> budget,
                                        () -> commitments.costOf(launched, left, context.callContext()))));
    }

    /** Plans in which order to try the pools. If EC2 Fleet chooses among those of a region, they come together. */
    private static LaunchAttempt.Plan plan(
            Launch launch, List<CapacityPool> ranked, UnavailablePools avoided, LaunchContext context) {
        if (!launch.pools().allocation().usesFleets()) {
            return new LaunchAttempt.Plan(ranked, List.of());
        }
        List<FleetRounds.Round> rounds = FleetRounds.of(
                ranked,
                ranked.stream()
                        .filter(pool -> avoided.contains(pool.type(), pool.zone(), context.now()))
                        .collect(Collectors.toSet()));
        return new LaunchAttempt.Plan(
                rounds.stream().flatMap(round -> round.pools().stream()).toList(), rounds);
    }

    /**
     * Returns the managed instances of each region of a launch, and of the other regions that count towards a limit of
     * what instances may cost.
     */
    private RegionFanOut<List<ManagedInstance>> inventory(Launch launch, LaunchContext context) {
        Set<String> regions = new LinkedHashSet<>(launch.regions());
        regions.addAll(commitments.regions(context.caller()));
        return RegionFanOut.ofAll(
                List.copyOf(regions), context.callContext().deadline().remaining(), context.inventory());
    }

    /**
     * Returns the managed instances of each region of a launch. A region that does not answer is left out, but not if
     * the caller sent a key, because an earlier request may have launched there.
     *
     * @throws ServiceException if no region answers, or one region does not and the caller sent a key
     */
    private static RegionFanOut<List<ManagedInstance>> managed(
            Launch launch, LaunchId id, RegionFanOut<List<ManagedInstance>> all) {
        Map<String, List<ManagedInstance>> results = new LinkedHashMap<>(all.results());
        results.keySet().retainAll(launch.regions());
        Map<String, ServiceException> failed = new LinkedHashMap<>(all.failedRegions());
        failed.keySet().retainAll(launch.regions());
        if (results.isEmpty() || (id.isCallersOwn() && !failed.isEmpty())) {
            throw RegionFanOut.first(failed);
        }
        return new RegionFanOut<>(results, failed);
    }

    private Budget budget(RegionFanOut<List<ManagedInstance>> all, LaunchContext context) {
        return commitments.budget(context.caller(), all, context.callContext(), context.now());
    }

    /**
     * Returns what living instances may cost with the new ones, by the names of answers. Empty if nothing limits it, or
     * if it is unknown, because a launch must always be answered.
     */
    private static Map<String, Object> budgets(Supplier<Budget> budget, Supplier<BigDecimal> more) {
        try {
            Budget before = budget.get();
            return before.isLimited() ? before.describe(more.get()) : Map.of();
        } catch (ServiceException unknown) {
            return Map.of();
        }
    }

    /** Finds the pools of each region of a launch. */
    private RegionFanOut<RegionPools> findPools(Launch launch, LaunchContext context) {
        boolean compares = launch.regions().size() > 1
                || launch.pools().allocation() == Launch.AllocationStrategy.PLACEMENT_SCORE
                || launch.market().maxPrice() != null
                || settings.guardRails().maxPrice() != null;
        return RegionFanOut.ofAll(
                launch.regions(),
                context.callContext().deadline().remaining(),
                region -> finder.find(region, launch, compares, context.callContext(), context.now()));
    }

    /**
     * Returns the pools of each region that may have more instances.
     *
     * @throws ServiceException if there is no such region
     */
    private RegionFanOut<RegionPools> pools(
            Launch launch,
            RegionFanOut<List<ManagedInstance>> managed,
            Started<RegionFanOut<RegionPools>> finding,
            LaunchContext context) {
        Map<String, RegionPools> results = new LinkedHashMap<>();
        Map<String, ServiceException> failed = new LinkedHashMap<>();
        RegionFanOut<RegionPools> found = finding.get();
        managed.results().forEach((region, instances) -> {
            try {
                checkCounts(region, launch, instances, context);
                ServiceException failure = found.failedRegions().get(region);
                if (failure != null) {
                    failed.put(region, failure);
                } else {
                    results.put(region, Objects.requireNonNull(found.results().get(region)));
                }
            } catch (ServiceException full) {
                failed.put(region, full);
            }
        });
        if (results.isEmpty()) {
            throw RegionFanOut.first(failed);
        }
        return new RegionFanOut<>(results, failed);
    }

    private void checkCounts(String region, Launch launch, List<ManagedInstance> managed, LaunchContext context) {
        List<ManagedInstance> alive =
                managed.stream().filter(ManagedInstance::isAlive).toList();
        settings.guardRails().checkInstances(alive.size(), launch.count(), region);
        Scope scope = context.caller().scope();
        if (scope != null) {
            String caller = Tags.value(context.caller().name());
            scope.checkCount(
                    alive.stream()
                            .filter(instance -> caller.equals(instance.caller()))
                            .count(),
                    launch.count());
        }
    }

    /** Returns the types that EC2 knows in no region. */
    private static List<String> unknownTypes(Map<String, RegionPools> found) {
        List<String> unknown = new ArrayList<>(found.values().iterator().next().unknownTypes());
        found.values().forEach(region -> unknown.retainAll(region.unknownTypes()));
        return unknown;
    }

    /**
     * Returns the instances that remain of a launch over several regions. The same launch may run twice at the same
     * time and find capacity in another region each time. Both runs then read all regions and report the oldest
     * instances. The keeper ends the surplus.
     */
    private List<ManagedInstance> withoutSurplus(
            List<ManagedInstance> launched, Launch launch, LaunchId id, LaunchContext context) {
        if (launched.isEmpty() || !id.isCallersOwn() || launch.regions().size() == 1) {
            return launched;
        }
        Map<String, ManagedInstance> all = new LinkedHashMap<>();
        launched.forEach(instance -> all.put(instance.id(), instance));
        try {
            inventory(launch.regions(), sources.inventory(), context.callContext()).stream()
                    .filter(instance -> id.tag().equals(instance.launchTag()))
                    .forEach(instance -> all.put(instance.id(), instance));
        } catch (ServiceException unanswered) {
            // What this request launched is known, and the keeper finds the surplus later.
            return launched;
        }
        return LaunchId.withoutSurplus(all.values());
    }

    /**
     * Returns the managed instances of several regions.
     *
     * @throws ServiceException if a region does not answer
     */
    static List<ManagedInstance> inventory(List<String> regions, Inventory inventory, AwsCallContext callContext) {
        RegionFanOut<List<ManagedInstance>> found = RegionFanOut.ofAll(
                regions,
                callContext.deadline().remaining(),
                region -> inventory.instances(region, List.of(), callContext));
        if (!found.failedRegions().isEmpty()) {
            throw RegionFanOut.first(found.failedRegions());
        }
        return found.results().values().stream().flatMap(List::stream).toList();
    }

    /**
     * Returns the living instances that an idempotency key launched before.
     *
     * @throws ServiceException with {@link ErrorCode#IDEMPOTENCY_CONFLICT} if the key was used for a different launch,
     *     or its instances have ended
     */
    static List<ManagedInstance> requireSameLaunch(List<ManagedInstance> before, LaunchId id) {
        List<ManagedInstance> launched = launchedBefore(before, id);
        if (!launched.getFirst().isAlive()) {
            throw ended();
        }
        return launched;
    }

    /**
     * Returns the living instances that an idempotency key launched before, or the ended ones, newest first, if all
     * have ended.
     *
     * @throws ServiceException with {@link ErrorCode#IDEMPOTENCY_CONFLICT} if the key was used for a different launch
     */
    private static List<ManagedInstance> launchedBefore(List<ManagedInstance> before, LaunchId id) {
        if (!before.stream().allMatch(instance -> id.tag().equals(instance.launchTag()))) {
            throw new ServiceException(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "The idempotency key was used for another launch; repeat that request, or send another key.");
        }
        List<ManagedInstance> alive = LaunchId.withoutSurplus(before);
        return alive.isEmpty()
                ? before.stream().sorted(ManagedInstance.NEWEST_FIRST).toList()
                : alive;
    }

    static ServiceException ended() {
        return new ServiceException(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The instances of this idempotency key have ended; send another key to launch again.");
    }

    /**
     * Returns the on-demand price, or empty if the product has no spot price, because its on-demand price differs, too.
     */
    private Optional<BigDecimal> onDemandPrice(CapacityPool pool, AwsCallContext callContext) {
        String product = pool.image().product();
        return product == null
                ? Optional.empty()
                : sources.onDemandPrices().price(pool.region(), pool.zone(), pool.type(), product, callContext);
    }

    /**
     * Returns the pools to try last: pools with an interruption notice or a rebalance recommendation, which another
     * function may have recorded, and pools that recently had no capacity. If the caller sent a key, returns only the
     * pools that all execution environments know. Two of them that carry out the same launch at the same time then try
     * the same pools in the same order.
     */
    private UnavailablePools avoided(LaunchId id, RegionFanOut<List<ManagedInstance>> managed) {
        UnavailablePools avoided = id.isCallersOwn() ? new UnavailablePools() : sources.unavailablePools();
        managed.results()
                .values()
                .forEach(instances -> instances.forEach(instance -> {
                    if (instance.interruptedAt() != null) {
                        avoided.add(instance.type(), instance.zone(), instance.interruptedAt());
                    }
                }));
        return avoided;
    }

    /**
     * Removes the session from the ARN of an assumed role, because one caller's attempts may come from different
     * sessions of the same role.
     */
    private static String callerOf(String arn) {
        return arn.contains(":assumed-role/") ? arn.substring(0, arn.lastIndexOf('/')) : arn;
    }
}
