package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Inventory;
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

/** {@code end}: cancels, terminates, looks whether both are true, and reports what is left. */
public final class EndTask implements Task {
    static final Field<Boolean> ALL = Field.flag("all");

    private final Regions regions;
    private final Inventory inventory;
    private final Ender ender;

    public EndTask(Regions regions, Inventory inventory, Ender ender) {
        this.regions = regions;
        this.inventory = inventory;
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
        List<String> ids = new ArrayList<>(fields.get(OwnIds.INSTANCES, List.of()));
        ids.addAll(fields.get(OwnIds.REQUESTS, List.of()));
        boolean all = fields.get(ALL, false);
        if (all != ids.isEmpty()) {
            throw new Refusal(
                    all ? Reason.INVALID_REQUEST : Reason.MISSING_FIELD,
                    "Say what is to end: 'instanceIds', 'spotInstanceRequestIds' or both, or else 'all' as true.");
        }
        if (all) {
            List<String> asked = regions.of(fields);
            return call -> endAll(asked, call);
        }
        List<String> asked = regions.ofIds(fields);
        return call -> end(asked, ids, call);
    }

    private Answer endAll(List<String> asked, Call call) {
        Sweep<Ender.AllEnded> sweep = Sweep.over(asked, call.timeLeft(), region -> {
            Ender.AllEnded ended = ender.endAll(region, call.operator());
            refuseIfDenied(ended.rows());
            return ended;
        });
        Map<String, Refusal> failed = new LinkedHashMap<>(sweep.failed());
        sweep.found().forEach((region, ended) -> {
            if (!ended.certain()) {
                failed.put(region, uncertain(region));
            }
        });
        Map<String, Object> meta = new LinkedHashMap<>();
        Sweep.describe(
                asked.stream().filter(region -> !failed.containsKey(region)).toList(), failed, meta);
        return answer(
                sweep.found().values().stream()
                        .flatMap(ended -> ended.rows().stream())
                        .toList(),
                meta);
    }

    private static Refusal uncertain(String region) {
        return new Refusal(
                Reason.TIMED_OUT,
                "EC2 in " + region + " had no time to show all that had been launched; end all of that region again.");
    }

    private Answer end(List<String> asked, List<String> ids, Call call) {
        Located<String> located = Located.in(asked, ids, call, id -> id, (region, sought) -> own(region, sought, call));
        Sweep<List<Ended>> sweep = located.act(call, (region, found) -> end(region, found, call));
        List<Ended> rows = sweep.found().values().stream().flatMap(List::stream).toList();
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        List<String> missing = new ArrayList<>(located.missing());
        // What EC2 showed at first and then no more is not known to have ended.
        sweep.found()
                .forEach((region, ended) -> located.found().getOrDefault(region, List.of()).stream()
                        .filter(id ->
                                ended.stream().noneMatch(row -> id.equals(row.instance()) || id.equals(row.request())))
                        .forEach(missing::add));
        Located.describeMissing(missing, meta);
        return answer(rows, meta);
    }

    /** Returns those of some ids that are of own things in a region. */
    private List<String> own(String region, List<String> ids, Call call) {
        List<String> instances = ids.stream().filter(id -> id.startsWith("i-")).toList();
        List<String> requests =
                ids.stream().filter(id -> !instances.contains(id)).toList();
        List<String> own = new ArrayList<>();
        if (!instances.isEmpty()) {
            inventory.instances(region, instances, call.operator()).forEach(instance -> own.add(instance.id()));
        }
        if (!requests.isEmpty()) {
            inventory.requests(region, requests, call.operator()).forEach(request -> own.add(request.id()));
        }
        return own;
    }

    /**
     * Ends in a region.
     *
     * @throws Refusal if EC2 does not answer, or the operator may end nothing of it
     */
    private List<Ended> end(String region, List<String> ids, Call call) {
        Ender.Choice named = (instances, requests, ending) -> {
            instances.stream().filter(instance -> ids.contains(instance.id())).forEach(ending::add);
            requests.stream().filter(request -> ids.contains(request.id())).forEach(ending::add);
        };
        List<Ended> rows = ender.end(region, named, call.operator());
        refuseIfDenied(rows);
        return rows;
    }

    private static void refuseIfDenied(List<Ended> rows) {
        List<Refusal> denied = rows.stream()
                .map(Ended::refusal)
                .filter(Objects::nonNull)
                .filter(refusal ->
                        refusal.reason() == Reason.NOT_AUTHORIZED || refusal.reason() == Reason.ON_DEMAND_NOT_ALLOWED)
                .toList();
        if (!rows.isEmpty() && denied.size() == rows.size()) {
            throw denied.getFirst();
        }
    }

    private static Answer answer(List<Ended> rows, Map<String, Object> meta) {
        meta.put("left", rows.stream().filter(row -> !row.ended()).count());
        report(rows, meta);
        return new Answer("ended", rows, meta);
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
