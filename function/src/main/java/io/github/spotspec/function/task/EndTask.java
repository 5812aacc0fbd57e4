package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ending.Ended;
import io.github.spotspec.function.ending.Ender;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** {@code end}: cancels, terminates, looks whether both are true, and reports what is left. */
public final class EndTask implements Task {
    static final Field<Boolean> ALL = Field.flag("all");

    private final Regions regions;
    private final Ender ender;

    public EndTask(Regions regions, Ender ender) {
        this.regions = regions;
        this.ender = ender;
    }

    @Override
    public String name() {
        return "end";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, OwnIds.INSTANCES, OwnIds.REQUESTS, ALL);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        List<String> instances = fields.get(OwnIds.INSTANCES, List.of());
        List<String> requests = fields.get(OwnIds.REQUESTS, List.of());
        boolean all = fields.get(ALL, false);
        if (all == (!instances.isEmpty() || !requests.isEmpty())) {
            throw new Refusal(
                    all ? Reason.INVALID_REQUEST : Reason.MISSING_FIELD,
                    "Say what is to end: 'instanceIds', 'spotInstanceRequestIds' or both, or else 'all' as true.");
        }
        return call -> run(asked, instances, requests, choice(instances, requests, all), call);
    }

    private static Ender.Choice choice(List<String> instanceIds, List<String> requestIds, boolean all) {
        return (instances, requests, ending) -> {
            instances.stream()
                    .filter(instance -> all ? instance.isAlive() : instanceIds.contains(instance.id()))
                    .forEach(ending::add);
            requests.stream()
                    .filter(request -> all ? request.isAlive() : requestIds.contains(request.id()))
                    .forEach(ending::add);
        };
    }

    private Answer run(
            List<String> asked, List<String> instances, List<String> requests, Ender.Choice choice, Call call) {
        Sweep<List<Ended>> sweep = Sweep.over(asked, call.timeLeft(), region -> end(region, choice, call));
        List<Ended> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);
        Map<String, Object> meta = new LinkedHashMap<>();
        sweep.describe(meta);
        meta.put("left", rows.stream().filter(row -> !row.ended()).count());
        report(rows, meta);
        OwnIds.reportMissing(
                Stream.concat(instances.stream(), requests.stream()).toList(),
                rows.stream()
                        .flatMap(row -> Stream.of(row.instance(), row.request()))
                        .filter(Objects::nonNull),
                meta);
        return new Answer("ended", rows, meta);
    }

    /**
     * Ends in a region.
     *
     * @throws Refusal if EC2 does not answer, or the operator may end nothing of it
     */
    private List<Ended> end(String region, Ender.Choice choice, Call call) {
        List<Ended> rows = ender.end(region, choice, call.operator());
        List<Refusal> denied = rows.stream()
                .map(Ended::refusal)
                .filter(Objects::nonNull)
                .filter(refusal ->
                        refusal.reason() == Reason.NOT_AUTHORIZED || refusal.reason() == Reason.ON_DEMAND_NOT_ALLOWED)
                .toList();
        if (!rows.isEmpty() && denied.size() == rows.size()) {
            throw denied.getFirst();
        }
        return rows;
    }

    /** Writes why what is left is left. */
    private static void report(List<Ended> rows, Map<String, Object> meta) {
        Map<String, Refusal> refused = new LinkedHashMap<>();
        for (Ended row : rows) {
            if (row.refusal() != null) {
                refused.put(String.valueOf(row.instance() == null ? row.request() : row.instance()), row.refusal());
            }
        }
        OwnIds.reportRefused(refused, meta);
        List<String> untagged = rows.stream()
                .filter(Ended::untagged)
                .map(row -> String.valueOf(row.instance()))
                .toList();
        if (!untagged.isEmpty()) {
            meta.put("untagged", untagged);
        }
    }
}
