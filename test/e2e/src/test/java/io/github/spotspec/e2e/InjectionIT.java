package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sends input that tries to forge response headers and log lines. */
@ExtendWith(SharedDeployment.class)
final class InjectionIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARKER = "f0rged";

    /** Texts that try to break out of a log line or a header. */
    private static final List<String> INJECTIONS = List.of(
            "\n{\"level\":\"ERROR\",\"message\":\"" + MARKER + "\"}\n",
            "\r\n{\"message\":\"" + MARKER + "\"}",
            "\r{\"message\":\"" + MARKER + "\"}",
            "\",\"message\":\"" + MARKER + "\",\"x\":\"",
            "\\\",\\\"message\\\":\\\"" + MARKER + "\\\"",
            "{\"_aws\":{\"CloudWatchMetrics\":[{\"Namespace\":\"" + MARKER + "\"}]}}",
            "\u001b[2J\u001b[31m" + MARKER + "\u0007",
            "\u009b2J" + MARKER,
            "\u2028" + MARKER + "\u2029" + MARKER + "\u0085" + MARKER,
            "\u202e" + MARKER,
            "\u0000" + MARKER,
            "%0d%0aset-cookie:%20" + MARKER + "=1",
            "\r\nset-cookie: " + MARKER + "=1\r\n\r\n<html>",
            "\u560a\u560dset-cookie: " + MARKER + "=1",
            "${jndi:ldap://127.0.0.1/" + MARKER + "}");

    private final LocalDeployment service;
    private final AttackTarget target;
    private final List<String> bearer;

    InjectionIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.target = AttackTarget.in(service);
        this.bearer = target.bearer();
    }

    private static boolean isValidHeaderValue(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    @Test
    void responseHeadersNeverContainInput() throws Exception {
        Set<String> names = new TreeSet<>();
        for (String text : INJECTIONS) {
            for (String body : List.of(
                    RequestBody.to("price").with("types", text).toString(),
                    RequestBody.to(text).toString(),
                    RequestBody.launch("m7g.large").with("idempotencyKey", text).toString(),
                    RequestBody.to("price").with("region", text).toString())) {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target.output("Url")))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .headers(bearer.toArray(String[]::new));
                if (isValidHeaderValue(text)) {
                    request.headers("idempotency-key", text, "x-request-id", text, "origin", text);
                }
                HttpResponse<String> response =
                        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
                response.headers().map().keySet().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
                assertFalse(
                        response.headers().toString().contains(MARKER),
                        response.headers().toString());
                assertTrue(response.statusCode() >= 400 && response.statusCode() < 500, response.body());
            }
        }
        assertEquals(
                Set.of("cache-control", "content-length", "content-type", "date", "x-content-type-options"), names);
    }

    @Test
    void inputNeverForgesLogLines() throws Exception {
        awaitLog();
        List<String> before = service.cloud().state().logs().lines();
        int expected = 2;
        for (String text : INJECTIONS) {
            for (RequestBody ask : List.of(
                    RequestBody.to(text),
                    RequestBody.to("price").with("types", text).with("isLogging", true),
                    RequestBody.to("price").with(text, text).with("isLogging", true),
                    RequestBody.to("price").with("region", text).with("zones", List.of(text)),
                    RequestBody.launch(text).with("idempotencyKey", text).with("isLogging", true),
                    RequestBody.launch("m7g.large").with("keyName", text).with("tags", Map.of(text, text)),
                    RequestBody.launch("m7g.large")
                            .with("userData", text)
                            .with("userDataName", text)
                            .with("mfaCode", text),
                    RequestBody.to("end").with("instanceIds", text).with("session", text))) {
                AttackTarget.assertRejected(target.url().unsigned(ask.toString(), bearer), ask);
                AttackTarget.assertRejected(service.send(ask.toString()), ask);
                expected += 2;
            }
            if (isValidHeaderValue(text)) {
                AttackTarget.assertRejected(
                        target.url()
                                .unsigned(
                                        "?" + MARKER + "=1",
                                        "{}",
                                        AttackTarget.joined(
                                                bearer,
                                                List.of("user-agent", text, "cookie", text, "idempotency-key", text))),
                        text);
                AttackTarget.assertRejected(
                        target.url().unsigned("{}", List.of("authorization", "Bearer " + text)), text);
                expected += 2;
            }
        }
        awaitLog();

        List<String> lines = new ArrayList<>(service.cloud().state().logs().lines());
        before.forEach(lines::remove);
        // The JVM's own line, if an environment started in the meantime.
        lines.removeIf(line -> line.startsWith("Picked up JAVA_TOOL_OPTIONS"));
        int requests = 0;
        for (String line : lines) {
            JsonNode json = JSON.readTree(line);
            assertTrue(json.isObject(), line);
            assertFalse(line.contains(MARKER), line);
            requests += json.path("message").asText().equals("request") ? 1 : 0;
        }
        assertEquals(expected, requests, "one line for each request");
    }

    /** Sends a request to both functions, and waits for its log lines. All earlier lines are then there too. */
    private void awaitLog() throws Exception {
        for (SpotUrl.Answer answer : List.of(service.send("{}"), target.url().unsigned("{}", bearer))) {
            service.awaitLogged(answer.json().path("requestId").asText());
        }
    }
}
