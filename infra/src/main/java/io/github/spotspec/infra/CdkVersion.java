package io.github.spotspec.infra;

import java.util.Arrays;
import software.amazon.awscdk.$Module;
import software.constructs.Construct;

/**
 * The version of {@code aws-cdk-lib} that the importing app brings. An older one lacks classes, which the JVM asks for as soon as it
 * verifies a class that passes one value as another: so {@link SpotService}, {@link SpotServiceProps} and {@link SpotEventForwarder} leave
 * what needs them to other classes, and ask here first.
 */
final class CdkVersion {
    /** The oldest that this library is built and tested with. */
    static final String OLDEST = "2.263.0";

    private CdkVersion() {}

    /**
     * Checks the version that is on the class path.
     *
     * @throws IllegalStateException if it is too old
     */
    static void check() {
        check(new $Module().getModuleVersion());
    }

    /** Returns a construct's scope, once the version is checked. */
    static Construct checked(Construct scope) {
        check();
        return scope;
    }

    /** Checks a version. One that is not made of numbers is left alone. */
    static void check(String version) {
        if (version.matches("[0-9]{1,9}([.][0-9]{1,9})*([-+].*)?")
                && Arrays.compare(numbers(version), numbers(OLDEST)) < 0) {
            throw new IllegalStateException("spotspec needs aws-cdk-lib " + OLDEST + " or newer, got " + version
                    + "; raise the version of software.amazon.awscdk:aws-cdk-lib in your build");
        }
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[-+]", 2)[0].split("[.]"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
