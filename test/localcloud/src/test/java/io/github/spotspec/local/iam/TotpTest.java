package io.github.spotspec.local.iam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests codes with the vectors of RFC 6238, appendix B. These are the last six of their eight digits. */
final class TotpTest {
    /** The seed of the vectors, "12345678901234567890", in base32. */
    private static final String SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    @ParameterizedTest
    @CsvSource({
        "59, 287082",
        "1111111109, 081804",
        "1111111111, 050471",
        "1234567890, 005924",
        "2000000000, 279037",
        "20000000000, 353130"
    })
    void matchesRfc6238(long seconds, String code) {
        assertEquals(code, Totp.code(SEED, Totp.step(Instant.ofEpochSecond(seconds))));
    }

    @Test
    void stepLasts30Seconds() {
        assertEquals(
                Totp.step(Instant.parse("2026-03-01T12:00:00Z")), Totp.step(Instant.parse("2026-03-01T12:00:29.999Z")));
        assertEquals(
                Totp.step(Instant.parse("2026-03-01T12:00:00Z")) + 1, Totp.step(Instant.parse("2026-03-01T12:00:30Z")));
    }

    @Test
    void rejectsSeedThatIsNotBase32() {
        assertThrows(IllegalArgumentException.class, () -> Totp.code("GEZDGNBVGY3TQOJ0", 1));
    }
}
