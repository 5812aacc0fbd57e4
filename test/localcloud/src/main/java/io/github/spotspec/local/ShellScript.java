package io.github.spotspec.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes scripts that processes on this computer run. */
final class ShellScript {
    private ShellScript() {}

    /** Writes an executable file, and returns it. */
    static Path write(Path file, String script) throws IOException {
        Files.writeString(file, script);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
        return file;
    }

    /** Returns a path as a word of a shell. */
    static String quoted(Path file) {
        return "'" + file.toString().replace("'", "'\\''") + "'";
    }
}
