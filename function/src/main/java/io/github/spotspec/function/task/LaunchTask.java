package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.Tags;
import io.github.spotspec.function.launch.CapacityPool;
import io.github.spotspec.function.launch.Launch;
import io.github.spotspec.function.launch.LaunchId;
import io.github.spotspec.function.launch.Launcher;
import io.github.spotspec.function.launch.RunningWait;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code launch}: launches Spot Instances. It is a dry run unless {@code dryRun} is false, because launches cost money.
 */
public final class LaunchTask implements Task {
    static final Field<Boolean> DRY_RUN = Field.bool("dryRun");
    static final Field<String> IDEMPOTENCY_KEY = Field.text(
            "idempotencyKey", "1 to 128 printable characters without spaces", key -> Syntax.isPrintable(key, 128));

    static final Field<Boolean> WAIT_RUNNING = Field.bool("waitRunning");

    private final LaunchFields launches;
    private final Launcher launcher;
    private final RunningWait runningWait;

    public LaunchTask(
            AllowedRegions regions, GuardRails guardRails, boolean fleets, Launcher launcher, RunningWait runningWait) {
        this.launches = new LaunchFields(regions, guardRails, fleets);
        this.launcher = launcher;
        this.runningWait = runningWait;
    }

    @Override
    public String name() {
        return "launch";
    }

    @Override
    public List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(LaunchFields.FIELDS);
        fields.addAll(List.of(DRY_RUN, IDEMPOTENCY_KEY, WAIT_RUNNING));
        return fields;
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        Launch launch = launches.read(fields);
        boolean dryRun = fields.get(DRY_RUN, true);
        boolean waitRunning = fields.get(WAIT_RUNNING, false) && !dryRun;
        // Created here and not in run(), so that a task that runs twice because AWS rejected the operator's key is
        // still one launch.
        LaunchId.Key key = LaunchId.Key.of(fields.get(IDEMPOTENCY_KEY));
        return context -> run(
                launch,
                dryRun,
                waitRunning,
                launcher.context(key, context.caller(), context.callContext(), context.now()),
                context);
    }

    private Answer run(
            Launch launch,
            boolean dryRun,
            boolean waitRunning,
            Launcher.LaunchContext launchContext,
            TaskContext context) {
        Launcher.Result result = launcher.launch(launch, dryRun, launchContext);
        List<ManagedInstance> instances = waitRunning && !dryRun
                ? runningWait.await(result.instances(), context.callContext())
                : result.instances();
        Map<String, Object> meta = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        RegionFanOut.describe(
                launch.regions().stream()
                        .filter(region -> !result.failedRegions().containsKey(region))
                        .toList(),
                result.failedRegions(),
                meta);
        meta.put("asked", launch.count());
        if (launch.pools().allocation().usesFleets()) {
            // Says that EC2 chooses among the pools of a region, in an order that nobody knows before.
            meta.put("allocation", launch.pools().allocation().requestName());
        }
        if (!result.unknownTypes().isEmpty()) {
            meta.put("unknownTypes", result.unknownTypes());
        }
        List<String> hiding = launch.tags().keySet().stream()
                .filter(key -> !Tags.isAllowedInMetadata(key))
                .toList();
        if (!hiding.isEmpty()) {
            meta.put("metadataTagsDisabledBy", hiding);
        }
        if (dryRun && result.repeated()) {
            meta.put("dryRun", true);
            meta.put("repeated", true);
        } else if (dryRun) {
            meta.put("dryRun", true);
            meta.put("lease", ManagedTags.leaseEnd(context.now(), launch.lease()));
            BigDecimal most = result.maxPrice();
            if (most != null) {
                meta.put("maxPrice", most.toPlainString());
            }
            meta.put(
                    "candidates",
                    result.pools().stream().map(CapacityPool::describe).toList());
        } else {
            meta.put("launched", result.instances().size());
            if (result.instances().size() < launch.count()) {
                meta.put("notLaunched", launch.count() - result.instances().size());
            }
            long notRunning = instances.stream().filter(one -> !one.isRunning()).count();
            if (waitRunning && notRunning > 0) {
                meta.put("notRunning", notRunning);
            }
            if (result.repeated()) {
                meta.put("repeated", true);
            } else {
                counts.put("Launches", result.instances().size());
                counts.put("Fallbacks", result.onDemand());
            }
            if (!result.attempts().isEmpty()) {
                meta.put("attempts", result.attempts());
            }
        }
        meta.put("estimate", result.costs().estimate().describe());
        meta.putAll(result.costs().budgets());
        return new Answer(
                "launched",
                instances.stream()
                        .map(instance -> new InstanceRow(instance, result.price(instance), context.now()))
                        .toList(),
                meta,
                counts);
    }
}
