package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.ending.Endings;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code terminate}: terminates own instances. One whose persistent spot request is alive would come back at once, so it is
 * left running and named; {@code end} is for such.
 */
public final class TerminateTask implements Task {
    private final Regions regions;
    private final Inventory inventory;
    private final Endings endings;

    public TerminateTask(Regions regions, Inventory inventory, Endings endings) {
        this.regions = regions;
        this.inventory = inventory;
        this.endings = endings;
    }

    private record Terminated(
            OwnInstance instance,
            String state,
            boolean wouldRelaunch,
            @Nullable Refusal refusal) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", instance.region());
            out.put("InstanceId", instance.id());
            out.put("PreviousState", instance.state());
            out.put("CurrentState", state);
            out.put("SpotInstanceRequestId", instance.spotRequest());
        }
    }

    @Override
    public String name() {
        return "terminate";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, OwnIds.INSTANCES);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(OwnIds.INSTANCES);
        return call -> run(asked, ids, call);
    }

    private Answer run(List<String> asked, List<String> ids, Call call) {
        Located<OwnInstance> located = Located.instances(inventory, asked, ids, call);
        Sweep<List<Terminated>> sweep = located.act(call, (region, own) -> terminate(region, own, call));
        List<Terminated> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        Map<String, Refusal> refused = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.refusal() != null)
                .forEach(row -> refused.put(row.instance().id(), row.refusal()));
        OwnIds.reportRefused(refused, meta);
        List<String> wouldRelaunch = rows.stream()
                .filter(Terminated::wouldRelaunch)
                .map(row -> row.instance().id())
                .toList();
        if (!wouldRelaunch.isEmpty()) {
            meta.put("wouldRelaunch", wouldRelaunch);
        }
        return new Answer("terminated", rows, meta);
    }

    private List<Terminated> terminate(String region, List<OwnInstance> own, Call call) {
        List<OwnInstance> alive = own.stream().filter(OwnInstance::isAlive).toList();
        Set<String> relaunching = relaunching(region, alive, call);
        Predicate<OwnInstance> wouldRelaunch =
                instance -> instance.isAlive() && relaunching.contains(String.valueOf(instance.spotRequest()));
        Endings.Done done = endings.terminate(
                        region, alive.stream().filter(wouldRelaunch.negate()).toList(), call.operator())
                .orRefusal();
        return own.stream()
                .map(instance -> new Terminated(
                        instance,
                        done.states().getOrDefault(instance.id(), instance.state()),
                        wouldRelaunch.test(instance),
                        done.refused().get(instance.id())))
                .toList();
    }

    /** Returns the spot requests of instances that would launch them again; waits until EC2 shows those of new instances. */
    private Set<String> relaunching(String region, List<OwnInstance> instances, Call call) {
        List<OwnInstance> spot = instances.stream()
                .filter(instance -> instance.spotRequest() != null)
                .toList();
        if (spot.isEmpty()) {
            return Set.of();
        }
        List<String> ids = requestsOf(spot.stream()).distinct().toList();
        Set<String> unseen = requestsOf(spot.stream()
                        .filter(instance ->
                                instance.launched().isAfter(call.now().minus(VisibilityWait.CERTAIN))))
                .collect(Collectors.toSet());
        VisibilityWait wait = new VisibilityWait(call.operator());
        List<OwnRequest> requests;
        do {
            requests = inventory.requests(region, ids, call.operator());
            requests.forEach(request -> unseen.remove(request.id()));
        } while (!unseen.isEmpty() && wait.again());
        return requests.stream()
                .filter(request -> request.persistent() && request.isAlive())
                .map(OwnRequest::id)
                .collect(Collectors.toSet());
    }

    private static Stream<String> requestsOf(Stream<OwnInstance> instances) {
        return instances.map(OwnInstance::spotRequest).filter(Objects::nonNull);
    }
}
