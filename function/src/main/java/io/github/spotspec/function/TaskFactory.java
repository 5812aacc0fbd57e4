package io.github.spotspec.function;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.ec2.ConsoleOutputs;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.InstanceConnect;
import io.github.spotspec.function.ec2.InstanceTypes;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.LaunchTemplates;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.PlacementScores;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.ec2.Subnets;
import io.github.spotspec.function.launch.Commitments;
import io.github.spotspec.function.launch.LaunchRateLimiter;
import io.github.spotspec.function.launch.Launcher;
import io.github.spotspec.function.launch.RunningWait;
import io.github.spotspec.function.launch.UnavailablePools;
import io.github.spotspec.function.launch.UsedClientTokens;
import io.github.spotspec.function.task.CancelTask;
import io.github.spotspec.function.task.CheckTask;
import io.github.spotspec.function.task.ConnectTask;
import io.github.spotspec.function.task.ConsoleTask;
import io.github.spotspec.function.task.CostTask;
import io.github.spotspec.function.task.EndTask;
import io.github.spotspec.function.task.ExtendTask;
import io.github.spotspec.function.task.HistoryTask;
import io.github.spotspec.function.task.InstancesTask;
import io.github.spotspec.function.task.LaunchTask;
import io.github.spotspec.function.task.PriceTask;
import io.github.spotspec.function.task.RequestsTask;
import io.github.spotspec.function.task.ScoreTask;
import io.github.spotspec.function.task.StatusTask;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.TerminateTask;
import io.github.spotspec.function.termination.TerminationCalls;
import io.github.spotspec.function.termination.Terminator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Creates the tasks. All tasks share their AWS clients and caches, whatever settings they are created for. Thread-safe.
 */
final class TaskFactory {
    private final Settings deployment;
    private final InstantSource clock;
    private final Ec2Clients ec2;
    private final InstanceTypes instanceTypes;
    private final SpotPrices prices;
    private final OnDemandPrices onDemandPrices;
    private final PlacementScores scores;
    private final Images images;
    private final Subnets subnets;
    private final InstanceConnect instanceConnect;
    private final UnavailablePools unavailablePools = new UnavailablePools();
    private final LaunchRateLimiter launchRate = new LaunchRateLimiter();
    private final UsedClientTokens usedClientTokens = new UsedClientTokens();

    /**
     * Creates the factory of a deployment.
     *
     * @param deployment the deployment's own settings, which a caller's scope does not narrow
     */
    TaskFactory(Settings deployment, SdkHttpClient http, InstantSource clock) {
        this.deployment = deployment;
        this.clock = clock;
        ec2 = new Ec2Clients(http);
        instanceTypes = new InstanceTypes(ec2);
        prices = new SpotPrices(ec2);
        onDemandPrices = new OnDemandPrices(http);
        scores = new PlacementScores(ec2);
        images = new Images(ec2, http);
        subnets = new Subnets(ec2);
        instanceConnect = new InstanceConnect(http);
    }

    /** Returns the tasks as the given settings allow them. */
    List<Task> of(Settings settings) {
        AllowedRegions regions = new AllowedRegions(settings.regions());
        GuardRails guardRails = settings.guardRails();
        Inventory inventory = new Inventory(
                ec2, settings.service(), deployment.guardRails().leases().maxLease());
        TerminationCalls terminationCalls =
                new TerminationCalls(ec2, deployment.guardRails().allowOnDemand());
        Commitments commitments = new Commitments(deployment, onDemandPrices);
        CostReader costs = new CostReader(prices, deployment.guardRails().allowOnDemand() ? onDemandPrices : null);
        Launcher launcher = new Launcher(
                settings,
                new Launcher.Sources(
                        ec2,
                        inventory,
                        onDemandPrices,
                        scores,
                        unavailablePools,
                        launchRate,
                        usedClientTokens,
                        new LaunchTemplates(ec2, settings.service()),
                        commitments,
                        new Launcher.PoolSources(images, instanceTypes, prices, subnets)),
                clock);
        List<Task> tasks = new ArrayList<>(List.of(
                new PriceTask(
                        regions,
                        instanceTypes,
                        prices,
                        onDemandPrices,
                        scores,
                        settings.tasks().contains("score")),
                new HistoryTask(regions, instanceTypes, prices),
                new ScoreTask(regions, instanceTypes, scores),
                new RequestsTask(regions, inventory, prices),
                new InstancesTask(regions, inventory, costs),
                new CostTask(regions, inventory, costs),
                new ConsoleTask(regions, inventory, new ConsoleOutputs(ec2)),
                new ConnectTask(regions, inventory, instanceConnect, guardRails.instanceLimits()),
                new LaunchTask(regions, guardRails, settings.fleets(), launcher, new RunningWait(inventory)),
                new ExtendTask(regions, inventory, new ManagedTags(ec2), guardRails, commitments),
                new CancelTask(regions, inventory, terminationCalls),
                new TerminateTask(regions, inventory, terminationCalls),
                new EndTask(regions, inventory, new Terminator(inventory, terminationCalls), costs),
                new CheckTask(regions, settings, ec2, inventory, launcher)));
        tasks.add(new StatusTask(settings, tasks.stream().map(Task::name).toList()));
        return tasks;
    }
}
