package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.runtime.RegionFanOut;
import io.github.spotspec.function.termination.TerminationCalls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cancel}: cancels managed spot requests. Their instances keep running. */
public final class CancelTask implements Task {
    private final AllowedRegions regions;
    private final Inventory inventory;
    private final TerminationCalls calls;

    public CancelTask(AllowedRegions regions, Inventory inventory, TerminationCalls calls) {
        this.regions = regions;
        this.inventory = inventory;
        this.calls = calls;
    }

    private record Cancelled(
            ManagedSpotRequest request,
            String state,
            @Nullable ServiceException failure) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", request.region());
            out.put("SpotInstanceRequestId", request.id());
            out.put("State", state);
            out.put("InstanceId", request.instanceId());
        }
    }

    @Override
    public String name() {
        return "cancel";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, ManagedIdFields.REQUESTS);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(ManagedIdFields.REQUESTS);
        return context -> run(asked, ids, context);
    }

    private Answer run(List<String> asked, List<String> ids, TaskContext context) {
        LocatedResources<ManagedSpotRequest> located = LocatedResources.requests(inventory, asked, ids, context);
        RegionFanOut<List<Cancelled>> sweep =
                located.forEachRegion(context, (region, own) -> cancel(region, own, context));
        List<Cancelled> rows = new ArrayList<>();
        sweep.results().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        ManagedIdFields.reportFailures(rows, row -> row.request().id(), Cancelled::failure, meta);
        return new Answer("canceled", rows, meta);
    }

    private List<Cancelled> cancel(String region, List<ManagedSpotRequest> own, TaskContext context) {
        List<String> alive = own.stream()
                .filter(ManagedSpotRequest::isAlive)
                .map(ManagedSpotRequest::id)
                .toList();
        TerminationCalls.Outcome outcome =
                calls.cancel(region, alive, context.callContext()).orThrow();
        return own.stream()
                .map(request -> new Cancelled(
                        request,
                        outcome.states().getOrDefault(request.id(), request.state()),
                        outcome.failures().get(request.id())))
                .toList();
    }
}
