package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.deployment.GuardRails;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnTags;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code extend}: moves the lease of own instances, to so long from now; to an earlier end only if the request says so. */
public final class ExtendTask implements Task {
    /** The shortest and longest lease that can be written at all; the deployment's longest is usually less. */
    static final Field<Duration> LEASE = Field.duration("lease", Duration.ofMinutes(1), Duration.ofDays(365));

    /** Whether a lease may end earlier than before. */
    static final Field<Boolean> SHORTEN = Field.flag("shorten");

    private static final int MOST_NAMED = 10;

    private final Regions regions;
    private final Inventory inventory;
    private final OwnTags tags;
    private final GuardRails guardRails;

    public ExtendTask(Regions regions, Inventory inventory, OwnTags tags, GuardRails guardRails) {
        this.regions = regions;
        this.inventory = inventory;
        this.tags = tags;
        this.guardRails = guardRails;
    }

    private record Extended(OwnInstance instance, @Nullable Instant lease, Instant now) implements Row {
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

    /** What was moved in a region, and why some was not. */
    private record Moved(List<Extended> rows, Map<String, Refusal> refused) {}

    @Override
    public String name() {
        return "extend";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, OwnIds.INSTANCES, LEASE, SHORTEN);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(OwnIds.INSTANCES);
        Duration lease = fields.require(LEASE);
        boolean shorten = fields.get(SHORTEN, false);
        guardRails.checkLease(lease);
        return call -> run(asked, ids, lease, shorten, call);
    }

    private Answer run(List<String> asked, List<String> ids, Duration lease, boolean shorten, Call call) {
        Instant until = OwnTags.leaseEnd(call.now(), lease);
        Located<OwnInstance> located = Located.instances(inventory, asked, ids, call);
        List<OwnInstance> own =
                located.found().values().stream().flatMap(List::stream).toList();
        refuseIfAllEnded(own);
        if (!shorten) {
            refuseIfShorter(own, until);
        }
        Sweep<Moved> sweep = located.act(call, (region, instances) -> extend(region, instances, until, call));
        List<Extended> rows = new ArrayList<>();
        Map<String, Refusal> refused = new LinkedHashMap<>();
        sweep.found().values().forEach(moved -> {
            rows.addAll(moved.rows());
            refused.putAll(moved.refused());
        });
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        OwnIds.reportRefused(refused, meta);
        return new Answer("extended", rows, meta);
    }

    private static void refuseIfAllEnded(List<OwnInstance> own) {
        if (own.stream().noneMatch(OwnInstance::isAlive)) {
            throw ended(own.getFirst());
        }
    }

    private static Refusal ended(OwnInstance instance) {
        return new Refusal(
                Reason.INSTANCE_ENDED,
                instance.id() + " in " + instance.region() + " is " + instance.state()
                        + "; a lease can only be moved while the instance runs. Launch another one.");
    }

    /** Refuses to shorten leases, before any lease is moved. */
    private static void refuseIfShorter(List<OwnInstance> own, Instant until) {
        List<OwnInstance> shorter = own.stream()
                .filter(OwnInstance::isAlive)
                .filter(instance -> instance.lease() != null && until.isBefore(instance.lease()))
                .toList();
        if (!shorter.isEmpty()) {
            throw new Refusal(
                    Reason.LEASE_SHORTER,
                    "'lease' would end at " + until + ", earlier than now: "
                            + shorter.stream()
                                    .limit(MOST_NAMED)
                                    .map(instance -> instance.id() + " has until " + instance.lease())
                                    .collect(Collectors.joining(", "))
                            + (shorter.size() > MOST_NAMED ? " and " + (shorter.size() - MOST_NAMED) + " more" : "")
                            + ". No lease was moved. Ask for a longer 'lease', or send 'shorten' as true.");
        }
    }

    /**
     * Moves leases in a region.
     *
     * @throws Refusal if EC2 does not carry it out
     */
    private Moved extend(String region, List<OwnInstance> own, Instant until, Call call) {
        List<OwnInstance> alive = own.stream().filter(OwnInstance::isAlive).toList();
        Map<String, Refusal> refused = new LinkedHashMap<>(tags.moveLease(region, alive, until, call.operator()));
        own.stream()
                .filter(instance -> !instance.isAlive())
                .forEach(instance -> refused.put(instance.id(), ended(instance)));
        List<Extended> rows = own.stream()
                .map(instance -> new Extended(
                        instance, refused.containsKey(instance.id()) ? instance.lease() : until, call.now()))
                .toList();
        return new Moved(rows, refused);
    }
}
