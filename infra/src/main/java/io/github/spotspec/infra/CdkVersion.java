package io.github.spotspec.infra;

import java.util.Arrays;
import software.amazon.awscdk.$Module;
import software.constructs.Construct;

/**
 * The version of {@code aws-cdk-lib} in the importing app. An older version lacks classes. The JVM loads these when it
 * verifies a class that passes one type as another. So {@link SpotService}, {@link SpotServiceProps} and
 * {@link SpotEventForwarder} leave such code to other classes, and check the version first.
 */
final class CdkVersion {
    /** The oldest version that this library is built and tested with. */
    static final String OLDEST = "2.263.0";

    private CdkVersion() {}

    /**
     * Checks the version on the class path.
     *
     * @throws IllegalStateException if it is too old
     */
    static void check() {
        check(new $Module().getModuleVersion());
    }

    /** Checks the version, and returns the scope of a construct. */
    static Construct checked(Construct scope) {
        check();
        return scope;
    }

    /** Checks a version. Ignores a version that does not consist of numbers. */
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
