package io.github.spotspec.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table of errors in the documents. */
final class ErrorTable {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z][A-Za-z0-9]+)` \\| \\d{3} \\|");
    private static final Set<String> CODES = read();

    private ErrorTable() {}

    /** Returns the documented error codes. */
    static Set<String> codes() {
        return CODES;
    }

    private static Set<String> read() {
        try {
            return ROW.matcher(Files.readString(LocalDeployment.PROJECT.resolve("docs/troubleshoot.md")))
                    .results()
                    .map(MatchResult::group)
                    .map(row -> row.split("`", -1)[1])
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
