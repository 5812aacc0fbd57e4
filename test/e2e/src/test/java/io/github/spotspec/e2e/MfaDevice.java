package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.iam.Totp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.IamException;

/** The MFA device of a stack's operator. An administrator enrolls it with the serial number in the secret. */
final class MfaDevice {
    private final String seed;
    private long lastStep;

    private MfaDevice(String seed, long taken) {
        this.seed = seed;
        this.lastStep = taken;
    }

    /** Enrolls a new device, and removes the old one. At least two of its codes are still unused. */
    static MfaDevice enrol(LocalDeployment service, String stackName) throws Exception {
        Stack stack = service.stack(stackName);
        String user = stack.physicalId(stack.logicalId("AWS::IAM::User"));
        String serialNumber = new ObjectMapper()
                .readTree(service.secret(stackName))
                .path("serialNumber")
                .asText();
        try (IamClient iam = service.client(
                        IamClient.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            remove(iam, user, serialNumber);
            String seed = iam.createVirtualMFADevice(request ->
                            request.virtualMFADeviceName(serialNumber.substring(serialNumber.indexOf('/') + 1)))
                    .virtualMFADevice()
                    .base32StringSeed()
                    .asString(StandardCharsets.US_ASCII);
            long now = Totp.step(Instant.now());
            try {
                return enable(iam, user, serialNumber, seed, now);
            } catch (IamException outOfStep) {
                // The time step changed in between.
                return enable(iam, user, serialNumber, seed, now + 1);
            }
        }
    }

    private static MfaDevice enable(IamClient iam, String user, String serialNumber, String seed, long now) {
        iam.enableMFADevice(request -> request.userName(user)
                .serialNumber(serialNumber)
                .authenticationCode1(Totp.code(seed, now - 2))
                .authenticationCode2(Totp.code(seed, now - 1)));
        return new MfaDevice(seed, now - 1);
    }

    /** Removes the operator's device. */
    static void remove(LocalDeployment service, String stackName) throws Exception {
        Stack stack = service.stack(stackName);
        try (IamClient iam = service.client(
                        IamClient.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            String user = stack.physicalId(stack.logicalId("AWS::IAM::User"));
            remove(iam, user, service.cloud().state().identities().devices().serialNumber(user));
        }
    }

    private static void remove(IamClient iam, String user, String serialNumber) {
        try {
            iam.deactivateMFADevice(request -> request.userName(user).serialNumber(serialNumber));
            iam.deleteVirtualMFADevice(request -> request.serialNumber(serialNumber));
        } catch (IamException e) {
            if (!e.awsErrorDetails().errorCode().equals("NoSuchEntity")) {
                throw e;
            }
        }
    }

    /** Returns an unused code: the current one, or the next one. */
    String code() {
        lastStep = Math.max(lastStep + 1, Totp.step(Instant.now()));
        return Totp.code(seed, lastStep);
    }

    /** Returns a code that is invalid now and in the next steps. */
    String wrongCode() {
        long now = Totp.step(Instant.now());
        for (int i = 0; ; i++) {
            String digits = "%06d".formatted(i);
            if (java.util.stream.LongStream.rangeClosed(now - 1, now + 2)
                    .noneMatch(step -> Totp.code(seed, step).equals(digits))) {
                return digits;
            }
        }
    }
}
