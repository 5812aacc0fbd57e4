package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time, and how to let some of it pass. Implementations are thread-safe. */
public interface ServiceClock extends InstantSource {
    /**
     * Waits.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    void sleep(Duration time) throws InterruptedException;

    /** Returns the time as the machine has it. */
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
