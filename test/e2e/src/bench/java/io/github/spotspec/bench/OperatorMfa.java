package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.OperatorDevice;
import io.github.spotspec.local.iam.MfaDevices;
import io.github.spotspec.local.iam.Totp;
import io.github.spotspec.local.state.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The operator's MFA device. It is enrolled again for each code, because a device accepts only one code in 30 seconds.
 * Not thread-safe.
 */
final class OperatorMfa {
    /** The secret that seals sessions. */
    static final String SESSION_SECRET = BenchmarkAccount.SECRET.replace("operator-", "sessions-");

    private static final String DEVICE = "operator";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalCloud cloud;
    private final String serialNumber;
    private boolean enrolled;

    /** Puts the device into the operator's secret, and creates the secret of sessions. */
    OperatorMfa(LocalCloud cloud) {
        this.cloud = cloud;
        this.serialNumber = devices().serialNumber(DEVICE);
        Secrets secrets = cloud.state().secrets();
        secrets.create(SESSION_SECRET, "sessions", "benchmark-".repeat(4));
        String keys = secrets.find(BenchmarkAccount.SECRET, BenchmarkAccount.HOME)
                .current()
                .value();
        try {
            ObjectNode withDevice = (ObjectNode) JSON.readTree(keys);
            withDevice.put("serialNumber", serialNumber);
            secrets.put(
                    BenchmarkAccount.SECRET,
                    "benchmark-with-an-mfa-device-----",
                    withDevice.toString(),
                    List.of(Secrets.CURRENT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MfaDevices devices() {
        return cloud.state().identities().devices();
    }

    /** Returns a code that has not been used. */
    String nextCode() {
        if (enrolled) {
            devices().deactivate(BenchmarkAccount.OPERATOR, serialNumber);
            devices().delete(serialNumber);
        }
        String seed = devices().create(DEVICE);
        OperatorDevice.enable(cloud, BenchmarkAccount.OPERATOR, serialNumber, seed);
        enrolled = true;
        return Totp.code(seed, Totp.step(cloud.state().clock().instant()));
    }
}
