package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.config.AllowLists;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.config.VolumeLimits;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code status}: who the caller is, what it may ask for, and how long its MFA session lasts. It calls no service of
 * AWS except STS for an MFA code, so it is also the cheapest way to exchange a code for a session. Every caller may use
 * it, because it reveals nothing about other callers.
 */
public final class StatusTask implements Task {
    /** The name of the task. No deployment and no token has to allow it. */
    public static final String NAME = "status";

    private final Settings settings;
    private final List<String> tasks;

    /**
     * Creates a task.
     *
     * @param settings the settings as the caller's scope narrows them
     * @param tasks the names of all tasks, in the order in which to list them
     */
    public StatusTask(Settings settings, List<String> tasks) {
        this.settings = settings;
        this.tasks = List.copyOf(tasks);
    }

    /** A task that the caller may ask for. */
    private record AllowedTask(String task, boolean needsMfa) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Task", task);
            out.put("NeedsMfa", needsMfa);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Field<?>> fields() {
        return List.of();
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        return this::run;
    }

    private Answer run(TaskContext context) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        meta.put("caller", context.caller().name());
        putIfKnown(meta, "tokenExpires", context.caller().expires());
        meta.put("service", settings.service());
        meta.put("regions", settings.regions());
        boolean launches = settings.tasks().contains("launch");
        if (launches) {
            describeLaunches(settings.guardRails(), context.caller().scope(), meta);
        }
        if (launches || settings.tasks().contains("extend")) {
            describeLeases(settings.guardRails(), context.caller().scope(), meta);
        }
        if (settings.tasks().contains("connect")) {
            meta.put("osUsers", settings.guardRails().instanceLimits().osUsers());
        }
        putIfKnown(meta, "sessionExpires", context.sessionExpires());
        return new Answer(
                NAME,
                tasks.stream()
                        .filter(settings.tasks()::contains)
                        .map(task -> new AllowedTask(task, settings.mfaTasks().contains(task)))
                        .toList(),
                meta);
    }

    /** Adds the limits of launches, by the names of the construct's props and of the minter's fields. */
    private static void describeLaunches(GuardRails limits, @Nullable Scope scope, Map<String, Object> meta) {
        AllowLists allowed = limits.allowLists();
        putIfLimited(meta, "instanceTypes", allowed.instanceTypes());
        putIfLimited(meta, "images", allowed.images());
        putIfLimited(meta, "imageOwners", allowed.imageOwners());
        putIfKnown(meta, "defaultImage", allowed.defaultImage());
        putIfLimited(meta, "subnets", allowed.subnets());
        putIfLimited(meta, "securityGroups", allowed.securityGroups());
        putIfLimited(meta, "keyPairs", allowed.keyPairs());
        putIfLimited(meta, "userData", limits.userData());
        putIfKnown(meta, "maxPrice", text(limits.maxPrice()));
        meta.put("maxInstances", limits.maxInstances());
        putIfKnown(meta, "count", scope == null ? null : scope.count());
        VolumeLimits volumes = limits.volumes();
        putIfKnown(meta, "maxVolumeSize", volumes.maxSize());
        putIfLimited(meta, "volumeTypes", volumes.types());
        putIfKnown(meta, "maxVolumeIops", volumes.maxIops());
        putIfKnown(meta, "maxVolumeThroughput", volumes.maxThroughput());
        putIfKnown(meta, "maxMetadataHopLimit", limits.instanceLimits().maxMetadataHopLimit());
        meta.put("allowOnDemand", limits.allowOnDemand());
        meta.put("defaultLease", Syntax.format(limits.leases().defaultLease()));
    }

    /** Adds the limits that apply to launches and to extensions. */
    private static void describeLeases(GuardRails limits, @Nullable Scope scope, Map<String, Object> meta) {
        meta.put("maxLease", Syntax.format(limits.leases().maxLease()));
        putIfKnown(meta, "maxCommitted", text(limits.costs().maxCommitted()));
        putIfKnown(meta, "committed", scope == null ? null : text(scope.committed()));
    }

    private static @Nullable String text(@Nullable BigDecimal amount) {
        return amount == null ? null : amount.toPlainString();
    }

    private static void putIfKnown(Map<String, Object> meta, String name, @Nullable Object value) {
        if (value != null) {
            meta.put(name, value);
        }
    }

    private static void putIfLimited(Map<String, Object> meta, String name, Collection<String> values) {
        if (!values.isEmpty()) {
            meta.put(name, values);
        }
    }
}
