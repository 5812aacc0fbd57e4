package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ending.Endings;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cancel}: cancels own spot requests; their instances run on. */
public final class CancelTask implements Task {
    private final Regions regions;
    private final Inventory inventory;
    private final Endings endings;

    public CancelTask(Regions regions, Inventory inventory, Endings endings) {
        this.regions = regions;
        this.inventory = inventory;
        this.endings = endings;
    }

    private record Cancelled(
            OwnRequest request, String state, @Nullable Refusal refusal) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", request.region());
            out.put("SpotInstanceRequestId", request.id());
            out.put("State", state);
            out.put("InstanceId", request.instance());
        }
    }

    @Override
    public String name() {
        return "cancel";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, OwnIds.REQUESTS);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.ofIds(fields);
        List<String> ids = fields.require(OwnIds.REQUESTS);
        return call -> run(asked, ids, call);
    }

    private Answer run(List<String> asked, List<String> ids, Call call) {
        Located<OwnRequest> located = Located.requests(inventory, asked, ids, call);
        Sweep<List<Cancelled>> sweep = located.act(call, (region, own) -> cancel(region, own, call));
        List<Cancelled> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        Map<String, Refusal> refused = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.refusal() != null)
                .forEach(row -> refused.put(row.request().id(), row.refusal()));
        OwnIds.reportRefused(refused, meta);
        return new Answer("canceled", rows, meta);
    }

    private List<Cancelled> cancel(String region, List<OwnRequest> own, Call call) {
        List<String> alive =
                own.stream().filter(OwnRequest::isAlive).map(OwnRequest::id).toList();
        Endings.Done done = endings.cancel(region, alive, call.operator()).orRefusal();
        return own.stream()
                .map(request -> new Cancelled(
                        request,
                        done.states().getOrDefault(request.id(), request.state()),
                        done.refused().get(request.id())))
                .toList();
    }
}
