package io.github.spotspec.function.task;

import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.time.Instant;

/**
 * What an act needs beside its request.
 *
 * @param caller whoever asks
 * @param operator acts on AWS for this request, and until when
 * @param now when the request came
 */
public record TaskContext(Caller caller, Operator operator, Instant now) {
    /** Returns the time that the request has left. */
    Duration timeLeft() {
        return operator.deadline().remaining();
    }
}
