package io.github.spotspec.local.lambda;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import org.jspecify.annotations.Nullable;

/** The programs that take events from the Runtime API and pass them to a function's handler. */
public enum RuntimeClient {
    /** AWS's runtime client for Java. Its native code exists for Linux only. */
    AWS(AWSLambda.class),

    /** AWS's runtime client for Java with {@link RuntimeApi} instead of its native code. Runs wherever Java runs. */
    JAVA(JavaRuntime.class);

    /** The environment variable that selects a client: {@code aws} or {@code java}. */
    public static final String VARIABLE = "SPOTSPEC_LOCAL_RUNTIME";

    private final Class<?> program;

    RuntimeClient(Class<?> program) {
        this.program = program;
    }

    /** Returns the class whose main method runs a function. */
    public Class<?> program() {
        return program;
    }

    /** Returns the client that the environment selects. The default is AWS's own on Linux, and Java elsewhere. */
    public static RuntimeClient ofThisComputer() {
        return of(System.getenv(VARIABLE), System.getProperty("os.name"));
    }

    /**
     * Returns the client for a computer.
     *
     * @param selected the value of {@link #VARIABLE}
     * @param system the name of the operating system, as Java's property {@code os.name} has it
     * @throws IllegalArgumentException if there is no such client
     */
    static RuntimeClient of(@Nullable String selected, String system) {
        if (selected == null || selected.isEmpty()) {
            return system.equals("Linux") ? AWS : JAVA;
        }
        return switch (selected) {
            case "aws" -> AWS;
            case "java" -> JAVA;
            default -> throw new IllegalArgumentException(VARIABLE + " must be aws or java, but is '" + selected + "'");
        };
    }
}
