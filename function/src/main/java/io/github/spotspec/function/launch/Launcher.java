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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Carries launches out: once per idempotency key, within the deployment's limits, in the best pool that has room.
 * Thread-safe.
 */
public final class Launcher {
    private final Settings settings;
    private final Ec2Regions ec2;
    private final Inventory inventory;
    private final Images images;
    private final OnDemandPrices onDemandPrices;
    private final PoolRanking candidates;
    private final UnavailablePools failed;
    private final InstantSource clock;

    /** What AWS tells, as far as launches need it. */
    public record Sources(
            Ec2Regions ec2,
            Inventory inventory,
            Images images,
            InstanceTypes instanceTypes,
            SpotPrices spotPrices,
            OnDemandPrices onDemandPrices,
            PlacementScores scores,
            Subnets subnets,
            UnavailablePools failed) {}

    /**
     * What tells a launch from another one.
     *
     * @param isCallersOwn whether it is the caller's idempotency key; otherwise it is one for this request alone
     */
    public record IdempotencyKey(String text, boolean isCallersOwn) {
        /** Takes the caller's key, or makes one for this request alone if there is none. */
        public static IdempotencyKey of(@Nullable String given) {
            return given == null
                    ? new IdempotencyKey(UUID.randomUUID().toString(), false)
                    : new IdempotencyKey(given, true);
        }
    }

    /**
     * Who launches, and when.
     *
     * @param caller whoever asks
     */
    public record LaunchContext(IdempotencyKey key, Caller caller, Operator operator, Instant now) {}

    /**
     * What came of a launch.
     *
     * @param instances what was launched, or what the same launch had launched before
     * @param repeated whether it had been launched before
     * @param attempts the pools that were tried, in order, and what came of each
     * @param candidates the pools that could have been tried, in order
     * @param unknownTypes those of the types asked for that EC2 does not know
     * @param maxPrice the most that an instance might cost, in US dollars per hour, or null for no maximum
     */
    public record Result(
            List<ManagedInstance> instances,
            boolean repeated,
            List<Map<String, Object>> attempts,
            List<CapacityPool> candidates,
            List<String> unknownTypes,
            @Nullable BigDecimal maxPrice) {

        /** Returns how many of the instances are on demand, since no spot pool had room for them. */
        public int onDemand() {
            return (int) instances.stream()
                    .filter(instance -> instance.spotRequestId() == null)
                    .count();
        }

        /** Returns the spot price at which an instance was launched in US dollars per hour, or null if it is not known. */
        public @Nullable BigDecimal price(ManagedInstance instance) {
            return candidates.stream()
                    .filter(one -> one.type().equals(instance.type())
                            && one.zone().equals(instance.zone())
                            && instance.spotRequestId() != null)
                    .findFirst()
                    .map(CapacityPool::price)
                    .orElse(null);
        }
    }

    public Launcher(Settings settings, Sources sources, InstantSource clock) {
        this.settings = settings;
        this.ec2 = sources.ec2();
        this.inventory = sources.inventory();
        this.images = sources.images();
        this.onDemandPrices = sources.onDemandPrices();
        this.failed = sources.failed();
        this.candidates = new PoolRanking(
                sources.instanceTypes(),
                sources.spotPrices(),
                sources.scores(),
                sources.subnets(),
                settings.guardRails());
        this.clock = clock;
    }

    /**
     * Launches, or with {@code dryRun} only rehearses it. Instances for which no user data is given run the operator's.
     *
     * @throws ServiceException if nothing was launched
     */
    public Result launch(Launch asked, boolean dryRun, LaunchContext order) {
        String secrets = order.operator().userData();
        Launch launch =
                asked.userData() == null && secrets != null ? asked.withUserData(UserData.ofSecret(secrets)) : asked;
        LaunchId key = LaunchId.of(order.key(), callerOf(order.caller().name()), launch);
        List<ManagedInstance> own = inventory.instances(launch.region(), List.of(), order.operator());
        UnavailablePools avoided = avoided(key, own);
        if (!dryRun) {
            List<ManagedInstance> before = own.stream()
                    .filter(instance -> key.matches(instance.launchTag()))
                    .toList();
            if (!before.isEmpty()) {
                return new Result(sameOrRefuse(before, key), true, List.of(), List.of(), List.of(), null);
            }
        }
        int alive = (int) own.stream().filter(ManagedInstance::isAlive).count();
        settings.guardRails().checkInstances(alive, launch.count(), launch.region());
        Scope scope = order.caller().scope();
        if (scope != null) {
            scope.checkCount(
                    own.stream()
                            .filter(ManagedInstance::isAlive)
                            .filter(instance ->
                                    Tags.value(order.caller().name()).equals(instance.caller()))
                            .count(),
                    launch.count());
        }

        Images.Image image = images.find(launch.region(), launch.image(), order.operator(), order.now());
        settings.guardRails().checkImageOwner(image.id(), image.ownerId(), image.ownerAlias());
        PoolRanking.Found found = candidates.rank(launch, image, avoided, order.operator(), order.now());
        List<CapacityPool> places = found.places();
        MaxPrice maxPrice = MaxPrice.of(
                launch.maxPrice(),
                settings.guardRails().maxPrice(),
                places.stream().map(CapacityPool::type).distinct().toList(),
                type -> onDemandPrice(launch.region(), type, image.product(), order.operator()));
        Instant lease = ManagedTags.leaseEnd(order.now(), launch.lease());
        RunInstancesFactory request = new RunInstancesFactory(
                launch,
                image,
                RunInstancesFactory.tags(
                        settings.service(), lease, key, order.caller().name(), launch.tags()),
                maxPrice,
                settings.guardRails(),
                order.now());
        LaunchAttempt filling =
                new LaunchAttempt(launch, key, request, places, ec2, inventory, failed, maxPrice, clock, order);
        if (dryRun) {
            filling.dryRun();
        } else {
            filling.launch();
        }
        return new Result(
                filling.instances(), false, filling.attempts(), places, found.unknownTypes(), maxPrice.limit());
    }

    /**
     * Returns what a key has launched before.
     *
     * @throws ServiceException with {@link ErrorCode#IDEMPOTENCY_CONFLICT} if it was asked for otherwise, or has ended
     */
    static List<ManagedInstance> sameOrRefuse(List<ManagedInstance> before, LaunchId key) {
        if (!before.stream().allMatch(instance -> key.tag().equals(instance.launchTag()))) {
            throw new ServiceException(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "The idempotency key stands for another launch; give that request again, or another key.");
        }
        List<ManagedInstance> alive = LaunchTag.withoutSurplus(before);
        if (alive.isEmpty()) {
            throw ended();
        }
        return alive;
    }

    static ServiceException ended() {
        return new ServiceException(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "What the idempotency key launched has ended; give another key to launch anew.");
    }

    /** What has no spot price of its own costs something else on demand, too. */
    private Optional<BigDecimal> onDemandPrice(
            String region, String type, @Nullable String product, Operator operator) {
        return product == null ? Optional.empty() : onDemandPrices.price(region, type, product, operator);
    }

    /**
     * Returns the pools to try last: those that EC2 has warned of, perhaps through another instance of this function, and
     * those that had no room lately. With a key, only what all instances of this function know, so that two that carry out
     * the same launch at the same time try the same pools in the same order.
     */
    private UnavailablePools avoided(LaunchId key, List<ManagedInstance> own) {
        UnavailablePools avoided = key.isCallersOwn() ? new UnavailablePools() : failed;
        for (ManagedInstance instance : own) {
            if (instance.interruptedAt() != null) {
                avoided.add(instance.type(), instance.zone(), instance.interruptedAt());
            }
        }
        return avoided;
    }

    /** The sessions of a role come and go, also between the tries of one caller; the role stays. */
    private static String callerOf(String arn) {
        return arn.contains(":assumed-role/") ? arn.substring(0, arn.lastIndexOf('/')) : arn;
    }
}
