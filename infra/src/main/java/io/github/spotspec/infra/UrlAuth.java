package io.github.spotspec.infra;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;

/**
 * How callers authenticate to the URL. Immutable and thread-safe.
 *
 * <ul>
 *   <li>{@link #iam()}, the default: AWS accepts only requests signed by an IAM principal with
 *       {@link SpotService#grantInvoke}.
 *   <li>{@link #token()}: AWS accepts every request, and the function requires a token. The caller may do what the
 *       token covers until the token expires or is revoked. Only principals with {@link SpotService#grantMint} can
 *       create tokens.
 * </ul>
 */
public final class UrlAuth {
    private static final UrlAuth IAM = new UrlAuth(null);
    private static final Duration DEFAULT_LIFE = Duration.days(1);

    private final @Nullable Duration longestLife;

    private UrlAuth(@Nullable Duration longestLife) {
        this.longestLife = longestLife;
    }

    /** Returns authentication by signed requests (SigV4). */
    public static UrlAuth iam() {
        return IAM;
    }

    /** Returns authentication by tokens, which last at most one day. */
    public static UrlAuth token() {
        return token(DEFAULT_LIFE);
    }

    /**
     * Returns authentication by tokens.
     *
     * @param longestLife the longest time that a token may last
     * @throws IllegalArgumentException if it is not whole seconds from 1 minute to 7 days
     */
    public static UrlAuth token(Duration longestLife) {
        return token("longestLife", longestLife);
    }

    /** Returns authentication by tokens. Error messages about the duration use the given name. */
    static UrlAuth token(String name, Duration longestLife) {
        return new UrlAuth(Validate.between(name, longestLife, Duration.minutes(1), Duration.days(7)));
    }

    /** Returns the longest time that a token may last, or null if the URL does not take tokens. */
    @Nullable
    Duration longestLife() {
        return longestLife;
    }
}
