package io.github.spotspec.function.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.MinterUnderTest;
import io.github.spotspec.function.caller.Scope;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests the minter's defaults, rejections and log. */
final class MinterAnswersTest {
    private static final String ID = "00000000-0000-0007-0000-000000000001";

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final MinterUnderTest minter = minter(Duration.ofDays(1));

    private MinterUnderTest minter(Duration maxLife) {
        return new MinterUnderTest(aws, time, maxLife);
    }

    private void assertLogged(String... parts) {
        for (String part : parts) {
            assertTrue(minter.log().contains(part), part + " is missing in: " + minter.log());
        }
    }

    @Test
    void defaultLifeIsOneHourOrTheMaximum() {
        assertEquals("2026-03-01T13:00:00Z", minter.invoke("{'tasks':'price'}").get("expires"));
        assertEquals(
                "2026-03-01T12:30:00Z",
                minter(Duration.ofMinutes(30)).invoke("{'tasks':'price'}").get("expires"));
    }

    @Test
    void allowsLifeFromOneMinuteToMaximum() {
        assertEquals(
                "2026-03-01T12:01:00Z",
                minter.invoke("{'tasks':'price','life':'PT60S'}").get("expires"));
        assertEquals(
                "2026-03-02T12:00:00Z",
                minter.invoke("{'tasks':'price','life':'24h'}").get("expires"));
        assertEquals(
                "InvalidValue",
                minter.invoke("{'tasks':'price','life':'PT59S'}").get("error"));
        assertEquals(
                "InvalidValue",
                minter.invoke("{'tasks':'price','life':'PT24H1S'}").get("error"));
    }

    @Test
    void logsTheTokensIdAndScope() {
        Map<?, ?> answer = minter.invoke("{'tasks':'price','regions':['eu-west-1']}");

        assertLogged(
                "\"level\":\"INFO\"",
                "\"id\":\"" + answer.get("id") + "\"",
                "\"expires\":\"2026-03-01T13:00:00Z\"",
                "\"regions\":[\"eu-west-1\"]");
        assertFalse(minter.log().contains(String.valueOf(answer.get("token"))));
    }

    @Test
    void toStringHidesToken() {
        Token token = new Token(
                "s",
                ID,
                FakeClock.START,
                FakeClock.START,
                new Scope(List.of("price"), null, null, null, null, null, null));

        String text = new Minter.Minted(token, "the-token").toString();

        assertTrue(text.startsWith("Minted"), text);
        assertFalse(text.contains("the-token"), text);
    }

    @Test
    void returnsAndLogsRevokedIds() {
        assertEquals(List.of(ID), minter.invoke("{'revoke':'" + ID + "'}").get("revoked"));
        assertLogged("\"revoked\":[\"" + ID + "\"]");

        minter.clearLog();
        assertEquals("all", minter.invoke("{'revoke':'all'}").get("revoked"));
        assertLogged("\"revoked\":\"all\"");
    }

    @Test
    void acceptsOnlyItsOwnIdFormat() {
        for (String id : List.of("0-0-7-0-1", ID + " ", "A0000000-0000-0007-0000-000000000001", "x")) {
            assertEquals(
                    "InvalidValue", minter.invoke("{'revoke':['" + id + "']}").get("error"), id);
        }
        assertEquals(1, aws.revocationsSecret().versions());
    }

    @Test
    void logsRejectedRequest() {
        Map<?, ?> answer = minter.invoke("{'tasks':'rise'}");

        assertEquals("InvalidValue", answer.get("error"));
        assertEquals("400", String.valueOf(answer.get("code")));
        assertEquals("request-1", answer.get("requestId"));
        assertLogged("\"level\":\"WARN\"", "\"reason\":\"InvalidValue\"");
    }

    @Test
    void rejectsEventThatIsNotJson() {
        assertEquals("InvalidJson", minter.invoke("{'tasks'").get("error"));
    }

    @Test
    void logsFailureOfAwsAsError() {
        aws.signingSecret().setValue("short");

        assertEquals("SecretUnreadable", minter.invoke("{'tasks':'price'}").get("error"));

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
            assertFalse(minter.invoke("{'revoke':[" + these + "]}").containsKey("error"));
        }
        assertFalse(
                minter.invoke("{'revoke':'" + new java.util.UUID(0, 0) + "'}").containsKey("error"), "it is known");
        assertEquals(
                "TooManyRevoked",
                minter.invoke("{'revoke':'" + new java.util.UUID(9, 0) + "'}").get("error"));
        assertFalse(minter.invoke("{'revoke':'all'}").containsKey("error"));
        assertFalse(
                minter.invoke("{'revoke':'" + new java.util.UUID(9, 0) + "'}").containsKey("error"),
                "the list is empty again");
    }

    @Test
    void retriesWhileOthersRevokeThenFails() {
        AtomicInteger others = new AtomicInteger();
        revokeMeanwhile(others, 4);
        assertEquals(List.of(ID), minter.invoke("{'revoke':'" + ID + "'}").get("revoked"));
        assertEquals(4, others.get());

        others.set(0);
        revokeMeanwhile(others, 5);
        assertEquals("Throttled", minter.invoke("{'revoke':'" + ID + "'}").get("error"));
    }

    /** Revokes a token before each of the next writes of the list. */
    private void revokeMeanwhile(AtomicInteger others, int times) {
        aws.revocationsSecret().beforeNextPut(() -> {
            int number = others.getAndIncrement();
            minter(Duration.ofDays(1)).invoke("{'revoke':'" + new java.util.UUID(times, number) + "'}");
            if (number + 1 < times) {
                revokeMeanwhile(others, times);
            }
        });
    }
}
