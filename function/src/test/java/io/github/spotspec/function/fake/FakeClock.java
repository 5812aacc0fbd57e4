package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.ServiceClock;
import java.time.Duration;
import java.time.Instant;

/** A clock that advances only when a test or the function sleeps. Thread-safe. */
public final class FakeClock implements ServiceClock {
    /** The time at which every test starts. */
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private Instant now = START;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized void sleep(Duration time) {
        now = now.plus(time);
    }
}
