package io.github.spotspec.function.fake;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** STS, and an MFA device of the operator's that shows any code but {@link #WRONG}. It takes each code once. Thread-safe. */
public final class FakeSts implements Fault.Ec2 {
    /** The operator's device. */
    public static final String DEVICE = "arn:aws:iam::111122223333:mfa/operator";

    /** The code that the device never shows. */
    public static final String WRONG = "000000";

    private final FakeClock time;
    private final Set<String> rejected = new HashSet<>();
    private final Set<String> used = new HashSet<>();

    FakeSts(FakeClock time) {
        this.time = time;
    }

    /** Accepts an access key no more. */
    public synchronized void rejects(String accessKeyId) {
        rejected.add(accessKeyId);
    }

    /** Returns the id of the key that it gives for a code. */
    public static String keyFor(String code) {
        return "ASIA" + code;
    }

    @Override
    public synchronized Said answer(Asked asked) {
        if (rejected.contains(asked.accessKeyId())) {
            return error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if (asked.text("SerialNumber").length() < 9) {
            return error(
                    400,
                    "ValidationError",
                    "1 validation error detected: Value '" + asked.text("SerialNumber") + "' at 'serialNumber'");
        }
        if (!asked.text("SerialNumber").equals(DEVICE)) {
            return error(403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.");
        }
        String code = asked.text("TokenCode");
        if (code.equals(WRONG) || !used.add(code)) {
            return error(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.");
        }
        return new Said(
                200,
                "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetSessionTokenResult><Credentials>"
                        + Said.element("AccessKeyId", keyFor(code))
                        + Said.element("SecretAccessKey", "upgraded-secret")
                        + Said.element("SessionToken", "upgraded-token")
                        + Said.element(
                                "Expiration",
                                time.instant().plus(Duration.ofSeconds(Long.parseLong(asked.text("DurationSeconds")))))
                        + "</Credentials></GetSessionTokenResult></GetSessionTokenResponse>");
    }

    /** Refuses, in STS's own words. */
    public static Said error(int status, String code, String message) {
        return new Said(
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error><RequestId>r</RequestId></ErrorResponse>");
    }
}
