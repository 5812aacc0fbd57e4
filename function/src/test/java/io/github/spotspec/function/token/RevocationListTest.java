package io.github.spotspec.function.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.caller.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests which tokens a revocation list covers, and how long it keeps them. */
final class RevocationListTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Token token(String id, Instant issued) {
        return new Token(
                "s",
                id,
                issued,
                issued.plus(Duration.ofHours(1)),
                new Scope(List.of("price"), null, null, null, null, null, null));
    }

    private static RevocationList read(RevocationList list) {
        return RevocationList.of(list.text());
    }

    @Test
    void coversRevokedTokensOnly() {
        RevocationList list = read(RevocationList.EMPTY.with(List.of("a", "b"), NOW));

        assertTrue(list.covers(token("a", NOW)));
        assertTrue(list.covers(token("b", NOW.minusSeconds(1))));
        assertFalse(list.covers(token("c", NOW.minusSeconds(1))));
        assertFalse(RevocationList.EMPTY.covers(token("a", NOW)));
    }

    @Test
    void coversAllTokensMintedUntilThen() {
        RevocationList list = read(RevocationList.EMPTY.withAllUntil(NOW));

        assertTrue(list.covers(token("a", NOW)));
        assertTrue(list.covers(token("a", NOW.minusMillis(1))));
        assertFalse(list.covers(token("a", NOW.plusMillis(1))));
    }

    @Test
    void keepsEachIdForTheLongestLife() {
        RevocationList list = RevocationList.EMPTY.with(List.of("a"), NOW);
        Instant end = NOW.plus(RevocationList.MAX_TOKEN_LIFE);

        assertEquals(Set.of("a", "b"), list.with(List.of("b"), end).ids().keySet());
        assertEquals(
                Set.of("b"), list.with(List.of("b"), end.plusMillis(1)).ids().keySet());
    }

    @Test
    void keepsTimeOfFirstRevocation() {
        RevocationList list = RevocationList.EMPTY.with(List.of("a"), NOW).with(List.of("a"), NOW.plusSeconds(60));

        assertEquals(Map.of("a", NOW), list.ids());
    }

    @Test
    void dropsIdsCoveredByRevokingAll() {
        RevocationList list = RevocationList.EMPTY
                .with(List.of("before"), NOW.minusMillis(1))
                .with(List.of("same"), NOW)
                .with(List.of("later"), NOW.plusMillis(1));

        RevocationList all = read(list.withAllUntil(NOW));

        assertEquals(NOW, all.until());
        assertEquals(Map.of("later", NOW.plusMillis(1)), all.ids());
    }

    @Test
    void revokingAllIsNeverUndone() {
        RevocationList list = RevocationList.EMPTY.withAllUntil(NOW);

        assertEquals(NOW, list.withAllUntil(NOW.minusSeconds(5)).until());
        assertEquals(NOW.plusSeconds(5), list.withAllUntil(NOW.plusSeconds(5)).until());
        assertEquals(NOW, read(list.with(List.of("a"), NOW.plusSeconds(9))).until());
    }

    @Test
    void holdsFiveHundredIdsInASecret() {
        List<String> ids =
                IntStream.range(0, 500).mapToObj(i -> new UUID(7, i).toString()).toList();
        RevocationList full = RevocationList.EMPTY.withAllUntil(NOW).with(ids, NOW.plusMillis(1));

        assertFalse(full.isTooLong());
        assertTrue(full.text().length() <= 65_536, "of " + full.text().length());
        assertTrue(full.with(List.of("one more"), NOW).isTooLong());
    }
}
