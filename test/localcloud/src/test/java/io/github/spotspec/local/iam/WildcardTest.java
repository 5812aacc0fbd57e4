package io.github.spotspec.local.iam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests wildcards in policies. */
final class WildcardTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
            *           | anything
            *           | ''
            ab*         | ab
            ab*         | abc/d:e
            *yz         | xyz
            a*c*e       | abcde
            a*bc        | abcbc
            a**c        | abc
            a?c         | abc
            ??          | ab
            i-*         | i-0123
            a.c         | a.c
            [a-z]       | [a-z]
            ''          | ''
            """)
    void matches(String pattern, String text) {
        assertTrue(Wildcard.matches(pattern, text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
            ab          | abc
            ab          | AB
            ab*         | cab
            *yz         | yza
            a?c         | ac
            ?           | ''
            a*c*e       | abcd
            a.c         | abc
            [a-z]       | b
            ''          | a
            """)
    void doesNotMatch(String pattern, String text) {
        assertFalse(Wildcard.matches(pattern, text));
    }

    @Test
    void literalMatchesItselfOnly() {
        assertTrue(Wildcard.matches(Wildcard.literal("a*?"), "a*?"));
        assertFalse(Wildcard.matches(Wildcard.literal("a*?"), "abc"));
        assertTrue(Wildcard.matches("x/" + Wildcard.literal("*") + "/*", "x/*/y"));
        assertEquals("a*?", Wildcard.plain(Wildcard.literal("a*?")));
    }

    @Test
    void matchesHostilePatternFast() {
        String text = "a".repeat(2_000);

        assertTimeout(Duration.ofSeconds(5), () -> assertFalse(Wildcard.matches("a*".repeat(200) + "b", text)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            arn:aws:ec2:*:111122223333:instance/*  | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | true
            arn:aws:ec2:*:*:instance/*             | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | true
            arn:aws:ec2:*:instance/*               | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | false
            arn:*:instance/*                       | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | false
            *                                      | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | true
            arn:aws:s3:::bucket/*                  | arn:aws:s3:::bucket/a:b:c                        | true
            arn:aws:ec2:us-east-?:*:*              | arn:aws:ec2:us-east-1:111122223333:instance/i-1  | true
            arn:aws:iam::111122223333:user/ann     | arn:aws:iam::111122223333:user/Ann               | false
            """)
    void matchesArnsByPart(String pattern, String arn, boolean matches) {
        assertEquals(matches, Wildcard.matchesArn(pattern, arn));
    }
}
