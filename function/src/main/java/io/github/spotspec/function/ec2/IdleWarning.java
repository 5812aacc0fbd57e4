package io.github.spotspec.function.ec2;

import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The keeper's last warning that an instance is idle.
 *
 * @param at when the keeper warned
 * @param lease the end of the lease at that time; if the lease is moved later, somebody wants the instance
 */
public record IdleWarning(Instant at, Instant lease) {
    private static final char SEPARATOR = '/';

    /** Reads the value of a tag. Returns null if there is none, or it is not such a value. */
    static @Nullable IdleWarning parse(@Nullable String text) {
        int separator = text == null ? -1 : text.indexOf(SEPARATOR);
        if (text == null || separator < 0) {
            return null;
        }
        try {
            return new IdleWarning(
                    Instant.parse(text.substring(0, separator)), Instant.parse(text.substring(separator + 1)));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Returns the value of the tag. */
    String tag() {
        return at.toString() + SEPARATOR + lease;
    }
}
