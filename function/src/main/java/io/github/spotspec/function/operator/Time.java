package io.github.spotspec.function.operator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time, and how to let some of it pass. Implementations are thread-safe. */
public interface Time extends InstantSource {
    /**
     * Waits.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    void pass(Duration time) throws InterruptedException;

    /** Returns the time as the machine has it. */
    static Time system() {
        return new Time() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public void pass(Duration time) throws InterruptedException {
                Thread.sleep(time);
            }
        };
    }
}
