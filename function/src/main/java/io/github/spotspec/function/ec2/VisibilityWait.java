package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.time.Instant;

/**
 * One wait for EC2 to show something that may have been launched a moment ago: EC2 is eventually consistent, so what it does not
 * show yet may still exist. Each pause is twice as long as the one before, so that there are six looks, one after each pause and
 * one before: that many in 40 regions are within what a request may call. Not thread-safe.
 */
public final class VisibilityWait {
    /** How long EC2 may take to show what it launched; usually it takes a second. */
    public static final Duration LONGEST = Duration.ofSeconds(8);

    /** EC2 shows anything launched this long ago as it is, or does not show it any more. */
    public static final Duration CERTAIN = Duration.ofMinutes(5);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final Operator operator;
    private final Instant until;
    private Duration pause = FIRST_PAUSE;

    /** Starts a wait that ends early when the operator's time or calls are used up. */
    public VisibilityWait(Operator operator) {
        this.operator = operator;
        this.until = operator.deadline().clock().instant().plus(LONGEST);
    }

    /**
     * Pauses if the caller should look again.
     *
     * @return whether to look again; false once EC2 has had its time, or the operator's time or calls are used up
     */
    public boolean again() {
        if (isOver() || isCutShort()) {
            return false;
        }
        Duration left = Duration.between(operator.deadline().clock().instant(), until);
        Duration next = pause.multipliedBy(2);
        // The last pause takes what is left, so that no short one comes after it.
        operator.deadline().sleep(next.compareTo(left) < 0 ? pause : left);
        pause = next;
        return true;
    }

    /** Returns whether the operator's time or calls are used up before EC2 has had its time. */
    public boolean isCutShort() {
        return !isOver()
                && (operator.deadline().isOver() || operator.callBudget().isLow());
    }

    private boolean isOver() {
        return !operator.deadline().clock().instant().isBefore(until);
    }
}
