package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.AwsErrors;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;

/**
 * Exchanges MFA codes for credentials at STS (STS API reference, "GetSessionToken"). Calls STS in the function's own
 * region because the credentials of a regional STS are valid in every region, including those that accounts have to
 * enable. Thread-safe.
 */
public final class StsMfaClient {
    private static final String ACTION = "sts:GetSessionToken";

    /** How STS's message begins if the code is wrong or was used before, or if the device is not the operator's. */
    private static final String FAILED = "MultiFactorAuthentication failed";

    private static final int MAX_MESSAGE = 300;

    private final SdkHttpClient http;
    private final Region region;
    private @Nullable StsClient client;

    public StsMfaClient(SdkHttpClient http, Region region) {
        this.http = http;
        this.region = region;
    }

    /**
     * Calls STS once, because AWS accepts a code only once.
     *
     * @throws ServiceException with {@link ErrorCode#MFA_REJECTED} and STS's own message if STS does not accept the
     *     code
     */
    MfaCredentials getSessionToken(
            OperatorCredentials operatorCredentials, String code, Duration life, Deadline deadline) {
        String serialNumber = operatorCredentials.serialNumber();
        if (serialNumber == null) {
            throw new ServiceException(
                    ErrorCode.MFA_NOT_ENROLLED,
                    "The operator's secret names no MFA device; enroll one for the operator with 'aws iam"
                            + " create-virtual-mfa-device' and 'aws iam enable-mfa-device', and put its ARN into the"
                            + " secret as 'serialNumber'.");
        }
        AwsCallContext callContext = new AwsCallContext(
                ResolvedCredentials.withoutMfa(operatorCredentials).credentials(), false, null, deadline);
        Credentials credentials;
        try {
            credentials = client().getSessionToken(request -> request.serialNumber(serialNumber)
                            .tokenCode(code)
                            .durationSeconds((int) life.toSeconds())
                            .overrideConfiguration(callContext::authorize))
                    .credentials();
        } catch (SdkException e) {
            throw toException(e, code);
        }
        return new MfaCredentials(
                credentials.accessKeyId(),
                credentials.secretAccessKey(),
                credentials.sessionToken(),
                credentials.expiration());
    }

    private ServiceException toException(SdkException e, String code) {
        String message = AwsErrors.message(e);
        if (message.startsWith(FAILED)) {
            return new ServiceException(
                    ErrorCode.MFA_REJECTED,
                    "STS rejected the MFA code: " + withoutCode(message, code)
                            + " Each code works only once; wait up to 30 seconds for the next one. The device must be"
                            + " enrolled for the operator.");
        }
        if (AwsErrors.code(e).equals("ValidationError")) {
            return new ServiceException(
                    ErrorCode.MFA_NOT_ENROLLED,
                    "The 'serialNumber' in the operator's secret is invalid; it must be the ARN of the operator's"
                            + " virtual MFA device, or the serial number of a hardware device.");
        }
        if (Ec2Errors.isAmbiguous(e)) {
            return new ServiceException(
                    ErrorCode.MFA_UNAVAILABLE,
                    "STS failed or did not answer in time, and it is unknown whether it accepted the code; try again"
                            + " with the device's next code.");
        }
        return Ec2Errors.toException(ACTION, region.id(), e);
    }

    /**
     * Returns the message without the code. STS does not repeat what it was sent. If it ever did, the code would still
     * not leak.
     */
    private static String withoutCode(String message, String code) {
        String without = message.strip().replace(code, "…");
        return without.substring(0, Math.min(without.length(), MAX_MESSAGE));
    }

    private synchronized StsClient client() {
        StsClient sts = client;
        if (sts == null) {
            sts = AwsClients.build(
                    StsClient.builder(),
                    region,
                    http,
                    AwsClients.noCredentials(),
                    configuration -> configuration.retryStrategy(AwsRetryStrategy.doNotRetry()));
            client = sts;
        }
        return sts;
    }
}
