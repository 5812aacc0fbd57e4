package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.iam.Identities;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** A caller of a load run. It has a session of its own, and waits as long as the answers ask. */
final class LoadCaller {
    /** The pauses after Lambda's own 429, which does not say how long to wait. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private static final Duration MAX_PAUSE = Duration.ofSeconds(4);

    private final String name;
    private final SpotUrl url;
    private final AwsSessionCredentialsIdentity identity;
    private final Instant end;
    private final Random random;
    private final LoadRecord record;

    /**
     * Creates a caller with a session of the role that may call the deployments.
     *
     * @param name the name of the session
     * @param end when the caller gives up
     * @param random decides on the caller's pauses
     */
    LoadCaller(LocalDeployment service, SpotUrl url, String name, Instant end, Random random, LoadRecord record) {
        Identities identities = service.cloud().state().identities();
        Identities.Session session = identities.assumeRole(
                service.callerRoleArn(),
                name,
                Duration.ofHours(1),
                identities.principal(service.cloud().admin().id()),
                null,
                Map.of());
        this.name = name;
        this.url = url;
        this.identity =
                AwsSessionCredentialsIdentity.create(session.accessKeyId(), session.secretAccessKey(), session.token());
        this.end = end;
        this.random = random;
        this.record = record;
    }

    String name() {
        return name;
    }

    /** Sends a request once. */
    SpotUrl.Answer send(RequestBody ask) throws IOException, InterruptedException {
        Instant start = Instant.now();
        SpotUrl.Answer answer = url.send("POST", "", ask.toString(), identity);
        record.answered(ask.task(), answer, Duration.between(start, Instant.now()));
        return answer;
    }

    /** Sends a request until it is done. Waits after each 429, and a little longer at random, as {@code spot} does. */
    SpotUrl.Answer sendUntilDone(RequestBody ask) throws IOException, InterruptedException {
        Instant start = Instant.now();
        Duration backoff = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            SpotUrl.Answer answer = send(ask);
            if (answer.status() == 200 && isAllDone(answer.json().path("meta"))) {
                record.done(ask.task(), Duration.between(start, Instant.now()), tries);
                return answer;
            }
            if (answer.status() != 200 && answer.status() != 429) {
                throw new AssertionError(name + " sent " + ask + ": " + answer.status() + " " + answer.text());
            }
            Duration wait = answer.retryAfter();
            if (wait.isZero()) {
                wait = backoff.dividedBy(2);
                backoff = backoff.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? backoff.multipliedBy(2) : MAX_PAUSE;
            }
            if (Instant.now().plus(wait).isAfter(end)) {
                throw new AssertionError(name + " sent " + ask + " " + tries + " times: " + answer.text());
            }
            pause(wait.plusMillis(random.nextLong(wait.toMillis() + 1)));
        }
    }

    /** Pauses before the next request. */
    void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    private static boolean isAllDone(JsonNode meta) {
        return meta.path("left").asInt() == 0
                && List.of("missing", "failed", "refused").stream().noneMatch(meta::has);
    }
}
