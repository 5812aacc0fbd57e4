package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Functions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Somebody who answers requests behind Lambda's Runtime API.
 *
 * @param name what the table calls it
 * @param what what it is, with its version
 * @param handler Lambda's name of its handler, if it is one for Lambda's Java runtime
 * @param code the jar with that handler
 * @param runtime otherwise the command that runs its own runtime; empty for Lambda's Java runtime
 */
record Contestant(
        String name, String what, Map<String, String> environment, String handler, byte[] code, List<String> runtime) {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    boolean isJava() {
        return runtime.isEmpty();
    }

    /** Returns the contestant as a function. */
    Functions.Version version(int memoryMiB, boolean snapStart, int number) {
        String arn =
                Account.ROLE.replace(":iam::", ":lambda:" + Account.HOME + ":").replace("role/", "function:");
        return new Functions.Version(
                new Functions.Configuration(
                        "bench",
                        Account.FUNCTION,
                        Account.HOME,
                        "java25",
                        handler,
                        memoryMiB,
                        TIMEOUT,
                        environment,
                        Account.ROLE,
                        code,
                        snapStart,
                        Account.LOG_GROUP),
                Integer.toString(number));
    }
}
