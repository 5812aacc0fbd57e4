package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The operator's secret, kept in the process for five minutes. A key that AWS refuses is read again at once, so that a
 * changed secret needs no redeploy. Thread-safe.
 */
public final class SecretCredentialsProvider implements OperatorCredentialsProvider {
    private static final Duration CACHE_TTL = Duration.ofMinutes(5);

    /** Where the secret is. */
    public interface Source {
        /**
         * Reads it.
         *
         * @throws ServiceException if it cannot be read, or not in time
         */
        OperatorCredentials read(Deadline deadline);

        /**
         * Reads what it held before, or nothing if it held nothing else.
         *
         * @throws ServiceException if it cannot be read, or not in time
         */
        @Nullable
        OperatorCredentials readPrevious(Deadline deadline);
    }

    private record Kept(OperatorCredentials keys, Instant until) {}

    private final Source source;
    private final InstantSource clock;
    private @Nullable Kept kept;

    public SecretCredentialsProvider(Source source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Returns the operator's keys, at most five minutes old. */
    @Override
    public synchronized OperatorCredentials credentials(Deadline deadline) {
        Kept now = kept;
        return now != null && clock.instant().isBefore(now.until()) ? now.keys() : read(deadline);
    }

    /**
     * Returns the operator's keys after AWS has refused these.
     *
     * @throws ServiceException with {@link ErrorCode#OPERATOR_REJECTED} if the secret still holds the same, and held no others before
     */
    @Override
    public synchronized OperatorCredentials replacementFor(
            OperatorCredentials refused, ServiceException why, Deadline deadline) {
        Kept now = kept;
        OperatorCredentials other = now != null && !now.keys().equals(refused) ? now.keys() : read(deadline);
        if (!other.equals(refused)) {
            return other;
        }
        // A new key works in one region sooner than in another, and until the next rotation the one before works in
        // all.
        OperatorCredentials before = why.errorCode() == ErrorCode.OPERATOR_REJECTED ? before(deadline) : null;
        if (before == null || before.equals(refused)) {
            throw why;
        }
        return before;
    }

    /** Returns what the secret held before; nothing also if that is of no use, since it is what it holds now that matters. */
    private @Nullable OperatorCredentials before(Deadline deadline) {
        try {
            return source.readPrevious(deadline);
        } catch (ServiceException unreadable) {
            return null;
        }
    }

    private OperatorCredentials read(Deadline deadline) {
        OperatorCredentials keys = source.read(deadline);
        kept = new Kept(keys, clock.instant().plus(CACHE_TTL));
        return keys;
    }
}
