package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.runtime.RegionFanOut;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * A task that lists managed resources: all of some regions, or those that the request names by id.
 *
 * @param <T> the type of the resources
 * @param <R> the type of their rows
 */
abstract class ListTask<T, R extends Row> implements Task {
    private final String name;
    private final String event;
    private final Field<List<String>> ids;
    private final AllowedRegions regions;

    /**
     * Creates a task.
     *
     * @param event the event of its answer
     * @param ids the field that names resources
     */
    ListTask(String name, String event, Field<List<String>> ids, AllowedRegions regions) {
        this.name = name;
        this.event = event;
        this.ids = ids;
        this.regions = regions;
    }

    /** Returns the fields of the task besides regions and ids. By default, none. */
    List<Field<?>> filterFields() {
        return List.of();
    }

    /** Returns which resources to list if the request names none by id. By default, all. */
    Predicate<T> filter(Fields fields) {
        return resource -> true;
    }

    /** Returns all resources in a region. */
    abstract List<T> all(String region, TaskContext context);

    /** Looks up resources by id. */
    abstract LocatedResources<T> locate(List<String> regions, List<String> ids, TaskContext context);

    /** Returns the rows of the resources of a region, newest first, with current spot prices where there are any. */
    abstract List<R> rows(String region, List<T> resources, TaskContext context);

    /** Writes what the rows of all regions amount to. By default, nothing. */
    void describe(List<R> rows, TaskContext context, Map<String, Object> meta) {}

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(List.of(AllowedRegions.FIELD, ids));
        fields.addAll(filterFields());
        return fields;
    }

    @Override
    public final PreparedTask prepare(Fields fields) {
        List<String> named = fields.get(ids, List.of());
        if (named.isEmpty()) {
            List<String> asked = regions.of(fields);
            Predicate<T> listed = filter(fields);
            return context -> listAll(asked, listed, context);
        }
        List<String> asked = regions.ofIds(fields);
        return context -> listNamed(asked, named, context);
    }

    private Answer listAll(List<String> asked, Predicate<T> listed, TaskContext context) {
        LongAdder notListed = new LongAdder();
        RegionFanOut<List<R>> found = RegionFanOut.over(asked, context.timeLeft(), region -> {
            List<T> all = all(region, context);
            List<T> chosen = all.stream().filter(listed).toList();
            notListed.add(all.size() - chosen.size());
            return rows(region, chosen, context);
        });
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        found.describe(meta);
        if (notListed.sum() > 0) {
            meta.put("notListed", notListed.sum());
        }
        return answer(found, context, meta);
    }

    private Answer listNamed(List<String> asked, List<String> named, TaskContext context) {
        LocatedResources<T> located = locate(asked, named, context);
        RegionFanOut<List<R>> found =
                located.forEachRegion(context, (region, resources) -> rows(region, resources, context));
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", context.now());
        located.describe(found, meta);
        return answer(found, context, meta);
    }

    private Answer answer(RegionFanOut<List<R>> found, TaskContext context, Map<String, Object> meta) {
        List<R> rows = found.results().values().stream().flatMap(List::stream).toList();
        describe(rows, context, meta);
        return new Answer(event, rows, meta);
    }
}
