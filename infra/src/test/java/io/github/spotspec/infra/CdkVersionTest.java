package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertFails;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.$Module;

/** Which versions of {@code aws-cdk-lib} an importing app may have. */
final class CdkVersionTest {
    @Test
    void oldestVersionIsTheBuildVersion() {
        assertEquals(new $Module().getModuleVersion(), CdkVersion.OLDEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.262.9", "2.99.0", "1.300.0", "2", "2.262.0-alpha.1"})
    void rejectsOlderVersions(String version) {
        assertFails(IllegalStateException.class, () -> CdkVersion.check(version), CdkVersion.OLDEST, version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.263.0", "2.263.1", "2.1000.0", "3.0.0", "next"})
    void acceptsNewerVersions(String version) {
        assertDoesNotThrow(() -> CdkVersion.check(version));
    }
}
