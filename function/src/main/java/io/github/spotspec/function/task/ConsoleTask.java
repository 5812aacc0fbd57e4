package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.ConsoleOutputs;
import io.github.spotspec.function.ec2.ConsoleOutputs.ConsoleOutput;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.ParallelCalls;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code console}: the console outputs of managed instances. They may contain secrets, so nothing here logs them, and
 * the task is not part of {@code instances}.
 */
public final class ConsoleTask implements Task {
    /** Few, because more than ten outputs of 64 KB may not fit into an answer. */
    private static final int MAX_IDS = 10;

    static final Field<List<String>> INSTANCES = ManagedIdFields.instances(MAX_IDS);

    private final AllowedRegions regions;
    private final Inventory inventory;
    private final ConsoleOutputs outputs;

    public ConsoleTask(AllowedRegions regions, Inventory inventory, ConsoleOutputs outputs) {
        this.regions = regions;
        this.inventory = inventory;
        this.outputs = outputs;
    }

    /** An output, or why EC2 did not return it. */
    private record Shown(
            ManagedInstance instance,
            @Nullable ConsoleOutput output,
            @Nullable ServiceException failure) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", instance.region());
            out.put("InstanceId", instance.id());
            out.put("State", instance.state());
            // These two say why a job's instance has ended.
            out.putDetail("StateReason", instance.details().lastChange().reason());
            out.putDetail("Lease", instance.lease());
            out.put("Timestamp", output == null ? null : output.timestamp());
            out.put("Latest", output == null ? null : output.isLatest());
            out.put("Output", output == null ? null : output.text());
        }
    }

    @Override
    public String name() {
        return "console";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, INSTANCES);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(INSTANCES);
        return context -> run(asked, ids, context);
    }

    private Answer run(List<String> asked, List<String> ids, TaskContext context) {
        LocatedResources<ManagedInstance> located = LocatedResources.instances(inventory, asked, ids, context);
        RegionFanOut<List<Shown>> sweep = located.forEachRegion(
                context, (region, own) -> ParallelCalls.map(own, instance -> read(region, instance, context)));
        List<Shown> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        rejectIfAllFailed(rows);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        located.describe(sweep, meta);
        List<String> withoutOutput = rows.stream()
                .filter(row -> row.output() != null && row.output().text().isEmpty())
                .map(row -> row.instance().id())
                .toList();
        if (!withoutOutput.isEmpty()) {
            meta.put("withoutOutput", withoutOutput);
        }
        ManagedIdFields.reportFailures(rows, row -> row.instance().id(), Shown::failure, meta);
        return new Answer("console", rows, meta);
    }

    private Shown read(String region, ManagedInstance instance, TaskContext context) {
        try {
            return new Shown(instance, outputs.read(region, instance.id(), context.callContext()), null);
        } catch (ServiceException failure) {
            return new Shown(instance, null, failure);
        }
    }

    /** Answers with an error rather than with rows without outputs, such as when IAM denies the calls. */
    private static void rejectIfAllFailed(List<Shown> rows) {
        List<ServiceException> failures = new ArrayList<>();
        for (Shown row : rows) {
            if (row.failure() != null) {
                failures.add(row.failure());
            }
        }
        if (!failures.isEmpty() && failures.size() == rows.size()) {
            throw failures.getFirst();
        }
    }
}
