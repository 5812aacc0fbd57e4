package io.github.spotspec.function.fake;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** STS. It accepts each code of the operator's MFA device once, and never {@link #WRONG_CODE}. Thread-safe. */
public final class FakeSts implements Fault.Service {
    /** The operator's MFA device. */
    public static final String DEVICE = "arn:aws:iam::111122223333:mfa/operator";

    /** The code that STS rejects. */
    public static final String WRONG_CODE = "000000";

    private final FakeClock time;
    private final Set<String> rejected = new HashSet<>();
    private final Set<String> used = new HashSet<>();

    FakeSts(FakeClock time) {
        this.time = time;
    }

    /** Rejects an access key from now on. */
    public synchronized void rejectKey(String accessKeyId) {
        rejected.add(accessKeyId);
    }

    /** Returns the id of the access key that STS returns for a code. */
    public static String keyFor(String code) {
        return "ASIA" + code;
    }

    @Override
    public synchronized AwsResponse answer(AwsCall call) {
        if (rejected.contains(call.accessKeyId())) {
            return error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if (call.text("SerialNumber").length() < 9) {
            return error(
                    400,
                    "ValidationError",
                    "1 validation error detected: Value '" + call.text("SerialNumber") + "' at 'serialNumber'");
        }
        if (!call.text("SerialNumber").equals(DEVICE)) {
            return error(403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.");
        }
        String code = call.text("TokenCode");
        if (code.equals(WRONG_CODE) || !used.add(code)) {
            return error(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.");
        }
        return new AwsResponse(
                200,
                "<GetSessionTokenResponse"
                        + " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetSessionTokenResult><Credentials>"
                        + AwsResponse.element("AccessKeyId", keyFor(code))
                        + AwsResponse.element("SecretAccessKey", "upgraded-secret")
                        + AwsResponse.element("SessionToken", "upgraded-token")
                        + AwsResponse.element(
                                "Expiration",
                                time.instant().plus(Duration.ofSeconds(Long.parseLong(call.text("DurationSeconds")))))
                        + "</Credentials></GetSessionTokenResult></GetSessionTokenResponse>");
    }

    /** Returns an error in STS's format. */
    public static AwsResponse error(int status, String code, String message) {
        return new AwsResponse(
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error><RequestId>r</RequestId></ErrorResponse>");
    }
}
