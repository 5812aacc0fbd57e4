package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.lambda.Functions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A function behind Lambda's Runtime API.
 *
 * @param name its name in the table
 * @param what its description, with versions
 * @param environment additional environment variables
 * @param handler the handler, if it runs in Lambda's Java runtime
 * @param code the package with the handler
 * @param runtime the command of its own runtime, or empty for Lambda's Java runtime
 */
record Contestant(
        String name, String what, Map<String, String> environment, String handler, byte[] code, List<String> runtime) {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    boolean isJava() {
        return runtime.isEmpty();
    }

    /** Returns the contestant with a settings document of its own. */
    Contestant with(JsonNode settings) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(BenchmarkAccount.SETTINGS, settings.toString());
        return new Contestant(name, what, more, handler, code, runtime);
    }

    /** Returns the contestant as a function version. */
    Functions.Version version(Setting setting, Map<String, String> common, int number) {
        Map<String, String> variables = new TreeMap<>(common);
        variables.putAll(environment);
        return new Functions.Version(
                new Functions.Configuration(
                        BenchmarkAccount.FUNCTION,
                        new Functions.Code("java25", handler, code),
                        setting.memoryMiB(),
                        TIMEOUT,
                        variables,
                        BenchmarkAccount.ROLE,
                        setting.snapStart(),
                        BenchmarkAccount.LOG_GROUP),
                Integer.toString(number));
    }
}
