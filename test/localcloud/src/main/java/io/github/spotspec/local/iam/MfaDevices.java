package io.github.spotspec.local.iam;

import io.github.spotspec.local.wire.AwsError;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The account's virtual MFA devices. As RFC 6238 requires, a device accepts each code once, and no code that is older
 * than an accepted one.
 *
 * <p>AWS does not document how far a device's clock may be off. Here it may be off by one step to either side, which
 * RFC 6238 recommends as the maximum. AWS says that EnableMFADevice accepts old codes and leaves the device out of
 * step. Here the second code must be in time, which is the stricter reading. Thread-safe.
 */
public final class MfaDevices {
    private static final int MAX_PER_USER = 8;
    private static final int SEED_CHARACTERS = 64;
    private static final int DRIFT = 1;

    /**
     * A device.
     *
     * @param seed the seed in base32
     * @param user the user who has the device, or null if it is not enabled
     * @param taken the step of the last accepted code
     */
    private record Device(String seed, @Nullable String user, long taken) {
        Device withUsedStep(long step, String user) {
            return new Device(seed, user, step);
        }
    }

    private final String account;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Device> devices = new TreeMap<>();

    MfaDevices(String account, InstantSource clock) {
        this.account = account;
        this.clock = clock;
    }

    /** Returns the serial number of the device with a name. */
    public String serialNumber(String name) {
        return "arn:aws:iam::" + account + ":mfa/" + name;
    }

    /** Creates a device and returns its seed in base32, which cannot be read again. */
    public synchronized String create(String name) {
        StringBuilder seed = new StringBuilder();
        for (int i = 0; i < SEED_CHARACTERS; i++) {
            seed.append(Totp.ALPHABET.charAt(random.nextInt(Totp.ALPHABET.length())));
        }
        if (devices.putIfAbsent(serialNumber(name), new Device(seed.toString(), null, Long.MIN_VALUE)) != null) {
            throw new AwsError(
                    409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.");
        }
        return seed.toString();
    }

    /** Enables a device for a user with two consecutive codes. */
    public synchronized void enable(String user, String serialNumber, String first, String second) {
        Device device = found(serialNumber);
        if (device.user() != null) {
            throw new AwsError(409, "EntityAlreadyExists", "MFA Device is already in use.");
        }
        if (devices.values().stream().filter(one -> user.equals(one.user())).count() >= MAX_PER_USER) {
            throw new AwsError(409, "LimitExceeded", "Cannot exceed quota for MfaDevicesPerUser: " + MAX_PER_USER);
        }
        long step = steps().filter(one -> Totp.code(device.seed(), one - 1).equals(first)
                        && Totp.code(device.seed(), one).equals(second))
                .findFirst()
                .orElseThrow(() ->
                        new AwsError(403, "InvalidAuthenticationCode", "Authentication code for device is not valid."));
        devices.put(serialNumber, device.withUsedStep(step, user));
    }

    /** Deactivates a user's device. */
    public synchronized void deactivate(String user, String serialNumber) {
        Device device = found(serialNumber);
        if (!user.equals(device.user())) {
            throw missing(serialNumber);
        }
        devices.put(serialNumber, new Device(device.seed(), null, device.taken()));
    }

    /** Deletes a device, which must not be enabled. */
    public synchronized void delete(String serialNumber) {
        if (found(serialNumber).user() != null) {
            throw new AwsError(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.");
        }
        devices.remove(serialNumber);
    }

    /**
     * Accepts a code of a user's device.
     *
     * @throws AwsError if the code or the device is not valid for the user
     */
    synchronized void take(String user, String serialNumber, String code) {
        Device device = devices.get(serialNumber);
        if (device == null || !user.equals(device.user())) {
            throw new AwsError(
                    403,
                    "AccessDenied",
                    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial"
                            + " number is valid and associated with this user.");
        }
        long step = steps().filter(one ->
                        one > device.taken() && Totp.code(device.seed(), one).equals(code))
                .findFirst()
                .orElseThrow(() -> new AwsError(
                        403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "));
        devices.put(serialNumber, device.withUsedStep(step, user));
    }

    /** Returns whether a user has a device. */
    synchronized boolean hasAny(String user) {
        return devices.values().stream().anyMatch(device -> user.equals(device.user()));
    }

    /** Returns the serial numbers of all devices. */
    public synchronized List<String> everything() {
        return List.copyOf(devices.keySet());
    }

    /** Returns the user of a device, or null if it is not enabled. */
    public synchronized @Nullable String user(String serialNumber) {
        return found(serialNumber).user();
    }

    private LongStream steps() {
        long now = Totp.step(clock.instant());
        return LongStream.rangeClosed(now - DRIFT, now + DRIFT);
    }

    private Device found(String serialNumber) {
        Device device = devices.get(serialNumber);
        if (device == null) {
            throw missing(serialNumber);
        }
        return device;
    }

    private static AwsError missing(String serialNumber) {
        return new AwsError(404, "NoSuchEntity", "MFA Device with serial number " + serialNumber + " does not exist.");
    }
}
