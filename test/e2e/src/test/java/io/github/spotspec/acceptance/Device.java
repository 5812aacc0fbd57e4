package io.github.spotspec.acceptance;

import io.github.spotspec.local.iam.Totp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.IamException;

/** The virtual MFA device of the run's operator. */
final class Device {
    private final String seed;
    private final String serialNumber;
    private long used;

    private Device(String seed, String serialNumber, long used) {
        this.seed = seed;
        this.serialNumber = serialNumber;
        this.used = used;
    }

    /** Creates the device that the operator's secret names, and enables it with two codes. */
    static Device enrol(Run run, String user, String serialNumber) throws Exception {
        IamClient iam = run.account().iam();
        String seed = iam.createVirtualMFADevice(
                        request -> request.virtualMFADeviceName(serialNumber.substring(serialNumber.indexOf('/') + 1)))
                .virtualMFADevice()
                .base32StringSeed()
                .asString(StandardCharsets.US_ASCII);
        long[] step = {Totp.step(Instant.now()) - 1};
        boolean enabled = Wait.until(Wait.IAM, () -> {
            try {
                iam.enableMFADevice(request -> request.userName(user)
                        .serialNumber(serialNumber)
                        .authenticationCode1(Totp.code(seed, step[0] - 1))
                        .authenticationCode2(Totp.code(seed, step[0])));
                return true;
            } catch (IamException e) {
                // Codes of the past may be too old, so that the next attempt takes the current one.
                step[0] = Totp.step(Instant.now());
                return false;
            }
        });
        if (!enabled) {
            throw Result.notHeld("IAM accepts no codes of a new MFA device").early();
        }
        return new Device(seed, serialNumber, step[0]);
    }

    String serialNumber() {
        return serialNumber;
    }

    /** Tries a code. */
    @FunctionalInterface
    interface Attempt {
        boolean accepts(String code) throws Exception;
    }

    /**
     * Tries codes until one is accepted: first one that was not used before, of this moment or of the next. A new
     * device may not work everywhere at once.
     *
     * @return the accepted code, or null
     */
    @Nullable
    String use(Attempt attempt) throws Exception {
        used = Math.max(used + 1, Totp.step(Instant.now()));
        boolean accepted = Wait.until(Wait.IAM, () -> {
            used = Math.max(used, Totp.step(Instant.now()));
            return attempt.accepts(Totp.code(seed, used));
        });
        return accepted ? Totp.code(seed, used) : null;
    }

    /** Returns a code that is wrong at this time. */
    String wrongCode() {
        long now = Totp.step(Instant.now());
        String code = "000000";
        for (int i = 1; isNear(code, now); i++) {
            code = "%06d".formatted(i);
        }
        return code;
    }

    private boolean isNear(String code, long now) {
        return java.util.stream.LongStream.rangeClosed(now - 3, now + 3)
                .anyMatch(step -> Totp.code(seed, step).equals(code));
    }
}
