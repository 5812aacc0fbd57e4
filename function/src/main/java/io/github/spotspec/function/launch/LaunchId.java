package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.Sha256;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a launch, so that it is carried out only once. Its tag, on every resource that the launch creates, holds
 * the hash of the idempotency key, the hash of the launch, and the number of instances that the caller asked for. EC2
 * launches only once for each of its client tokens.
 *
 * <p>An idempotency key belongs to one caller, and is looked up in the regions of the launch. The same key from another
 * caller, or in other regions, identifies another launch.
 *
 * @param isCallersOwn whether the caller sent a key; without one, the launch is idempotent only within its own retries
 * @param keyHash the hash of the key
 * @param requestHash the hash of the launch
 * @param count the number of instances that the caller asked for
 */
public record LaunchId(boolean isCallersOwn, String keyHash, String requestHash, int count) {
    private static final int TAG_DIGITS = 24;
    private static final Pattern TAG = Pattern.compile("[0-9a-f]+\\.[0-9a-f]+\\.(\\d{1,4})");

    /**
     * The idempotency key of a launch.
     *
     * @param isCallersOwn whether the caller sent the key; otherwise it is generated and valid for this request only
     */
    public record Key(String text, boolean isCallersOwn) {
        /** Returns the caller's key, or generates a key for this request if the caller sent none. */
        public static Key of(@Nullable String callersKey) {
            return callersKey == null ? new Key(UUID.randomUUID().toString(), false) : new Key(callersKey, true);
        }
    }

    static LaunchId of(Key key, String caller, Launch launch) {
        return new LaunchId(
                key.isCallersOwn(),
                Sha256.hex(caller + "\n" + key.text()).substring(0, TAG_DIGITS),
                Sha256.hex(launch.toString()).substring(0, TAG_DIGITS),
                launch.count());
    }

    /** Returns the value of the launch tag. */
    String tag() {
        return keyHash + "." + requestHash + "." + count;
    }

    /** Returns whether a launch tag has the same key, whether or not its launch is the same. */
    boolean matches(@Nullable String tag) {
        return tag != null && tag.startsWith(keyHash + ".");
    }

    /**
     * Returns EC2's client token, of at most 64 characters, for one attempt at one pool. EC2 recognizes tokens per
     * zone: the same token launches once in each zone. EC2 also remembers the tokens of failed calls, so each pool
     * needs tokens of its own.
     */
    String clientToken(String market, CapacityPool pool, int tryNumber) {
        return Sha256.hex(String.join(
                " ",
                keyHash,
                market,
                pool.type(),
                pool.zone(),
                String.valueOf(pool.subnet()),
                Integer.toString(tryNumber)));
    }

    /**
     * Returns EC2's client token for one try of a round of fleets. EC2 recognizes the tokens of fleets per region. It
     * also remembers fleets that launched nothing.
     */
    String fleetToken(FleetRounds.Round round, int tryNumber) {
        return Sha256.hex(String.join(
                " ", keyHash, "fleet", round.region(), Integer.toString(round.number()), Integer.toString(tryNumber)));
    }

    /**
     * Returns the living instances of one launch, oldest first, and at most as many as the caller asked for. EC2
     * launches only once for one client token in one zone. A launch has surplus instances if it runs twice at the same
     * time and each run finds capacity in another zone.
     */
    public static List<ManagedInstance> withoutSurplus(Collection<ManagedInstance> launched) {
        return launched.stream()
                .filter(ManagedInstance::isAlive)
                .sorted(ManagedInstance.OLDEST_FIRST)
                .limit(launched.stream()
                        .mapToInt(instance -> count(instance.launchTag()))
                        .min()
                        .orElse(0))
                .toList();
    }

    private static int count(@Nullable String tag) {
        Matcher matcher = TAG.matcher(String.valueOf(tag));
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : Integer.MAX_VALUE;
    }
}
