package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ending.Endings;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code terminate}: terminates own instances; a persistent spot request launches again, which {@code end} prevents. */
public final class TerminateTask implements Task {
    private final Regions regions;
    private final Inventory inventory;
    private final Endings endings;

    public TerminateTask(Regions regions, Inventory inventory, Endings endings) {
        this.regions = regions;
        this.inventory = inventory;
        this.endings = endings;
    }

    private record Terminated(OwnInstance instance, String state) implements Row {
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
        List<String> asked = regions.of(fields);
        List<String> ids = fields.require(OwnIds.INSTANCES);
        return call -> run(asked, ids, call);
    }

    private Answer run(List<String> asked, List<String> ids, Call call) {
        Sweep<List<Terminated>> sweep = Sweep.over(asked, call.timeLeft(), region -> terminate(region, ids, call));
        List<Terminated> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        sweep.describe(meta);
        OwnIds.reportMissing(ids, rows.stream().map(row -> row.instance().id()), meta);
        return new Answer("terminated", rows, meta);
    }

    private List<Terminated> terminate(String region, List<String> ids, Call call) {
        List<OwnInstance> own = inventory.instances(region, ids, call.operator());
        List<String> alive =
                own.stream().filter(OwnInstance::isAlive).map(OwnInstance::id).toList();
        Map<String, String> states = endings.terminate(region, alive, call.operator());
        return own.stream()
                .map(instance -> new Terminated(instance, states.getOrDefault(instance.id(), instance.state())))
                .toList();
    }
}
