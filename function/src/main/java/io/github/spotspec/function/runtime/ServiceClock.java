package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that can also sleep. Implementations are thread-safe. */
public interface ServiceClock extends InstantSource {
    /**
     * Sleeps for a duration.
     *
     * @throws InterruptedException if the thread is interrupted while it sleeps
     */
    void sleep(Duration time) throws InterruptedException;

    /** Returns a clock that uses the system time. */
    static ServiceClock system() {
        return new ServiceClock() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public void sleep(Duration time) throws InterruptedException {
                Thread.sleep(time);
            }
        };
    }
}
