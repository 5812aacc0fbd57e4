package io.github.spotspec.function.launch;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a launch, so that it is carried out only once. Its tag, on every resource that the launch creates, holds
 * the hash of the idempotency key and the hash of the launch. EC2 launches only once for each of its client tokens.
 *
 * <p>An idempotency key belongs to one caller and one region. The same key from another caller, or in another region,
 * identifies another launch.
 *
 * @param isCallersOwn whether the caller sent a key; without one, the launch is idempotent only within its own retries
 * @param keyHash the hash of the key
 * @param requestHash the hash of the launch
 * @param count the number of instances that the caller asked for
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

    /** Returns the value of the launch tag. */
    String tag() {
        return LaunchTag.of(keyHash, requestHash, count);
    }

    /** Returns whether a tag has the same key, whether or not its launch is the same. */
    boolean matches(@Nullable String tag) {
        return LaunchTag.isOf(tag, keyHash);
    }

    /**
     * Returns EC2's client token, of at most 64 characters, for one attempt at one pool. EC2 recognizes tokens per
     * zone: the same token launches once in each zone. EC2 also remembers the tokens of failed calls, so each pool
     * needs tokens of its own.
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
