package io.github.spotspec.function.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Tests when cached values expire, and how many are kept. */
final class CachedTest {
    private static final Duration TTL = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private Instant now = START;
    private final Cached<String> cached = new Cached<>(TTL, () -> now);
    private final List<String> reads = new ArrayList<>();

    private Supplier<String> reading(String value) {
        return () -> {
            reads.add(value);
            return value;
        };
    }

    @Test
    void readsAgainOnlyAfterValueHasExpired() {
        assertEquals("first", cached.get(reading("first")));
        now = START.plus(TTL).minusMillis(1);
        assertEquals("first", cached.get(reading("unread")));
        now = START.plus(TTL);
        assertEquals("second", cached.get(reading("second")));
        assertEquals(List.of("first", "second"), reads);
    }

    @Test
    void throwsFailureInsteadOfReturningExpiredValue() {
        cached.get(reading("first"));
        now = START.plus(TTL);
        assertThrows(
                IllegalStateException.class,
                () -> cached.get(() -> {
                    throw new IllegalStateException("unreadable");
                }));
        assertNull(cached.fresh());
        assertEquals("first", cached.last());
    }

    @Test
    void completedValueExpiresWithTheValueThatItReplaces() {
        cached.refresh(reading("part"));
        now = START.plusSeconds(30);
        cached.complete("whole");
        assertEquals("whole", cached.fresh());
        now = START.plus(TTL);
        assertNull(cached.fresh());
    }

    @Test
    void keepsValuesByKeyUntilTheyExpire() {
        CachedByKey<String, String> byKey = new CachedByKey<>(TTL, 10, String::length);
        byKey.put("a", "one", START);
        byKey.put("b", "two", START.plusSeconds(30));
        assertEquals("one", byKey.get("a", START.plusSeconds(59)));
        assertNull(byKey.get("a", START.plus(TTL)));
        assertEquals("two", byKey.get("b", START.plus(TTL)));
    }

    @Test
    void keepsNoMoreThanTheMaximumSize() {
        CachedByKey<String, String> byKey = new CachedByKey<>(TTL, 10, String::length);
        byKey.put("a", "123456", START);
        byKey.put("b", "123456", START);
        assertNull(byKey.get("b", START));
        byKey.put("a", "1234", START);
        byKey.put("b", "123456", START);
        assertEquals("123456", byKey.get("b", START));
    }
}
