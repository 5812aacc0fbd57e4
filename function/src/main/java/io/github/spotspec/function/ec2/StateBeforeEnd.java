package io.github.spotspec.function.ec2;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The state of an instance just before the service ended it. EC2 shows only the last change of an instance, so the
 * service records in a tag since when an instance had cost nothing before.
 *
 * @param stopped whether it had stopped, or was stopping
 * @param at since when it had been stopped, or when it was seen running; null if that is unknown
 * @param reason EC2's code of why it had stopped, or null if it ran or EC2 does not say
 */
public record StateBeforeEnd(
        boolean stopped, @Nullable Instant at, @Nullable String reason) {
    // Without years of more than four digits, because computing with them takes all time.
    private static final Pattern TAG = Pattern.compile("(?<at>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d([.]\\d{1,9})?Z)"
            + " (running|stopped (?<reason>[A-Za-z.]{1,80}))");

    /** Returns the state of a living instance, as EC2 showed it at the given time. */
    public static StateBeforeEnd of(ManagedInstance alive, Instant shownAt) {
        ManagedInstance.StateChange change = alive.details().lastChange();
        return alive.isStopped()
                ? new StateBeforeEnd(true, change.at(), change.reason())
                : new StateBeforeEnd(false, shownAt, null);
    }

    /** Reads the value of a tag. Returns null if there is none, or it is not such a value. */
    static @Nullable StateBeforeEnd parse(@Nullable String text) {
        Matcher tag = TAG.matcher(text == null ? "" : text);
        if (!tag.matches()) {
            return null;
        }
        try {
            String reason = tag.group("reason");
            return new StateBeforeEnd(reason != null, Instant.parse(tag.group("at")), reason);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /**
     * Returns whether it can be the state before the end of an instance's last run. Others may change tags, and an end
     * that fails leaves a record behind.
     *
     * @param started when the instance was last started, or null if that is unknown
     * @param ended when it was ended, or null if that is unknown
     */
    boolean isPlausible(@Nullable Instant started, @Nullable Instant ended) {
        if (at == null) {
            return true;
        }
        // EC2 shows the time of a change in seconds.
        if (started != null && at.isBefore(started.truncatedTo(ChronoUnit.SECONDS))) {
            return false;
        }
        return ended == null
                || (stopped
                        ? !at.isAfter(ended)
                        : Duration.between(at, ended).abs().compareTo(VisibilityWait.CERTAIN) <= 0);
    }

    /** Returns the value of the tag, or null if too little is known for one. */
    public @Nullable String tag() {
        if (at == null || (stopped && reason == null)) {
            return null;
        }
        return at + (stopped ? " stopped " + reason : " running");
    }
}
