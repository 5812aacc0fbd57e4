package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.ec2.Tags;
import io.github.spotspec.function.runtime.Operator;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Launches instances: once per idempotency key, within the deployment's guard rails, in the best-ranked pool that has
 * capacity. Thread-safe.
 */
public final class Launcher {
    private final Settings settings;
    private final Sources sources;
    private final PoolRanking ranking;
    private final InstantSource clock;

    /** The sources of the AWS data that launches need. */
    public record Sources(
            Ec2Regions ec2,
            Inventory inventory,
            Images images,
            OnDemandPrices onDemandPrices,
            UnavailablePools unavailablePools,
            PoolSources pools) {}

    /** The sources of what pools are ranked by. */
    public record PoolSources(
            InstanceTypes instanceTypes, SpotPrices spotPrices, PlacementScores scores, Subnets subnets) {}

    /**
     * The circumstances of a launch: its key, its caller, the operator and the time.
     *
     * @param caller the caller that sent the request
     */
    public record LaunchContext(LaunchId.Key key, Caller caller, Operator operator, Instant now) {}

    /**
     * The result of a launch.
     *
     * @param instances the instances that were launched by this request, or by an earlier request for the same launch
     * @param repeated whether an earlier request launched them
     * @param attempts the pools that were tried, in order, and the result of each
     * @param pools the pools that the launch could try, in order
     * @param unknownTypes the requested types that EC2 does not know
     * @param maxPrice the maximum price of an instance in US dollars per hour, or null for no maximum
     */
    public record Result(
            List<ManagedInstance> instances,
            boolean repeated,
            List<Map<String, Object>> attempts,
            List<CapacityPool> pools,
            List<String> unknownTypes,
            @Nullable BigDecimal maxPrice) {

        /** Returns how many of the instances are On-Demand Instances, because no spot pool had capacity for them. */
        public int onDemand() {
            return (int)
                    instances.stream().filter(instance -> !instance.isSpot()).count();
        }

        /**
         * Returns the spot price in US dollars per hour at which an instance was launched, or null if it is unknown.
         */
        public @Nullable BigDecimal price(ManagedInstance instance) {
            return pools.stream()
                    .filter(one -> one.type().equals(instance.type())
                            && one.zone().equals(instance.zone())
                            && instance.isSpot())
                    .findFirst()
                    .map(CapacityPool::price)
                    .orElse(null);
        }
    }

    public Launcher(Settings settings, Sources sources, InstantSource clock) {
        this.settings = settings;
        this.sources = sources;
        this.ranking = new PoolRanking(sources.pools(), settings.guardRails());
        this.clock = clock;
    }

    /**
     * Launches instances, or checks the launch if {@code dryRun} is true. Instances without user data in the request
     * run the operator's user data.
     *
     * @throws ServiceException if nothing was launched
     */
    public Result launch(Launch requested, boolean dryRun, LaunchContext context) {
        String secretUserData = context.operator().userData();
        Launch launch = requested.settings().userData() == null && secretUserData != null
                ? requested.withUserData(UserData.ofSecret(secretUserData))
                : requested;
        LaunchId id = LaunchId.of(context.key(), callerOf(context.caller().name()), launch);
        List<ManagedInstance> managed = sources.inventory().instances(launch.region(), List.of(), context.operator());
        UnavailablePools avoided = avoided(id, managed);
        if (!dryRun) {
            List<ManagedInstance> before = managed.stream()
                    .filter(instance -> id.matches(instance.launchTag()))
                    .toList();
            if (!before.isEmpty()) {
                return new Result(requireSameLaunch(before, id), true, List.of(), List.of(), List.of(), null);
            }
        }
        int alive = (int) managed.stream().filter(ManagedInstance::isAlive).count();
        settings.guardRails().checkInstances(alive, launch.count(), launch.region());
        Scope scope = context.caller().scope();
        if (scope != null) {
            scope.checkCount(
                    managed.stream()
                            .filter(ManagedInstance::isAlive)
                            .filter(instance ->
                                    Tags.value(context.caller().name()).equals(instance.caller()))
                            .count(),
                    launch.count());
        }

        Images.Image image = sources.images().find(launch.region(), launch.image(), context.operator(), context.now());
        settings.guardRails().checkImageOwner(image.id(), image.ownerId(), image.ownerAlias());
        PoolRanking.RankedPools ranked = ranking.rank(launch, image, avoided, context.operator(), context.now());
        List<CapacityPool> pools = ranked.pools();
        MaxPrice maxPrice = MaxPrice.of(
                launch.market().maxPrice(),
                settings.guardRails().maxPrice(),
                pools.stream().map(CapacityPool::type).distinct().toList(),
                type -> onDemandPrice(launch.region(), type, image.product(), context.operator()));
        Instant lease = ManagedTags.leaseEnd(context.now(), launch.lease());
        RunInstancesFactory request = new RunInstancesFactory(
                launch,
                image,
                RunInstancesFactory.tags(
                        settings.service(), lease, id, context.caller().name(), launch.tags()),
                maxPrice,
                settings.guardRails(),
                context.now());
        LaunchAttempt attempt = new LaunchAttempt(launch, id, pools, request, maxPrice, sources, clock, context);
        if (dryRun) {
            attempt.dryRun();
        } else {
            attempt.launch();
        }
        return new Result(
                attempt.instances(), false, attempt.attempts(), pools, ranked.unknownTypes(), maxPrice.limit());
    }

    /**
     * Returns the instances that an idempotency key launched before.
     *
     * @throws ServiceException with {@link ErrorCode#IDEMPOTENCY_CONFLICT} if the key was used for a different launch,
     *     or its instances have ended
     */
    static List<ManagedInstance> requireSameLaunch(List<ManagedInstance> before, LaunchId id) {
        if (!before.stream().allMatch(instance -> id.tag().equals(instance.launchTag()))) {
            throw new ServiceException(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "The idempotency key was used for another launch; repeat that request, or send another key.");
        }
        List<ManagedInstance> alive = LaunchId.withoutSurplus(before);
        if (alive.isEmpty()) {
            throw ended();
        }
        return alive;
    }

    static ServiceException ended() {
        return new ServiceException(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The instances of this idempotency key have ended; send another key to launch again.");
    }

    /**
     * Returns the on-demand price, or empty if the product has no spot price, because its on-demand price differs, too.
     */
    private Optional<BigDecimal> onDemandPrice(
            String region, String type, @Nullable String product, Operator operator) {
        return product == null ? Optional.empty() : sources.onDemandPrices().price(region, type, product, operator);
    }

    /**
     * Returns the pools to try last: pools with an interruption notice or a rebalance recommendation, which another
     * function may have recorded, and pools that recently had no capacity. If the caller sent a key, returns only the
     * pools that all execution environments know. Two of them that carry out the same launch at the same time then try
     * the same pools in the same order.
     */
    private UnavailablePools avoided(LaunchId id, List<ManagedInstance> managed) {
        UnavailablePools avoided = id.isCallersOwn() ? new UnavailablePools() : sources.unavailablePools();
        for (ManagedInstance instance : managed) {
            if (instance.interruptedAt() != null) {
                avoided.add(instance.type(), instance.zone(), instance.interruptedAt());
            }
        }
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
