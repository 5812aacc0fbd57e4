package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ec2.Rehearsals;
import io.github.spotspec.function.launch.Launch;
import io.github.spotspec.function.launch.Launcher;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code check}: rehearses every act that the deployment allows, and says which would be refused, and why. It takes the
 * fields of a launch, to have that very launch rehearsed.
 */
public final class CheckTask implements Task {
    private final Regions regions;
    private final Settings settings;
    private final LaunchFields launches;
    private final Inventory inventory;
    private final Launcher launcher;
    private final Rehearsals rehearsals;

    public CheckTask(Regions regions, Settings settings, Ec2Regions ec2, Inventory inventory, Launcher launcher) {
        this.regions = regions;
        this.settings = settings;
        this.launches = new LaunchFields(regions, settings.guardRails());
        this.inventory = inventory;
        this.launcher = launcher;
        this.rehearsals = new Rehearsals(ec2);
    }

    /**
     * What would come of an act.
     *
     * @param result {@code allowed}, {@code refused}, or {@code unchecked} where there is nothing to rehearse it on
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
    public Act prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        boolean withLaunch = fields.get(LaunchFields.AMI) != null || fields.get(LaunchFields.SPECIFICATION) != null;
        Launch launch = withLaunch ? launches.read(fields) : null;
        return call -> run(asked, launch, call);
    }

    private Answer run(List<String> asked, @Nullable Launch launch, Call call) {
        Sweep<List<Checked>> sweep = Sweep.over(asked, call.timeLeft(), region -> check(region, launch, call));
        List<Checked> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        sweep.describe(meta);
        meta.put(
                "refused",
                rows.stream().filter(row -> row.result().equals("refused")).count());
        return new Answer("checked", rows, meta);
    }

    private List<Checked> check(String region, @Nullable Launch launch, Call call) {
        Checks checks = new Checks(region);
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
            checks.unchecked(
                    List.of("launch"), "ec2:RunInstances", "Give the fields of a launch to have it rehearsed.");
        } else {
            checks.rehearse(
                    List.of("launch"),
                    "ec2:RunInstances",
                    () -> launcher.launch(
                            launch, true, new Launcher.Order(null, call.caller(), call.operator(), call.now())));
        }
        onOwnThings(region, checks, call);
        return checks.rows;
    }

    private void onOwnThings(String region, Checks checks, Call call) {
        List<String> onInstances = List.of("extend", "terminate", "end");
        List<String> onRequests = List.of("cancel", "end");
        if (checks.allowed(onInstances).isEmpty() && checks.allowed(onRequests).isEmpty()) {
            return;
        }
        Optional<OwnInstance> instance = inventory.instances(region, List.of(), call.operator()).stream()
                .filter(OwnInstance::isAlive)
                .findFirst();
        Optional<OwnRequest> request = inventory.requests(region, List.of(), call.operator()).stream()
                .filter(OwnRequest::isAlive)
                .findFirst();
        String nothing = "There is nothing of the service's own here to rehearse it on.";
        instance.ifPresentOrElse(
                own -> {
                    checks.rehearse(
                            List.of("extend"),
                            "ec2:CreateTags",
                            () -> rehearsals.tag(region, own.id(), call.operator()));
                    checks.rehearse(
                            List.of("terminate", "end"),
                            "ec2:TerminateInstances",
                            () -> rehearsals.terminate(region, own.id(), call.operator()));
                },
                () -> {
                    checks.unchecked(List.of("extend"), "ec2:CreateTags", nothing);
                    checks.unchecked(List.of("terminate", "end"), "ec2:TerminateInstances", nothing);
                });
        request.ifPresentOrElse(
                own -> checks.rehearse(
                        onRequests,
                        "ec2:CancelSpotInstanceRequests",
                        () -> rehearsals.cancel(region, own.id(), call.operator())),
                () -> checks.unchecked(onRequests, "ec2:CancelSpotInstanceRequests", nothing));
    }

    /** Collects what would come of the acts of the tasks that the deployment allows. */
    private final class Checks {
        private final String region;
        private final List<Checked> rows = new ArrayList<>();

        Checks(String region) {
            this.region = region;
        }

        List<String> allowed(List<String> tasks) {
            return tasks.stream().filter(settings.tasks()::contains).toList();
        }

        void rehearse(List<String> tasks, String action, Runnable act) {
            List<String> allowed = allowed(tasks);
            if (allowed.isEmpty()) {
                return;
            }
            try {
                act.run();
                rows.add(new Checked(region, allowed, action, "allowed", null, "It would be carried out."));
            } catch (Refusal refusal) {
                rows.add(new Checked(
                        region, allowed, action, "refused", refusal.reason().word(), refusal.details()));
            }
        }

        void unchecked(List<String> tasks, String action, String why) {
            List<String> allowed = allowed(tasks);
            if (!allowed.isEmpty()) {
                rows.add(new Checked(region, allowed, action, "unchecked", null, why));
            }
        }
    }
}
