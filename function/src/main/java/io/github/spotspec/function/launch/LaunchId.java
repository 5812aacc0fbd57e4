package io.github.spotspec.function.launch;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What makes a launch happen once. Its tag, on everything that the launch makes, holds the hash of the caller's
 * idempotency key and the hash of what is asked; its tokens have EC2 itself refuse to launch twice.
 *
 * <p>The key is the caller's own: the same key of another caller, or in another region, is another one.
 *
 * @param isCallersOwn whether the caller gave a key; without one, the launch is idempotent within its own retries only
 * @param keyHash the hash of the key
 * @param requestHash the hash of what is asked
 * @param count how many are asked for
 */
record LaunchId(boolean isCallersOwn, String keyHash, String requestHash, int count) {
    private static final int TAG_DIGITS = 24;

    static LaunchId of(Launcher.IdempotencyKey key, String caller, Launch launch) {
        return new LaunchId(
                key.isCallersOwn(),
                sha256(caller + "\n" + launch.region() + "\n" + key.text()).substring(0, TAG_DIGITS),
                sha256(launch.toString()).substring(0, TAG_DIGITS),
                launch.count());
    }

    /** Returns the value of the tag. */
    String tag() {
        return LaunchTag.of(keyHash, requestHash, count);
    }

    /** Returns whether a tag is of the same key, be the request the same or not. */
    boolean matches(@Nullable String tag) {
        return LaunchTag.isOf(tag, keyHash);
    }

    /**
     * Returns EC2's client token, of at most 64 characters, for a try at one pool. EC2 knows tokens by zone: the same one
     * launches once in each. And it remembers them of calls that failed, so a pool's token must be no other's.
     */
    String token(String market, CapacityPool place, int tryNumber) {
        return sha256(String.join(
                " ",
                keyHash,
                market,
                place.type(),
                place.zone(),
                String.valueOf(place.subnet()),
                Integer.toString(tryNumber)));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
