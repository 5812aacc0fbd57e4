package io.github.spotspec.function.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.runtime.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** Tests the minter's defaults, rejections and log. */
final class MinterAnswersTest {
    private static final String ID = "00000000-0000-0007-0000-000000000001";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private MinterHandler minter(Duration maxLife) {
        return new MinterHandler(
                new MinterSettings(
                        "Test/Spot@us-west-2",
                        List.of("us-west-2", "eu-west-1"),
                        List.of("price", "launch"),
                        FakeAws.SIGNING_SECRET,
                        FakeAws.REVOCATIONS_SECRET,
                        "https://abc/",
                        maxLife),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAMINTER", "minter-secret")),
                aws,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    private static Map<?, ?> invoke(MinterHandler minter, String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            minter.handleRequest(
                    new ByteArrayInputStream(event.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
                    out,
                    new FakeContext(10_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (Map<?, ?>) Objects.requireNonNull(Json.parse(out.toString(StandardCharsets.UTF_8)));
    }

    private Map<?, ?> invoke(String event) {
        return invoke(minter(Duration.ofDays(1)), event);
    }

    private void assertLogged(String... parts) {
        String logged = log.toString(StandardCharsets.UTF_8);
        for (String part : parts) {
            assertTrue(logged.contains(part), part + " is missing in: " + logged);
        }
    }

    @Test
    void defaultLifeIsOneHourOrTheMaximum() {
        assertEquals("2026-03-01T13:00:00Z", invoke("{'tasks':'price'}").get("expires"));
        assertEquals(
                "2026-03-01T12:30:00Z",
                invoke(minter(Duration.ofMinutes(30)), "{'tasks':'price'}").get("expires"));
    }

    @Test
    void allowsLifeFromOneMinuteToMaximum() {
        assertEquals(
                "2026-03-01T12:01:00Z",
                invoke("{'tasks':'price','life':'PT60S'}").get("expires"));
        assertEquals(
                "2026-03-02T12:00:00Z", invoke("{'tasks':'price','life':'24h'}").get("expires"));
        assertEquals("InvalidValue", invoke("{'tasks':'price','life':'PT59S'}").get("error"));
        assertEquals(
                "InvalidValue", invoke("{'tasks':'price','life':'PT24H1S'}").get("error"));
    }

    @Test
    void logsTheTokensIdAndScope() {
        Map<?, ?> answer = invoke("{'tasks':'price','regions':['eu-west-1']}");

        assertLogged(
                "\"level\":\"INFO\"",
                "\"id\":\"" + answer.get("id") + "\"",
                "\"expires\":\"2026-03-01T13:00:00Z\"",
                "\"regions\":[\"eu-west-1\"]");
        assertFalse(log.toString(StandardCharsets.UTF_8).contains(String.valueOf(answer.get("token"))));
    }

    @Test
    void toStringHidesToken() {
        Token token = new Token(
                "s", ID, FakeClock.START, FakeClock.START, new Scope(List.of("price"), null, null, null, null));

        String text = new Minter.Minted(token, "the-token").toString();

        assertTrue(text.startsWith("Minted"), text);
        assertFalse(text.contains("the-token"), text);
    }

    @Test
    void returnsAndLogsRevokedIds() {
        assertEquals(List.of(ID), invoke("{'revoke':'" + ID + "'}").get("revoked"));
        assertLogged("\"revoked\":[\"" + ID + "\"]");

        log.reset();
        assertEquals("all", invoke("{'revoke':'all'}").get("revoked"));
        assertLogged("\"revoked\":\"all\"");
    }

    @Test
    void acceptsOnlyItsOwnIdFormat() {
        for (String id : List.of("0-0-7-0-1", ID + " ", "A0000000-0000-0007-0000-000000000001", "x")) {
            assertEquals("InvalidValue", invoke("{'revoke':['" + id + "']}").get("error"), id);
        }
        assertEquals(1, aws.revocationsSecret().versions());
    }

    @Test
    void logsRejectedRequest() {
        Map<?, ?> answer = invoke("{'tasks':'rise'}");

        assertEquals("InvalidValue", answer.get("error"));
        assertEquals("400", String.valueOf(answer.get("code")));
        assertEquals("request-1", answer.get("requestId"));
        assertLogged("\"level\":\"WARN\"", "\"reason\":\"InvalidValue\"");
    }

    @Test
    void rejectsEventThatIsNotJson() {
        assertEquals("InvalidJson", invoke("{'tasks'").get("error"));
    }

    @Test
    void logsFailureOfAwsAsError() {
        aws.signingSecret().setValue("short");

        assertEquals("SecretUnreadable", invoke("{'tasks':'price'}").get("error"));

        assertLogged("\"level\":\"ERROR\"", "\"reason\":\"SecretUnreadable\"");
    }

    @Test
    void rejectsIdThatDoesNotFit() {
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            ids.append(i == 0 ? "'" : ",'").append(new java.util.UUID(7, i)).append('\'');
        }
        for (int i = 0; i < 5; i++) {
            String these = ids.toString().replace("-0007-", "-000" + i + "-");
            assertFalse(invoke("{'revoke':[" + these + "]}").containsKey("error"));
        }
        assertFalse(invoke("{'revoke':'" + new java.util.UUID(0, 0) + "'}").containsKey("error"), "it is known");
        assertEquals(
                "TooManyRevoked",
                invoke("{'revoke':'" + new java.util.UUID(9, 0) + "'}").get("error"));
        assertFalse(invoke("{'revoke':'all'}").containsKey("error"));
        assertFalse(
                invoke("{'revoke':'" + new java.util.UUID(9, 0) + "'}").containsKey("error"), "there is room again");
    }

    @Test
    void retriesWhileOthersRevokeThenFails() {
        AtomicInteger others = new AtomicInteger();
        revokeMeanwhile(others, 4);
        assertEquals(List.of(ID), invoke("{'revoke':'" + ID + "'}").get("revoked"));
        assertEquals(4, others.get());

        others.set(0);
        revokeMeanwhile(others, 5);
        assertEquals("Throttled", invoke("{'revoke':'" + ID + "'}").get("error"));
    }

    /** Revokes a token before each of the next writes of the list. */
    private void revokeMeanwhile(AtomicInteger others, int times) {
        aws.revocationsSecret().beforeNextPut(() -> {
            int number = others.getAndIncrement();
            invoke("{'revoke':'" + new java.util.UUID(times, number) + "'}");
            if (number + 1 < times) {
                revokeMeanwhile(others, times);
            }
        });
    }
}
