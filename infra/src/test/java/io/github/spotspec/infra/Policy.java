package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;

/** The statements of one or more policy documents. */
record Policy(List<Statement> statements) {

    /** Reads policy documents of a template. */
    static Policy of(List<Object> documents) {
        return new Policy(documents.stream()
                .map(document -> Objects.requireNonNull(((Map<?, ?>) document).get("Statement")))
                .flatMap(statements -> ((List<?>) statements).stream())
                .map(statement -> Statement.of((Map<?, ?>) statement))
                .toList());
    }

    /** Reads statements that are not in a template yet. */
    static Policy of(Stack stack, Stream<PolicyStatement> statements) {
        return new Policy(statements
                .map(statement -> (Map<?, ?>) stack.resolve(statement.toStatementJson()))
                .map(statement -> Statement.of(Intrinsics.resolved(statement)))
                .toList());
    }

    /** Returns the statement with a name. */
    Statement get(String sid) {
        return statements.stream()
                .filter(statement -> statement.sid().equals(sid))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no statement " + sid + " in " + sids()));
    }

    /** Returns the statements that allow an action on resources of a type, such as {@code instance}. */
    List<Statement> on(String action, String type) {
        return statements.stream()
                .filter(statement -> statement.actions().contains(action)
                        && statement.resources().stream().anyMatch(arn -> arn.contains(":" + type + "/")))
                .toList();
    }

    SortedSet<String> sids() {
        SortedSet<String> sids = new TreeSet<>();
        statements.forEach(statement -> sids.add(statement.sid()));
        return sids;
    }

    SortedSet<String> actions() {
        SortedSet<String> actions = new TreeSet<>();
        statements.forEach(statement -> actions.addAll(statement.actions()));
        return actions;
    }

    /** Asserts that these are all the statements. */
    void assertIs(Statement... expected) {
        assertEquals(lines(Arrays.asList(expected)), lines(statements));
    }

    /** Returns one line per statement, in a fixed order, so that a failure shows the statement that differs. */
    private static String lines(List<Statement> statements) {
        StringBuilder lines = new StringBuilder();
        statements.stream()
                .sorted(Comparator.comparing(Statement::sid).thenComparing(Statement::toString))
                .forEach(statement -> lines.append(statement).append('\n'));
        return lines.toString();
    }
}
