package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** How much time and how many calls a launch has left, and how long it pauses between calls. */
final class LaunchTimer {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /**
     * How long a launch waits until EC2 sees an instance profile that IAM has just created. Measured: up to ten
     * seconds.
     */
    private static final Duration PROPAGATION = Duration.ofSeconds(10);

    /**
     * The minimum time for another launch call. EC2 takes a second or two, and an abandoned call may launch instances
     * that nobody reports.
     */
    private static final Duration MIN_TIME_TO_LAUNCH = Duration.ofSeconds(5);

    /** The time that a launch call leaves unused, so that the launch can still check the call's outcome. */
    private static final Duration RESERVED_FOR_CHECK = Duration.ofSeconds(1);

    private final AwsCallContext callContext;
    private final InstantSource clock;
    private final Instant startedAt;

    /** Starts to measure the time of a launch. */
    LaunchTimer(AwsCallContext callContext, InstantSource clock) {
        this.callContext = callContext;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /** Returns whether too little time is left for another launch call, or too few calls to check its outcome. */
    boolean isTooLate() {
        return callContext.deadline().minus(MIN_TIME_TO_LAUNCH).isOver()
                || callContext.callBudget().isLow();
    }

    /** Returns the operator for a launch call, which must leave time to check its outcome. */
    AwsCallContext operatorOfLaunchCall() {
        return callContext.withEarlierDeadline(RESERVED_FOR_CHECK);
    }

    /** Returns whether a resource that was new when the launch began may still be unknown to EC2. */
    boolean isPropagating() {
        return !clock.instant().isAfter(startedAt.plus(PROPAGATION));
    }

    /** Returns whether EC2 shows everything that was launched before the launch began, or the time is up. */
    boolean isEverythingVisible() {
        return callContext.deadline().isOver() || clock.instant().isAfter(startedAt.plus(VisibilityWait.MAX_DELAY));
    }

    /** Pauses before a call is repeated; longer each time. */
    void pause(int times) {
        callContext.deadline().sleep(FIRST_PAUSE.multipliedBy(1L << Math.min(times, 4)));
    }
}
