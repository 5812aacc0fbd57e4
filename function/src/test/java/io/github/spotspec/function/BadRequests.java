package io.github.spotspec.function;

import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Generates invalid request bodies. They use the fields that the tasks declare, under all of their names, so that new
 * fields are covered too.
 */
final class BadRequests {
    /** The fields that make a request of a task valid; a task that is not listed needs only its name. */
    private static final Map<String, List<Member>> REQUIRED_FIELDS = Map.of(
            "history", List.of(of("types", "['m7g.large']")),
            "score", List.of(of("types", "['m7g.large','c7g.large','r7g.large']")),
            "connect",
                    List.of(
                            of("instanceId", "'i-0123456789abcdef0'"),
                            of("publicKey", "'" + ConnectTest.PUBLIC_KEY + "'")),
            "console", List.of(of("instanceIds", "['i-0123456789abcdef0']")),
            "launch",
                    List.of(of("types", "['m7g.large']"), of("ami", "'ami-0123456789abcdef0'"), of("dryRun", "false")),
            "extend", List.of(of("instanceIds", "['i-0123456789abcdef0']"), of("lease", "'8h'")),
            "cancel", List.of(of("spotInstanceRequestIds", "['sir-0123abcd']")),
            "terminate", List.of(of("instanceIds", "['i-0123456789abcdef0']")),
            "end", List.of(of("instanceIds", "['i-0123456789abcdef0']")));

    private static final Set<String> KEYS = Set.of("region");
    private static final Set<String> UPGRADE = Set.of("tokenCode", "durationSeconds");

    /** The members of the ancestor's envelope, and one that it does not have. */
    private static final List<String> ENVELOPE_MEMBERS = List.of("construct", "attributes", "keys", "upgrade", "other");

    private final List<Task> tasks;

    BadRequests(List<Task> tasks) {
        this.tasks = tasks;
    }

    /** A member of a JSON object: its name, and its value as JSON. */
    private record Member(String name, String value) {}

    private static Member of(String name, String value) {
        return new Member(name, FunctionUnderTest.quoted(value));
    }

    /** Returns a valid request of every task, in both forms. */
    List<String> valid() {
        return tasks.stream()
                .flatMap(task -> Stream.of(flat(valid(task)), envelope(valid(task))))
                .toList();
    }

    /**
     * Returns every bad value in every field of every task, one bad value under each name and in each form, and
     * requests without each field.
     */
    List<String> oneBadValue() {
        List<String> bodies = new ArrayList<>();
        for (Task task : tasks) {
            for (Field<?> field : fields(task)) {
                // The same code reads the common fields for all tasks.
                boolean read = task.equals(tasks.getFirst()) || task.fields().contains(field);
                for (String value : read ? BadValues.of(field.expected()) : List.of("\"\"")) {
                    bodies.add(flat(with(task, field, field.names().getFirst(), value)));
                }
                for (String name : field.names()) {
                    bodies.add(flat(with(task, field, name, "[{}]")));
                    bodies.add(envelope(with(task, field, name, "[{}]")));
                }
                bodies.add(flat(without(task, field)));
                bodies.add(envelope(without(task, field)));
            }
        }
        return bodies;
    }

    /** Returns fields with any values, which may contradict each other, be repeated or be unknown to the task. */
    String anyFields(Random random) {
        Task task = RandomInputs.oneOf(tasks, random);
        List<Member> given = IntStream.rangeClosed(0, random.nextInt(4))
                .mapToObj(i -> member(task, random))
                .toList();
        List<Member> all = new ArrayList<>(valid(task));
        all.removeIf(base -> given.stream().anyMatch(member -> member.name().equals(base.name())));
        all.addAll(given);
        return random.nextBoolean() ? flat(all) : envelope(all);
    }

    /** Returns text that is rarely JSON: a request that is truncated, or has an extra character. */
    String truncatedText(Random random) {
        String body = anyFields(random);
        int position = Math.min(random.nextInt(401), body.length());
        return random.nextBoolean()
                ? body.substring(0, position)
                : body.substring(0, position) + RandomInputs.character(random) + body.substring(position);
    }

    /** Returns the ancestor's envelope with anything in place of its members. */
    String brokenEnvelope(Random random) {
        return "{" + BadValues.text(RandomInputs.oneOf(ENVELOPE_MEMBERS, random)) + ":" + BadValues.any(random)
                + ",\"construct\":{" + BadValues.text(RandomInputs.oneOf(ENVELOPE_MEMBERS, random)) + ":"
                + BadValues.any(random)
                + "},\"attributes\":" + anyFields(random) + "}";
    }

    private static Member member(Task task, Random random) {
        if (random.nextInt(10) == 0) {
            return new Member(RandomInputs.text(80, random), BadValues.any(random));
        }
        Field<?> field = RandomInputs.oneOf(fields(task), random);
        return new Member(RandomInputs.oneOf(field.names(), random), BadValues.anyOf(field.expected(), random));
    }

    private static List<Field<?>> fields(Task task) {
        return Stream.concat(task.fields().stream(), Fields.COMMON.stream()).toList();
    }

    private static List<Member> valid(Task task) {
        return Stream.concat(
                        Stream.of(of("task", "'" + task.name() + "'")),
                        REQUIRED_FIELDS.getOrDefault(task.name(), List.of()).stream())
                .toList();
    }

    private static List<Member> without(Task task, Field<?> field) {
        return valid(task).stream()
                .filter(member -> !field.names().contains(member.name()))
                .toList();
    }

    private static List<Member> with(Task task, Field<?> field, String name, String value) {
        List<Member> members = new ArrayList<>(without(task, field));
        members.add(new Member(name, value));
        return members;
    }

    private static String flat(List<Member> members) {
        return "{"
                + String.join(
                        ",",
                        members.stream()
                                .map(member -> BadValues.text(member.name()) + ":" + member.value())
                                .toList())
                + "}";
    }

    private static String envelope(List<Member> members) {
        return "{\"construct\":{\"keys\":" + flat(only(members, KEYS)) + ",\"upgrade\":" + flat(only(members, UPGRADE))
                + "},\"attributes\":"
                + flat(members.stream()
                        .filter(member -> !KEYS.contains(member.name()) && !UPGRADE.contains(member.name()))
                        .toList())
                + "}";
    }

    private static List<Member> only(List<Member> members, Set<String> names) {
        return members.stream().filter(member -> names.contains(member.name())).toList();
    }
}
