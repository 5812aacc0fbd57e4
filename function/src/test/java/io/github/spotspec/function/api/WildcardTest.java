package io.github.spotspec.function.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WildcardTest {
    @ParameterizedTest
    @CsvSource({
        "m7g.large, m7g.large, true",
        "m7g.large, m7g.larger, false",
        "m7g.larger, m7g.large, false",
        "*, '', true",
        "?, '', false",
        "'', a, false",
        "t*, t3.nano, true",
        "t*, trn1.2xlarge, true",
        "t*, m5.large, false",
        "*.metal, c5.metal, true",
        "*.metal, c7i.metal-24xl, false",
        "*.metal*, c7i.metal-24xl, true",
        "m?g.*, m7g.large, true",
        "m?g.*, m7gd.large, false",
        "*a*b, aab, true",
        "*a*b, aabc, false",
        "**, a, true",
        "M*, m5.large, false"
    })
    void matchesLikeIam(String pattern, String text, boolean matches) {
        assertEquals(matches, Wildcard.matches(pattern, text));
    }
}
