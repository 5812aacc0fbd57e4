package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeContext;
import io.github.spotspec.function.fake.FakeEc2;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** The keeper of a deployment with two regions, and its log. */
final class KeeperUnderTest {
    static final String ACCESS_KEY_ID = "AKIAKEEPER";
    static final String TOPIC = "arn:aws:sns:us-west-2:111122223333:t";
    static final Duration LEASE_WARNING = Duration.ofMinutes(15);
    static final String WARNING = "EC2 Spot Instance Interruption Warning";

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final KeeperHandler handler;

    KeeperUnderTest(FakeAws aws, FakeClock time, boolean allowOnDemand, List<String> watchedTypes) {
        this(aws, time, true, allowOnDemand, false, watchedTypes);
    }

    /** Creates the keeper of a deployment that launches with EC2 Fleet. */
    static KeeperUnderTest withFleets(FakeAws aws, FakeClock time) {
        return new KeeperUnderTest(aws, time, true, false, true, List.of());
    }

    /** Creates the keeper of a deployment that does not allow ends of idle instances. */
    static KeeperUnderTest withoutEndWhenIdle(FakeAws aws, FakeClock time) {
        return new KeeperUnderTest(aws, time, false, false, false, List.of());
    }

    private KeeperUnderTest(
            FakeAws aws,
            FakeClock time,
            boolean endWhenIdle,
            boolean allowOnDemand,
            boolean fleets,
            List<String> watchedTypes) {
        handler = new KeeperHandler(
                new KeeperSettings(
                        FakeEc2.SERVICE,
                        List.of("us-west-2", "us-east-1"),
                        Duration.ofDays(7),
                        TOPIC,
                        LEASE_WARNING,
                        endWhenIdle,
                        allowOnDemand,
                        fleets,
                        watchedTypes),
                Region.US_WEST_2,
                StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY_ID, "keeper-secret")),
                aws,
                time,
                new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** Invokes the keeper with an event that is written with single quotes. */
    String handle(String event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            handler.handleRequest(
                    new ByteArrayInputStream(event.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
                    out,
                    new FakeContext(30_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    void sweep() {
        handle("{'source':'aws.events','detail-type':'Scheduled Event','detail':{}}");
    }

    /**
     * Sends an event of EC2 in us-west-2.
     *
     * @param time the member of the time with its comma, or an empty string
     */
    String notice(String type, String time, String detail) {
        return handle("{'source':'aws.ec2','detail-type':'" + type + "','region':'us-west-2'," + time + "'detail':{"
                + detail + "}}");
    }

    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    void clearLog() {
        log.reset();
    }

    void assertLogged(String... parts) {
        for (String part : parts) {
            assertTrue(log().contains(part), part + " is missing in: " + log());
        }
    }
}
