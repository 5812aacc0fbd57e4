package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.launch.Budget;
import io.github.spotspec.function.launch.Commitments;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code extend}: moves the lease of managed instances so that it ends a given time from now. Moves it to an earlier
 * end only if the request says so.
 */
public final class ExtendTask implements Task {
    /** The shortest and longest lease that a request can state. A deployment's maximum is usually shorter. */
    static final Field<Duration> LEASE = Field.duration("lease", Duration.ofMinutes(1), Duration.ofDays(365));

    /** Whether a lease may end earlier than before. */
    static final Field<Boolean> SHORTEN = Field.bool("shorten");

    private static final int MAX_NAMED = 10;

    private final AllowedRegions regions;
    private final Inventory inventory;
    private final ManagedTags tags;
    private final GuardRails guardRails;
    private final Commitments commitments;

    public ExtendTask(
            AllowedRegions regions,
            Inventory inventory,
            ManagedTags tags,
            GuardRails guardRails,
            Commitments commitments) {
        this.regions = regions;
        this.inventory = inventory;
        this.tags = tags;
        this.guardRails = guardRails;
        this.commitments = commitments;
    }

    private record Extended(
            ManagedInstance instance, @Nullable Instant lease, Instant now) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", instance.region());
            out.put("InstanceId", instance.id());
            out.put("State", instance.state());
            out.put("PreviousLease", instance.lease());
            out.put("Lease", lease);
            out.put("LeaseLeft", instance.isAlive() ? InstanceRow.left(lease, now) : null);
        }
    }

    /** The leases that were moved in a region, and why others were not. */
    private record Moved(List<Extended> rows, Map<String, ServiceException> failures) {}

    @Override
    public String name() {
        return "extend";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, ManagedIdFields.INSTANCES, LEASE, SHORTEN);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(ManagedIdFields.INSTANCES);
        Duration lease = fields.require(LEASE);
        boolean shorten = fields.get(SHORTEN, false);
        guardRails.checkLease(lease);
        return context -> run(asked, ids, lease, shorten, context);
    }

    private Answer run(List<String> asked, List<String> ids, Duration lease, boolean shorten, TaskContext context) {
        Instant until = ManagedTags.leaseEnd(context.now(), lease);
        // If all instances count towards a limit, regions are read as a whole, so that none is read twice.
        Map<String, List<ManagedInstance>> read = new ConcurrentHashMap<>();
        LocatedResources<ManagedInstance> located = commitments.isLimited(context.caller())
                ? LocatedResources.in(asked, ids, context, ManagedInstance::id, (region, sought) -> {
                    List<ManagedInstance> all = inventory.instances(region, List.of(), context.callContext());
                    read.put(region, all);
                    return all.stream()
                            .filter(instance -> sought.contains(instance.id()))
                            .toList();
                })
                : LocatedResources.instances(inventory, asked, ids, context);
        List<ManagedInstance> own =
                located.found().values().stream().flatMap(List::stream).toList();
        rejectIfAllEnded(own);
        if (!shorten) {
            rejectIfShorter(own, until);
        }
        Map<String, Object> budgets = checkBudget(own, until, read, context);
        RegionFanOut<Moved> sweep =
                located.forEachRegion(context, (region, instances) -> extend(region, instances, until, context));
        List<Extended> rows = new ArrayList<>();
        Map<String, ServiceException> failures = new LinkedHashMap<>();
        sweep.results().values().forEach(moved -> {
            rows.addAll(moved.rows());
            failures.putAll(moved.failures());
        });
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        ManagedIdFields.reportFailures(failures, meta);
        meta.putAll(budgets);
        return new Answer("extended", rows, meta);
    }

    /**
     * Checks that the instances, with longer leases, cost no more than the deployment and the caller's token allow.
     *
     * @param read the instances of regions that were read already
     * @return what they may cost, by the names of answers; empty if nothing limits it, or no lease becomes longer
     */
    private Map<String, Object> checkBudget(
            List<ManagedInstance> own, Instant until, Map<String, List<ManagedInstance>> read, TaskContext context) {
        List<ManagedInstance> alive =
                own.stream().filter(ManagedInstance::isAlive).toList();
        if (!commitments.isLimited(context.caller())
                || alive.stream().allMatch(instance -> !until.isAfter(Objects.requireNonNull(instance.lease())))) {
            return Map.of();
        }
        Commitments.checkOwn(alive, context.caller());
        Budget budget = commitments.read(
                context.caller(),
                region -> {
                    List<ManagedInstance> known = read.get(region);
                    Map<String, ManagedInstance> all = new LinkedHashMap<>();
                    (known == null ? inventory.instances(region, List.of(), context.callContext()) : known)
                            .forEach(instance -> all.put(instance.id(), instance));
                    // Regions may be read again while ids are unknown. What was found then may have ended since.
                    alive.stream()
                            .filter(instance -> instance.region().equals(region))
                            .forEach(instance -> all.put(instance.id(), instance));
                    return List.copyOf(all.values());
                },
                context.callContext(),
                context.now());
        return budget.describe(budget.extend(alive, until));
    }

    private static void rejectIfAllEnded(List<ManagedInstance> own) {
        if (own.stream().noneMatch(ManagedInstance::isAlive)) {
            throw ended(own.getFirst());
        }
    }

    private static ServiceException ended(ManagedInstance instance) {
        return new ServiceException(
                ErrorCode.INSTANCE_ENDED,
                instance.id() + " in " + instance.region() + " is " + instance.state()
                        + ", so its lease cannot be moved; launch another instance.");
    }

    /** Checks that no lease would become shorter, before any lease is moved. */
    private static void rejectIfShorter(List<ManagedInstance> own, Instant until) {
        List<ManagedInstance> shorter = own.stream()
                .filter(ManagedInstance::isAlive)
                .filter(instance -> instance.lease() != null && until.isBefore(instance.lease()))
                .toList();
        if (!shorter.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.LEASE_SHORTER,
                    "With this 'lease', instances would end at " + until + ", earlier than now: "
                            + shorter.stream()
                                    .limit(MAX_NAMED)
                                    .map(instance -> instance.id() + " has until " + instance.lease())
                                    .collect(Collectors.joining(", "))
                            + (shorter.size() > MAX_NAMED ? " and " + (shorter.size() - MAX_NAMED) + " more" : "")
                            + ". No lease was moved; send a longer 'lease', or 'shorten' as true.");
        }
    }

    /**
     * Moves leases in a region.
     *
     * @throws ServiceException if EC2 does not carry out the call
     */
    private Moved extend(String region, List<ManagedInstance> own, Instant until, TaskContext context) {
        List<ManagedInstance> alive =
                own.stream().filter(ManagedInstance::isAlive).toList();
        Map<String, ServiceException> failures =
                new LinkedHashMap<>(tags.moveLease(region, alive, until, context.callContext()));
        own.stream()
                .filter(instance -> !instance.isAlive())
                .forEach(instance -> failures.put(instance.id(), ended(instance)));
        List<Extended> rows = own.stream()
                .map(instance -> new Extended(
                        instance, failures.containsKey(instance.id()) ? instance.lease() : until, context.now()))
                .toList();
        return new Moved(rows, failures);
    }
}
