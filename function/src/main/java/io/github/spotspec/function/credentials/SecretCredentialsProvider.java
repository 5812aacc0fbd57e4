package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Cached;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Provides the operator's credentials from a secret, and caches them for five minutes. Reads the secret again at once
 * if AWS rejects the key, so that a changed secret needs no redeployment. Thread-safe.
 */
public final class SecretCredentialsProvider implements OperatorCredentialsProvider {
    private static final Duration CACHE_TTL = Duration.ofMinutes(5);

    /** Reads the operator's credentials from their secret. */
    public interface Source {
        /**
         * Reads the current credentials.
         *
         * @throws ServiceException if they cannot be read, or not in time
         */
        OperatorCredentials read(Deadline deadline);

        /**
         * Reads the previous credentials, or returns null if there are none.
         *
         * @throws ServiceException if they cannot be read, or not in time
         */
        @Nullable
        OperatorCredentials readPrevious(Deadline deadline);
    }

    private final Source source;
    private final Cached<OperatorCredentials> cached;

    public SecretCredentialsProvider(Source source, InstantSource clock) {
        this.source = source;
        this.cached = new Cached<>(CACHE_TTL, clock);
    }

    /** Returns the operator's credentials, at most five minutes old. */
    @Override
    public synchronized OperatorCredentials credentials(Deadline deadline) {
        return cached.get(() -> source.read(deadline));
    }

    /**
     * Returns other credentials of the operator after AWS has rejected these.
     *
     * @throws ServiceException with {@link ErrorCode#OPERATOR_REJECTED} if the secret still holds the same credentials
     *     and has no different previous ones
     */
    @Override
    public synchronized OperatorCredentials replacementFor(
            OperatorCredentials rejected, ServiceException why, Deadline deadline) {
        OperatorCredentials last = cached.last();
        OperatorCredentials other =
                last != null && !last.equals(rejected) ? last : cached.refresh(() -> source.read(deadline));
        if (!other.equals(rejected)) {
            return other;
        }
        // A new key works in some regions sooner than in others. Until the next rotation, the previous key works in all
        // of them.
        OperatorCredentials before = why.errorCode() == ErrorCode.OPERATOR_REJECTED ? before(deadline) : null;
        if (before == null || before.equals(rejected)) {
            throw why;
        }
        return before;
    }

    /**
     * Returns the secret's previous credentials, or null if there are none or they cannot be read. Ignores the failure
     * to read them because the rejection of the current credentials is what matters.
     */
    private @Nullable OperatorCredentials before(Deadline deadline) {
        try {
            return source.readPrevious(deadline);
        } catch (ServiceException unreadable) {
            return null;
        }
    }
}
