package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Regions;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.credentials.MfaCredentialsResolver;
import io.github.spotspec.function.ec2.Ec2DryRuns;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.launch.Launch;
import io.github.spotspec.function.launch.LaunchId;
import io.github.spotspec.function.launch.Launcher;
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
    private final Regions regions;
    private final Settings settings;
    private final LaunchFields launches;
    private final Inventory inventory;
    private final Launcher launcher;
    private final Ec2DryRuns rehearsals;

    public CheckTask(Regions regions, Settings settings, Ec2Regions ec2, Inventory inventory, Launcher launcher) {
        this.regions = regions;
        this.settings = settings;
        this.launches = new LaunchFields(regions, settings.guardRails());
        this.inventory = inventory;
        this.launcher = launcher;
        this.rehearsals = new Ec2DryRuns(ec2);
    }

    /**
     * The result of checking one operation.
     *
     * @param result {@code allowed}, {@code refused}, or {@code unchecked} if there is nothing to do the dry run on
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
        return call -> run(asked, launch, call);
    }

    private Answer run(List<String> asked, @Nullable Launch launch, TaskContext call) {
        RegionFanOut<List<Checked>> sweep =
                RegionFanOut.over(asked, call.timeLeft(), region -> check(region, launch, call));
        List<Checked> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        meta.put(
                "refused",
                rows.stream().filter(row -> row.result().equals("refused")).count());
        return new Answer("checked", rows, meta);
    }

    private List<Checked> check(String region, @Nullable Launch launch, TaskContext call) {
        Checks checks = new Checks(region, call.operator().mfa());
        checks.rehearse(
                List.of("price", "history"),
                "ec2:DescribeSpotPriceHistory",
                () -> rehearsals.prices(region, call.operator()));
        checks.rehearse(
                List.of("score"), "ec2:GetSpotPlacementScores", () -> rehearsals.scores(region, call.operator()));
        checks.rehearse(
                List.of("requests"),
                "ec2:DescribeSpotInstanceRequests",
                () -> rehearsals.requests(region, call.operator()));
        checks.rehearse(
                List.of("instances"), "ec2:DescribeInstances", () -> rehearsals.instances(region, call.operator()));
        if (launch == null) {
            checks.uncheckable(
                    List.of("launch"), "ec2:RunInstances", "Give the fields of a launch to have it rehearsed.");
        } else {
            checks.rehearse(
                    List.of("launch"),
                    "ec2:RunInstances",
                    () -> launcher.launch(
                            launch,
                            true,
                            new Launcher.LaunchContext(
                                    LaunchId.Key.of(null), call.caller(), call.operator(), call.now())));
        }
        onOwnThings(region, checks, call);
        return checks.rows;
    }

    private void onOwnThings(String region, Checks checks, TaskContext call) {
        List<String> onInstances = List.of("extend", "terminate", "end");
        List<String> onRequests = List.of("cancel", "end");
        Own instance = checks.isAnyOpen(onInstances)
                ? Own.of(() -> inventory.instances(region, List.of(), call.operator()).stream()
                        .filter(one -> one.isAlive()
                                && (one.isSpot() || settings.guardRails().allowOnDemand()))
                        .map(ManagedInstance::id)
                        .findFirst())
                : Own.NOTHING;
        checks.rehearseOn(
                instance, List.of("extend"), "ec2:CreateTags", id -> rehearsals.tag(region, id, call.operator()));
        checks.rehearseOn(
                instance,
                List.of("terminate", "end"),
                "ec2:TerminateInstances",
                id -> rehearsals.terminate(region, id, call.operator()));
        Own request = checks.isAnyOpen(onRequests)
                ? Own.of(() -> inventory.requests(region, List.of(), call.operator()).stream()
                        .filter(ManagedSpotRequest::isAlive)
                        .map(ManagedSpotRequest::id)
                        .findFirst())
                : Own.NOTHING;
        checks.rehearseOn(
                request,
                onRequests,
                "ec2:CancelSpotInstanceRequests",
                id -> rehearsals.cancel(region, id, call.operator()));
    }

    /**
     * A managed instance or managed spot request to do dry runs on.
     *
     * @param id its id, or null if there is none
     * @param unseen why it could not be looked up, or null if it could
     */
    private record Own(@Nullable String id, @Nullable ServiceException unseen) {
        static final Own NOTHING = new Own(null, null);

        static Own of(Supplier<Optional<String>> looking) {
            try {
                return new Own(looking.get().orElse(null), null);
            } catch (ServiceException refusal) {
                return new Own(null, refusal);
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

        boolean isAnyOpen(List<String> tasks) {
            return tasks.stream().anyMatch(task -> settings.tasks().contains(task) && !isLocked(task));
        }

        /**
         * Returns whether a task needs MFA but this request has none. In that case IAM does not allow a dry run either.
         */
        private boolean isLocked(String task) {
            return !mfa && settings.mfaTasks().contains(task);
        }

        /** Returns the tasks that can be checked, and records for the others that they need MFA. */
        private List<String> open(List<String> tasks, String action) {
            List<String> allowed =
                    tasks.stream().filter(settings.tasks()::contains).toList();
            List<String> locked = allowed.stream().filter(this::isLocked).toList();
            if (!locked.isEmpty()) {
                refused(locked, action, MfaCredentialsResolver.required("It"));
            }
            return allowed.stream().filter(task -> !isLocked(task)).toList();
        }

        void rehearse(List<String> tasks, String action, Runnable act) {
            rehearseOpen(open(tasks, action), action, act);
        }

        void rehearseOn(Own own, List<String> tasks, String action, Consumer<String> act) {
            List<String> open = open(tasks, action);
            String id = own.id();
            if (own.unseen() != null) {
                refused(open, action, own.unseen());
            } else if (id == null) {
                unchecked(open, action, "There is nothing of the service's own here to rehearse it on.");
            } else {
                rehearseOpen(open, action, () -> act.accept(id));
            }
        }

        void uncheckable(List<String> tasks, String action, String why) {
            unchecked(open(tasks, action), action, why);
        }

        private void rehearseOpen(List<String> open, String action, Runnable act) {
            if (open.isEmpty()) {
                return;
            }
            try {
                act.run();
                rows.add(new Checked(region, open, action, "allowed", null, "It would be carried out."));
            } catch (ServiceException refusal) {
                refused(open, action, refusal);
            }
        }

        private void refused(List<String> tasks, String action, ServiceException refusal) {
            if (refusal.errorCode() == ErrorCode.OPERATOR_REJECTED) {
                // AWS rejected the key, not this operation. The key may be an old one, so the secret must be read
                // again.
                throw refusal;
            }
            if (!tasks.isEmpty()) {
                rows.add(new Checked(
                        region, tasks, action, "refused", refusal.errorCode().code(), refusal.details()));
            }
        }

        private void unchecked(List<String> tasks, String action, String why) {
            if (!tasks.isEmpty()) {
                rows.add(new Checked(region, tasks, action, "unchecked", null, why));
            }
        }
    }
}
