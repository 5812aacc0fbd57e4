package io.github.spotspec.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.iam.MfaDevices;
import io.github.spotspec.local.iam.Totp;
import io.github.spotspec.local.wire.AwsError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The operator's MFA device for a service in a local cloud, which replaces an app on a phone. Its data is in a file in
 * the run's folder, so that another process can show codes while the cloud runs. Only the owner can read the file.
 */
public final class OperatorDevice {
    private static final String FILE = "mfa-device.json";
    private static final String SHOWN = "mfa-shown";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final String url;
    private final String seed;

    private OperatorDevice(Path folder, String url, String seed) {
        this.folder = folder;
        this.url = url;
        this.seed = seed;
    }

    /** Waits for a point in time. */
    @FunctionalInterface
    public interface Wait {
        /** Returns at the given time. */
        void until(Instant time) throws InterruptedException;
    }

    /**
     * A code that the device shows.
     *
     * @param until when the device shows the next code
     */
    public record Code(String digits, Instant until) {}

    /**
     * Enrolls the device that the operator's secret names, for the operator of a stack.
     *
     * @param secret the secret's name
     * @param url the service's URL
     * @param folder the folder for the device's file
     */
    public static OperatorDevice enrol(LocalCloud cloud, Stack stack, String secret, String url, Path folder)
            throws IOException {
        String keys =
                cloud.state().secrets().find(secret, stack.region()).current().value();
        String serialNumber = JSON.readTree(keys).path("serialNumber").asText();
        MfaDevices devices = cloud.state().identities().devices();
        String seed = devices.create(serialNumber.substring(serialNumber.lastIndexOf('/') + 1));
        enable(cloud, stack.physicalId(stack.logicalId("AWS::IAM::User")), serialNumber, seed);
        RunFile.write(folder, FILE, JSON.createObjectNode().put("url", url).put("seed", seed));
        return new OperatorDevice(folder, url, seed);
    }

    /** Enables the device with the two codes before the current one, so that the current code can still be used. */
    public static void enable(LocalCloud cloud, String user, String serialNumber, String seed) {
        for (int attempt = 0; ; attempt++) {
            long now = Totp.step(cloud.state().clock().instant());
            try {
                cloud.state()
                        .identities()
                        .devices()
                        .enable(user, serialNumber, Totp.code(seed, now - 2), Totp.code(seed, now - 1));
                return;
            } catch (AwsError e) {
                if (attempt > 0) {
                    throw e;
                }
                // The step has just changed.
            }
        }
    }

    /**
     * Returns the devices of the clouds that are running.
     *
     * @param shared the folder that contains the folders of all runs
     */
    public static List<OperatorDevice> running(Path shared) throws IOException {
        return RunFile.ofRunning(shared, FILE).stream()
                .map(found -> new OperatorDevice(
                        found.folder(),
                        found.content().path("url").asText(),
                        found.content().path("seed").asText()))
                .toList();
    }

    /** Returns the service's URL. */
    public String url() {
        return url;
    }

    /**
     * Returns the device's code. Waits for the next code if this one was already shown, because AWS accepts each code
     * once.
     */
    public Code show(InstantSource clock, Wait wait) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(
                folder.resolve(SHOWN), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Holds the lock until the channel is closed, so that two simultaneous callers get two different codes.
            channel.lock();
            ByteBuffer shown = ByteBuffer.allocate(Long.BYTES);
            long step = Totp.step(clock.instant());
            if (channel.read(shown) == Long.BYTES && step <= shown.getLong(0)) {
                step = shown.getLong(0) + 1;
                wait.until(start(step));
            }
            channel.write(shown.clear().putLong(0, step), 0);
            return new Code(Totp.code(seed, step), start(step + 1));
        }
    }

    private static Instant start(long step) {
        return Instant.EPOCH.plus(Totp.STEP.multipliedBy(step));
    }
}
