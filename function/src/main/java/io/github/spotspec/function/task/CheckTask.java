package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.credentials.MfaCredentialsResolver;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Ec2DryRuns;
import io.github.spotspec.function.ec2.InstanceConnect;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.launch.Launch;
import io.github.spotspec.function.launch.LaunchId;
import io.github.spotspec.function.launch.Launcher;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code check}: does a dry run of every operation that the deployment allows, and reports which would fail and why. If
 * the request has the fields of a launch, the dry run is of exactly that launch. Only a request with MFA can check a
 * task that needs MFA.
 */
public final class CheckTask implements Task {
    private final AllowedRegions regions;
    private final Settings settings;
    private final LaunchFields launches;
    private final Inventory inventory;
    private final Launcher launcher;
    private final Ec2DryRuns dryRuns;

    public CheckTask(
            AllowedRegions regions, Settings settings, Ec2Clients ec2, Inventory inventory, Launcher launcher) {
        this.regions = regions;
        this.settings = settings;
        this.launches = new LaunchFields(regions, settings.guardRails(), settings.fleets());
        this.inventory = inventory;
        this.launcher = launcher;
        this.dryRuns = new Ec2DryRuns(ec2);
    }

    /**
     * The result of checking one operation.
     *
     * @param result {@code allowed}, {@code refused}, or {@code unchecked} if there is no resource for the dry run
     */
    private record Checked(
            String region,
            List<String> tasks,
            String action,
            String result,
            @Nullable String error,
            String details) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", region);
            out.put("Tasks", tasks);
            out.put("Action", action);
            out.put("Result", result);
            out.put("Error", error);
            out.put("Details", details);
        }
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public List<Field<?>> fields() {
        return LaunchFields.FIELDS;
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        Launch launch = LaunchFields.areIn(fields) ? launches.read(fields) : null;
        return context -> run(asked, launch, context);
    }

    private Answer run(List<String> asked, @Nullable Launch launch, TaskContext context) {
        // One for all regions, so that none is read twice if the instances of all count towards a limit.
        Launcher.LaunchContext launchContext =
                launcher.context(LaunchId.Key.of(null), context.caller(), context.callContext(), context.now());
        RegionFanOut<List<Checked>> sweep =
                RegionFanOut.over(asked, context.timeLeft(), region -> check(region, launch, launchContext, context));
        List<Checked> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        sweep.describe(meta);
        meta.put(
                "refused",
                rows.stream().filter(row -> row.result().equals("refused")).count());
        return new Answer("checked", rows, meta);
    }

    private List<Checked> check(
            String region, @Nullable Launch launch, Launcher.LaunchContext launchContext, TaskContext context) {
        Checks checks = new Checks(region, context.callContext().mfa());
        checks.dryRun(
                List.of("price", "history"),
                "ec2:DescribeSpotPriceHistory",
                () -> dryRuns.prices(region, context.callContext()));
        checks.dryRun(
                List.of("score"), "ec2:GetSpotPlacementScores", () -> dryRuns.scores(region, context.callContext()));
        checks.dryRun(
                List.of("requests"),
                "ec2:DescribeSpotInstanceRequests",
                () -> dryRuns.requests(region, context.callContext()));
        checks.dryRun(
                List.of("instances", "cost"),
                "ec2:DescribeInstances",
                () -> dryRuns.instances(region, context.callContext()));
        if (launch == null) {
            checks.addUncheckable(
                    List.of("launch"), "ec2:RunInstances", "Add the fields of a launch to check it with a dry run.");
        } else {
            checks.dryRun(
                    List.of("launch"),
                    "ec2:RunInstances",
                    () -> launcher.launch(launch.in(region), true, launchContext));
        }
        checks.addUncheckable(List.of("connect"), InstanceConnect.ACTION, "EC2 Instance Connect has no dry run.");
        checkManagedResources(region, checks, context);
        return checks.rows;
    }

    private void checkManagedResources(String region, Checks checks, TaskContext context) {
        List<String> onInstances = List.of("console", "extend", "terminate", "end");
        List<String> onRequests = List.of("cancel", "end");
        ManagedResource instance = checks.isAnyCheckable(onInstances)
                ? ManagedResource.of(() -> inventory.instances(region, List.of(), context.callContext()).stream()
                        .filter(one -> one.isAlive()
                                && (one.isSpot() || settings.guardRails().allowOnDemand()))
                        .map(ManagedInstance::id)
                        .findFirst())
                : ManagedResource.NONE;
        checks.dryRunOn(
                instance,
                List.of("console"),
                "ec2:GetConsoleOutput",
                id -> dryRuns.consoleOutput(region, id, context.callContext()));
        checks.dryRunOn(
                instance, List.of("extend"), "ec2:CreateTags", id -> dryRuns.tag(region, id, context.callContext()));
        checks.dryRunOn(
                instance,
                List.of("terminate", "end"),
                "ec2:TerminateInstances",
                id -> dryRuns.terminate(region, id, context.callContext()));
        ManagedResource request = checks.isAnyCheckable(onRequests)
                ? ManagedResource.of(() -> inventory.requests(region, List.of(), context.callContext()).stream()
                        .filter(ManagedSpotRequest::isAlive)
                        .map(ManagedSpotRequest::id)
                        .findFirst())
                : ManagedResource.NONE;
        checks.dryRunOn(
                request,
                onRequests,
                "ec2:CancelSpotInstanceRequests",
                id -> dryRuns.cancel(region, id, context.callContext()));
    }

    /**
     * A managed instance or managed spot request for dry runs.
     *
     * @param id its id, or null if there is none
     * @param failure why it could not be looked up, or null if it could
     */
    private record ManagedResource(
            @Nullable String id, @Nullable ServiceException failure) {
        static final ManagedResource NONE = new ManagedResource(null, null);

        static ManagedResource of(Supplier<Optional<String>> lookup) {
            try {
                return new ManagedResource(lookup.get().orElse(null), null);
            } catch (ServiceException failure) {
                return new ManagedResource(null, failure);
            }
        }
    }

    /** Collects the results for the tasks that the deployment allows. */
    private final class Checks {
        private final String region;
        private final boolean mfa;
        private final List<Checked> rows = new ArrayList<>();

        Checks(String region, boolean mfa) {
            this.region = region;
            this.mfa = mfa;
        }

        boolean isAnyCheckable(List<String> tasks) {
            return tasks.stream().anyMatch(task -> settings.tasks().contains(task) && !needsMfa(task));
        }

        /**
         * Returns whether a task needs MFA but this request has none. In that case IAM does not allow a dry run either.
         */
        private boolean needsMfa(String task) {
            return !mfa && settings.mfaTasks().contains(task);
        }

        /** Returns the tasks that can be checked, and records for the others that they need MFA. */
        private List<String> checkable(List<String> tasks, String action) {
            List<String> allowed =
                    tasks.stream().filter(settings.tasks()::contains).toList();
            List<String> needingMfa = allowed.stream().filter(this::needsMfa).toList();
            if (!needingMfa.isEmpty()) {
                addRefused(needingMfa, action, MfaCredentialsResolver.required("This task"));
            }
            return allowed.stream().filter(task -> !needsMfa(task)).toList();
        }

        void dryRun(List<String> tasks, String action, Runnable operation) {
            dryRunCheckable(checkable(tasks, action), action, operation);
        }

        void dryRunOn(ManagedResource resource, List<String> tasks, String action, Consumer<String> operation) {
            List<String> checkable = checkable(tasks, action);
            String id = resource.id();
            if (resource.failure() != null) {
                addRefused(checkable, action, resource.failure());
            } else if (id == null) {
                addUnchecked(checkable, action, "This service has nothing in this region that a dry run could use.");
            } else {
                dryRunCheckable(checkable, action, () -> operation.accept(id));
            }
        }

        void addUncheckable(List<String> tasks, String action, String why) {
            addUnchecked(checkable(tasks, action), action, why);
        }

        private void dryRunCheckable(List<String> checkable, String action, Runnable operation) {
            if (checkable.isEmpty()) {
                return;
            }
            try {
                operation.run();
                rows.add(new Checked(region, checkable, action, "allowed", null, "The dry run succeeded."));
            } catch (ServiceException failure) {
                addRefused(checkable, action, failure);
            }
        }

        private void addRefused(List<String> tasks, String action, ServiceException failure) {
            if (failure.errorCode() == ErrorCode.OPERATOR_REJECTED) {
                // AWS rejected the key, not this operation. The key may be an old one, so the secret must be read
                // again.
                throw failure;
            }
            if (!tasks.isEmpty()) {
                rows.add(new Checked(
                        region, tasks, action, "refused", failure.errorCode().code(), failure.details()));
            }
        }

        private void addUnchecked(List<String> tasks, String action, String why) {
            if (!tasks.isEmpty()) {
                rows.add(new Checked(region, tasks, action, "unchecked", null, why));
            }
        }
    }
}
