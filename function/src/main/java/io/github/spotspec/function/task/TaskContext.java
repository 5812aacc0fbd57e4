package io.github.spotspec.function.task;

import io.github.spotspec.function.caller.Caller;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a task needs in addition to its request.
 *
 * @param caller the caller that sent the request
 * @param callContext calls AWS for this request, until its deadline
 * @param now when the request arrived
 * @param sessionExpires when the MFA session of the request expires, or null if it has none
 */
public record TaskContext(
        Caller caller,
        AwsCallContext callContext,
        Instant now,
        @Nullable Instant sessionExpires) {
    /** Returns the time that the request has left. */
    Duration timeLeft() {
        return callContext.deadline().remaining();
    }
}
