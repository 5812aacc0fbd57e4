package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.GetConsoleOutputResponse;

/** Reads what instances wrote to their serial consoles. Thread-safe. */
public final class ConsoleOutputs {
    private static final String ACTION = "ec2:GetConsoleOutput";

    private final Ec2Clients ec2;

    public ConsoleOutputs(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * A console output.
     *
     * @param text the newest 64 KB; empty if EC2 has no output yet
     * @param timestamp when EC2 read it from the instance, or null if EC2 does not return it
     * @param isLatest whether EC2 read it for this call; if not, EC2 reads it only shortly after the instance starts,
     *     stops or ends
     */
    public record ConsoleOutput(String text, @Nullable Instant timestamp, boolean isLatest) {
        private static final ConsoleOutput NONE = new ConsoleOutput("", null, true);

        /** Hides the text, which may contain secrets, so that it cannot appear in a log or message. */
        @Override
        public String toString() {
            return "ConsoleOutput[…]";
        }
    }

    /**
     * Returns the console output of an instance, as recent as EC2 has it.
     *
     * @throws ServiceException if EC2 does not answer or IAM denies the call
     */
    public ConsoleOutput read(String region, String instance, AwsCallContext callContext) {
        try {
            return read(region, instance, true, callContext);
        } catch (SdkException e) {
            if (Ec2Errors.isNotFound(e)) {
                // Other calls show the instance, so EC2 does not know it here yet, or not any more.
                return ConsoleOutput.NONE;
            }
            if (!Ec2Errors.lacksLatestOutput(e)) {
                throw Ec2Errors.toException(ACTION, region, e);
            }
        }
        try {
            return read(region, instance, false, callContext);
        } catch (SdkException e) {
            throw Ec2Errors.toException(ACTION, region, e);
        }
    }

    private ConsoleOutput read(String region, String instance, boolean latest, AwsCallContext callContext) {
        GetConsoleOutputResponse response = ec2.in(region)
                .getConsoleOutput(request ->
                        request.instanceId(instance).latest(latest).overrideConfiguration(callContext::authorize));
        return new ConsoleOutput(
                response.output() == null ? "" : text(decoded(response.output())), response.timestamp(), latest);
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new UnusableAnswerException("an output that is not base64");
        }
    }

    /**
     * Decodes UTF-8, without a character that EC2's window cuts at either end. Otherwise the same output would begin or
     * end differently a moment later, and a client could not tell which part of it is new.
     */
    private static String text(byte[] bytes) {
        int from = 0;
        while (from < bytes.length && from < 3 && isContinuation(bytes[from])) {
            from++;
        }
        int last = bytes.length - 1;
        while (last > from && last > bytes.length - 4 && isContinuation(bytes[last])) {
            last--;
        }
        int to = last >= from && bytes.length - last < length(bytes[last]) ? last : bytes.length;
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static boolean isContinuation(byte one) {
        return (one & 0xc0) == 0x80;
    }

    /** Returns how many bytes a character has that begins with this one. */
    private static int length(byte first) {
        return (first & 0x80) == 0 ? 1 : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
    }
}
