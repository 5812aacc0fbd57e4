package io.github.spotspec.infra;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;

/**
 * How callers of the URL say who they are. Immutable and thread-safe.
 *
 * <ul>
 *   <li>{@link #iam()}, the default: AWS itself lets only requests through that an IAM principal has signed which was given
 *       {@link SpotService#grantInvoke}.
 *   <li>{@link #token()}: the URL is open at AWS's edge, and the function lets whoever bears a token do what the token covers,
 *       until it expires or is revoked. Only principals given {@link SpotService#grantMint} can make tokens.
 * </ul>
 */
public final class UrlAuth {
    private static final UrlAuth IAM = new UrlAuth(null);
    private static final Duration USUAL_LIFE = Duration.days(1);

    private final @Nullable Duration longestLife;

    private UrlAuth(@Nullable Duration longestLife) {
        this.longestLife = longestLife;
    }

    /** Requests are signed (SigV4). */
    public static UrlAuth iam() {
        return IAM;
    }

    /** Requests bring tokens, which last a day at most. */
    public static UrlAuth token() {
        return token(USUAL_LIFE);
    }

    /**
     * Requests bring tokens.
     *
     * @param longestLife how long a token may last at most
     * @throws IllegalArgumentException if it is not whole seconds from 1 minute to 7 days
     */
    public static UrlAuth token(Duration longestLife) {
        return token("longestLife", longestLife);
    }

    /** Requests bring tokens; a refusal of the duration names it so. */
    static UrlAuth token(String name, Duration longestLife) {
        return new UrlAuth(Validate.between(name, longestLife, Duration.minutes(1), Duration.days(7)));
    }

    /** Returns how long a token may last at most, or null if there are none. */
    @Nullable
    Duration longestLife() {
        return longestLife;
    }
}
