package io.github.spotspec.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs programs that may not be installed. */
final class InstalledProgram {
    private static final int SECONDS = 30;

    private InstalledProgram() {}

    /** Returns the output lines of a program, or nothing if it is missing, fails, or does not end. */
    static Optional<List<String>> lines(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                process.getOutputStream().close();
                boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
                return ended
                        ? Optional.of(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                                .lines()
                                .toList())
                        : Optional.empty();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }
}
