package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
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
import org.jspecify.annotations.Nullable;

/** {@code extend}: moves the lease of own instances, to so long from now. */
public final class ExtendTask implements Task {
    /** The shortest and longest lease that can be written at all; the deployment's longest is usually less. */
    static final Field<Duration> LEASE = Field.duration("lease", Duration.ofMinutes(1), Duration.ofDays(365));

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
            out.put("LeaseLeft", InstanceRow.left(lease, now));
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
        return List.of(Regions.FIELD, OwnIds.INSTANCES, LEASE);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(OwnIds.INSTANCES);
        Duration lease = fields.require(LEASE);
        guardRails.checkLease(lease);
        return call -> run(asked, ids, lease, call);
    }

    private Answer run(List<String> asked, List<String> ids, Duration lease, Call call) {
        Instant until = OwnTags.leaseEnd(call.now(), lease);
        Located<OwnInstance> located = Located.instances(inventory, asked, ids, call);
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

    /**
     * Moves leases in a region.
     *
     * @throws Refusal if EC2 does not carry it out
     */
    private Moved extend(String region, List<OwnInstance> own, Instant until, Call call) {
        List<OwnInstance> alive = own.stream().filter(OwnInstance::isAlive).toList();
        Map<String, Refusal> refused = tags.moveLease(region, alive, until, call.operator());
        List<Extended> rows = own.stream()
                .map(instance -> new Extended(
                        instance,
                        instance.isAlive() && !refused.containsKey(instance.id()) ? until : instance.lease(),
                        call.now()))
                .toList();
        return new Moved(rows, refused);
    }
}
