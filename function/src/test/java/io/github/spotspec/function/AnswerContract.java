package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.runtime.Json;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks what callers may rely on in the answer to any request, valid or not, while AWS works. */
final class AnswerContract {
    private static final Set<String> EVENTS = Set.of(
            "priced",
            "history",
            "scored",
            "spots",
            "instances",
            "costs",
            "console",
            "admitted",
            "launched",
            "extended",
            "canceled",
            "terminated",
            "ended",
            "checked",
            "status");

    private static final List<String> TABLES =
            List.of("text/plain; charset=utf-8", "text/csv; charset=utf-8; header=present");

    private static final Map<String, Integer> STATUSES =
            Arrays.stream(ErrorCode.values()).collect(Collectors.toMap(ErrorCode::code, ErrorCode::status));

    /** Texts that no answer and no log line may contain: keys, secrets, and internals of the program. */
    private static final List<String> FORBIDDEN = List.of(
            "AKIAFIRST",
            "first-secret",
            "AKIAROLE",
            "role-secret",
            "first-signing-secret",
            "Exception",
            "spotspec.function.",
            "\tat ",
            "    at ");

    private static final int MAX_DETAILS = 2_500;

    private AnswerContract() {}

    /** Fails if an answer, or its log line, is not as documented. */
    static void check(FunctionUnderTest.Answer answer, String log) {
        String text = answer.status() + " " + answer.body();
        String type = String.valueOf(answer.headers().get("content-type"));
        if (type.equals("application/json")) {
            checkJson(answer, text);
        } else if (answer.status() == 200) {
            assertTrue(TABLES.contains(type), type);
            assertTrue(String.valueOf(answer.headers().get("spotspec-meta")).matches("[ -~]+"), text);
        } else {
            assertEquals(TABLES.getFirst(), type);
            assertEquals(STATUSES.get(answer.body().split(":", 2)[0]), answer.status(), text);
            assertTrue(answer.body().matches("\\w+: \\S.{10,}\\.\n"), text);
        }
        for (String hidden : FORBIDDEN) {
            assertFalse(answer.body().contains(hidden), text);
            assertFalse(log.contains(hidden), log);
        }
        assertNotNull(Json.parse(log), "one line of JSON");
    }

    private static void checkJson(FunctionUnderTest.Answer answer, String text) {
        Map<?, ?> json = answer.json();
        if (answer.status() == 200) {
            assertEquals(Set.of("event", "data", "meta"), json.keySet(), text);
            assertTrue(EVENTS.contains(answer.event()), text);
            assertNotNull(answer.data());
            assertNotNull(answer.meta());
        } else {
            Set<Object> members = new HashSet<>(json.keySet());
            if (members.remove("meta")) {
                assertEquals(Set.of("session", "sessionExpires"), answer.meta().keySet(), text);
            }
            assertEquals(Set.of("code", "error", "details", "requestId"), members, text);
            assertEquals(STATUSES.get(answer.error()), answer.status(), text);
            assertEquals(answer.status(), ((Number) Objects.requireNonNull(json.get("code"))).intValue(), text);
            assertTrue(answer.status() >= 400 && answer.status() < 500, "not an error of the request: " + text);
            assertTrue(answer.details().matches("(?s)\\S.{10,}\\."), text);
            assertTrue(answer.details().length() < MAX_DETAILS, text);
            assertEquals("request-1", json.get("requestId"));
        }
    }
}
