package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.time.Instant;

/**
 * Waits for EC2 to show a resource that may be new. EC2 is eventually consistent, so a resource that it does not show
 * yet may still exist. Each pause is twice as long as the previous one. This results in six checks: one before the
 * first pause, and one after each pause. Six checks in 40 regions stay within a request's call budget. Not thread-safe.
 */
public final class VisibilityWait {
    /** The longest time that EC2 may take to show what it launched; usually it takes a second. */
    public static final Duration MAX_DELAY = Duration.ofSeconds(8);

    /** EC2 shows the correct state of anything launched this long ago, or no longer shows it. */
    public static final Duration CERTAIN = Duration.ofMinutes(5);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final AwsCallContext callContext;
    private final Instant until;
    private Duration pause = FIRST_PAUSE;

    /** Starts a wait, which ends early when the operator's time or call budget is used up. */
    public VisibilityWait(AwsCallContext callContext) {
        this.callContext = callContext;
        this.until = callContext.deadline().clock().instant().plus(MAX_DELAY);
    }

    /**
     * Pauses if the caller should check again.
     *
     * @return whether to check again; false once EC2 has had enough time, or the operator's time or call budget is used
     *     up
     */
    public boolean pauseUnlessOver() {
        if (isOver() || isCutShort()) {
            return false;
        }
        Duration left = Duration.between(callContext.deadline().clock().instant(), until);
        Duration next = pause.multipliedBy(2);
        // The last pause takes the remaining time, so that no short pause follows.
        callContext.deadline().sleep(next.compareTo(left) < 0 ? pause : left);
        pause = next;
        return true;
    }

    /** Returns whether the operator's time or call budget is used up before EC2 has had enough time. */
    public boolean isCutShort() {
        return !isOver()
                && (callContext.deadline().isOver() || callContext.callBudget().isLow());
    }

    private boolean isOver() {
        return !callContext.deadline().clock().instant().isBefore(until);
    }
}
