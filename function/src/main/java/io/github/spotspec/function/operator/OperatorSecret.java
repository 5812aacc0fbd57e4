package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The operator's secret, kept in the process for five minutes. A key that AWS refuses is read again at once, so that a
 * changed secret needs no redeploy. Thread-safe.
 */
public final class OperatorSecret implements OperatorSource {
    private static final Duration KEPT = Duration.ofMinutes(5);

    /** Where the secret is. */
    public interface Source {
        /**
         * Reads it.
         *
         * @throws Refusal if it cannot be read, or not in time
         */
        OperatorKeys read(Deadline deadline);

        /**
         * Reads what it held before, or nothing if it held nothing else.
         *
         * @throws Refusal if it cannot be read, or not in time
         */
        @Nullable
        OperatorKeys readBefore(Deadline deadline);
    }

    private record Kept(OperatorKeys keys, Instant until) {}

    private final Source source;
    private final InstantSource clock;
    private @Nullable Kept kept;

    public OperatorSecret(Source source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Returns the operator's keys, at most five minutes old. */
    @Override
    public synchronized OperatorKeys keys(Deadline deadline) {
        Kept now = kept;
        return now != null && clock.instant().isBefore(now.until()) ? now.keys() : read(deadline);
    }

    /**
     * Returns the operator's keys after AWS has refused these.
     *
     * @throws Refusal with {@link Reason#OPERATOR_REJECTED} if the secret still holds the same, and held no others before
     */
    @Override
    public synchronized OperatorKeys insteadOf(OperatorKeys refused, Refusal why, Deadline deadline) {
        Kept now = kept;
        OperatorKeys other = now != null && !now.keys().equals(refused) ? now.keys() : read(deadline);
        if (!other.equals(refused)) {
            return other;
        }
        // A new key works in one region sooner than in another, and until the next rotation the one before works in
        // all.
        OperatorKeys before = why.reason() == Reason.OPERATOR_REJECTED ? before(deadline) : null;
        if (before == null || before.equals(refused)) {
            throw why;
        }
        return before;
    }

    /** Returns what the secret held before; nothing also if that is of no use, since it is what it holds now that matters. */
    private @Nullable OperatorKeys before(Deadline deadline) {
        try {
            return source.readBefore(deadline);
        } catch (Refusal unreadable) {
            return null;
        }
    }

    private OperatorKeys read(Deadline deadline) {
        OperatorKeys keys = source.read(deadline);
        kept = new Kept(keys, clock.instant().plus(KEPT));
        return keys;
    }
}
