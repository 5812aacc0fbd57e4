package io.github.spotspec.function;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Session;
import io.github.spotspec.function.deployment.GuardRails;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.OwnTags;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.edge.UrlEdge;
import io.github.spotspec.function.ending.Ender;
import io.github.spotspec.function.ending.Endings;
import io.github.spotspec.function.launch.Launcher;
import io.github.spotspec.function.operator.Access;
import io.github.spotspec.function.operator.Deadline;
import io.github.spotspec.function.operator.Granted;
import io.github.spotspec.function.operator.Operator;
import io.github.spotspec.function.operator.OperatorKeys;
import io.github.spotspec.function.operator.OperatorSource;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import io.github.spotspec.function.task.Call;
import io.github.spotspec.function.task.CancelTask;
import io.github.spotspec.function.task.CheckTask;
import io.github.spotspec.function.task.EndTask;
import io.github.spotspec.function.task.ExtendTask;
import io.github.spotspec.function.task.HistoryTask;
import io.github.spotspec.function.task.InstancesTask;
import io.github.spotspec.function.task.LaunchTask;
import io.github.spotspec.function.task.PriceTask;
import io.github.spotspec.function.task.RequestsTask;
import io.github.spotspec.function.task.ScoreTask;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.Tasks;
import io.github.spotspec.function.task.TerminateTask;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import software.amazon.awssdk.http.SdkHttpClient;

/** The service behind the URL: its tasks, and the operator that carries them out. Thread-safe. */
final class Service implements UrlEdge.Service {
    private final Tasks tasks;
    private final OperatorSource operators;
    private final Access access;

    Service(Settings settings, OperatorSource operators, Access access, SdkHttpClient http, InstantSource clock) {
        this.operators = operators;
        this.access = access;
        this.tasks = new Tasks(tasks(settings, http, clock), settings.tasks());
    }

    /** The table of tasks. */
    static List<Task> tasks(Settings settings, SdkHttpClient http, InstantSource clock) {
        Regions regions = new Regions(settings.regions());
        GuardRails guardRails = settings.guardRails();
        Ec2Regions ec2 = new Ec2Regions(http);
        Inventory inventory = new Inventory(ec2, settings.service());
        InstanceTypes instanceTypes = new InstanceTypes(ec2);
        SpotPrices prices = new SpotPrices(ec2);
        OnDemandPrices onDemandPrices = new OnDemandPrices(http);
        PlacementScores scores = new PlacementScores(ec2);
        Endings endings = new Endings(ec2);
        Launcher launcher = new Launcher(
                settings,
                new Launcher.Sources(
                        ec2,
                        inventory,
                        new Images(ec2, http),
                        instanceTypes,
                        prices,
                        onDemandPrices,
                        scores,
                        new Subnets(ec2)),
                clock);
        return List.of(
                new PriceTask(regions, instanceTypes, prices, onDemandPrices),
                new HistoryTask(regions, instanceTypes, prices),
                new ScoreTask(regions, instanceTypes, scores),
                new RequestsTask(regions, inventory, prices),
                new InstancesTask(regions, inventory, prices),
                new LaunchTask(regions, guardRails, launcher),
                new ExtendTask(regions, inventory, new OwnTags(ec2), guardRails),
                new CancelTask(regions, inventory, endings),
                new TerminateTask(regions, inventory, endings),
                new EndTask(regions, new Ender(inventory, endings)),
                new CheckTask(regions, settings, ec2, inventory, launcher));
    }

    @Override
    public boolean knows(String task) {
        return tasks.knows(task);
    }

    @Override
    public Answer answer(Fields fields, String caller, Instant now, Deadline deadline) {
        Task.Act act = tasks.prepare(fields);
        Access.Way way = access.prepare(fields);
        OperatorKeys keys = operators.keys(deadline);
        try {
            return run(act, way, keys, caller, now, deadline);
        } catch (Refusal refusal) {
            // Not after a code was taken: the same code would be refused, and its session be lost.
            if (!refusal.reason().isOfSecret() || refusal.session() != null) {
                throw refusal;
            }
            OperatorKeys fresh = operators.insteadOf(keys, refusal, deadline);
            return run(act, way, fresh, caller, now, deadline);
        }
    }

    private static Answer run(
            Task.Act act, Access.Way way, OperatorKeys keys, String caller, Instant now, Deadline deadline) {
        Granted granted = way.grant(keys, caller, now, deadline);
        Operator operator = new Operator(granted.credentials(), granted.mfa(), keys.userData(), deadline);
        Call call = new Call(caller, operator, now);
        Session opened = granted.opened();
        if (opened == null) {
            return act.run(call);
        }
        try {
            return act.run(call).with(opened);
        } catch (Refusal refusal) {
            throw refusal.with(opened);
        }
    }
}
