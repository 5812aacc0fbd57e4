package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.RegionFanOut;
import io.github.spotspec.function.termination.TerminationCalls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code terminate}: terminates managed instances. Skips an instance whose persistent spot request is alive, because
 * EC2 would launch the instance again at once, and reports it. Use {@code end} for these instances.
 */
public final class TerminateTask implements Task {
    private final AllowedRegions regions;
    private final Inventory inventory;
    private final TerminationCalls calls;

    public TerminateTask(AllowedRegions regions, Inventory inventory, TerminationCalls calls) {
        this.regions = regions;
        this.inventory = inventory;
        this.calls = calls;
    }

    private record Terminated(
            ManagedInstance instance,
            String state,
            boolean wouldRelaunch,
            @Nullable ServiceException failure) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", instance.region());
            out.put("InstanceId", instance.id());
            out.put("PreviousState", instance.state());
            out.put("CurrentState", state);
            out.put("SpotInstanceRequestId", instance.spotRequestId());
        }
    }

    @Override
    public String name() {
        return "terminate";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, ManagedIdFields.INSTANCES);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(ManagedIdFields.INSTANCES);
        return context -> run(asked, ids, context);
    }

    private Answer run(List<String> asked, List<String> ids, TaskContext context) {
        LocatedResources<ManagedInstance> located = LocatedResources.instances(inventory, asked, ids, context);
        RegionFanOut<List<Terminated>> sweep =
                located.forEachRegion(context, (region, own) -> terminate(region, own, context));
        List<Terminated> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        ManagedIdFields.reportFailures(rows, row -> row.instance().id(), Terminated::failure, meta);
        List<String> wouldRelaunch = rows.stream()
                .filter(Terminated::wouldRelaunch)
                .map(row -> row.instance().id())
                .toList();
        if (!wouldRelaunch.isEmpty()) {
            meta.put("wouldRelaunch", wouldRelaunch);
        }
        return new Answer("terminated", rows, meta);
    }

    private List<Terminated> terminate(String region, List<ManagedInstance> own, TaskContext context) {
        List<ManagedInstance> alive =
                own.stream().filter(ManagedInstance::isAlive).toList();
        Map<String, ManagedSpotRequest> requests = requests(region, alive, context);
        Predicate<ManagedInstance> wouldRelaunch = instance -> {
            ManagedSpotRequest request = requests.get(String.valueOf(instance.spotRequestId()));
            return instance.isAlive() && request != null && request.persistent() && request.isAlive();
        };
        List<ManagedInstance> ending =
                alive.stream().filter(wouldRelaunch.negate()).toList();
        calls.recordStates(
                region,
                ending.stream()
                        .filter(instance -> {
                            ManagedSpotRequest request = requests.get(String.valueOf(instance.spotRequestId()));
                            return instance.isStopped() || (request != null && request.persistent());
                        })
                        .toList(),
                context.now(),
                context.callContext());
        TerminationCalls.Outcome outcome =
                calls.terminate(region, ending, context.callContext()).orThrow();
        return own.stream()
                .map(instance -> new Terminated(
                        instance,
                        outcome.states().getOrDefault(instance.id(), instance.state()),
                        wouldRelaunch.test(instance),
                        outcome.failures().get(instance.id())))
                .toList();
    }

    /** Returns the spot requests of instances by id. Waits until EC2 shows those of new instances. */
    private Map<String, ManagedSpotRequest> requests(
            String region, List<ManagedInstance> instances, TaskContext context) {
        List<ManagedInstance> spot =
                instances.stream().filter(ManagedInstance::isSpot).toList();
        if (spot.isEmpty()) {
            return Map.of();
        }
        List<String> ids = requestsOf(spot.stream()).distinct().toList();
        Set<String> unseen = requestsOf(spot.stream()
                        .filter(instance ->
                                instance.mayBeLaunchedAfter(context.now().minus(VisibilityWait.CERTAIN))))
                .collect(Collectors.toSet());
        VisibilityWait wait = new VisibilityWait(context.callContext());
        List<ManagedSpotRequest> requests;
        do {
            requests = inventory.requests(region, ids, context.callContext());
            requests.forEach(request -> unseen.remove(request.id()));
        } while (!unseen.isEmpty() && wait.pauseUnlessOver());
        return requests.stream()
                .collect(Collectors.toMap(ManagedSpotRequest::id, Function.identity(), (one, same) -> one));
    }

    private static Stream<String> requestsOf(Stream<ManagedInstance> instances) {
        return instances.map(ManagedInstance::spotRequestId).filter(Objects::nonNull);
    }
}
