package io.github.spotspec.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The AWS CLI on the PATH. Tests need a version that reads {@code AWS_ENDPOINT_URL}. */
final class AwsCli {
    static final String MISSING = "no AWS CLI is on the PATH, or one before 1.29 or 2.13";

    private static final Pattern VERSION = Pattern.compile("aws-cli/([12])\\.(\\d+)\\..*", Pattern.DOTALL);

    private AwsCli() {}

    /** Returns whether a suitable version is installed. */
    static boolean isInstalled() throws IOException, InterruptedException {
        Matcher version = version();
        return version != null
                && Integer.parseInt(version.group(2)) >= (version.group(1).equals("1") ? 29 : 13);
    }

    /** Removes an option that version 1 does not have. */
    static DocumentedCommand adapt(DocumentedCommand command) throws IOException, InterruptedException {
        Matcher version = version();
        return version != null && version.group(1).equals("1")
                ? command.with("--cli-binary-format raw-in-base64-out", "")
                : command;
    }

    private static @Nullable Matcher version() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", "aws --version 2>&1").start();
        Matcher version = VERSION.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return process.waitFor() == 0 && version.matches() ? version : null;
    }
}
