package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.$Module;

/** The CDK that an importing app brings. */
final class CdkVersionTest {
    @Test
    void oldestIsWhatThisLibraryIsBuiltWith() {
        assertEquals(new $Module().getModuleVersion(), CdkVersion.OLDEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.262.9", "2.99.0", "1.300.0", "2", "2.262.0-alpha.1"})
    void rejectsOlder(String version) {
        assertEquals(
                "spotspec needs aws-cdk-lib " + CdkVersion.OLDEST + " or newer, got " + version
                        + "; raise the version of software.amazon.awscdk:aws-cdk-lib in your build",
                assertThrows(IllegalStateException.class, () -> CdkVersion.check(version))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.263.0", "2.263.1", "2.1000.0", "3.0.0", "next"})
    void acceptsNewer(String version) {
        assertDoesNotThrow(() -> CdkVersion.check(version));
    }
}
