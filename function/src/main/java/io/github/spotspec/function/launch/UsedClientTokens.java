package io.github.spotspec.function.launch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers which client tokens of repeated launches EC2 rejects, because earlier tries without capacity used them. A
 * launch that is repeated for hours with the same key then does not start from its first token each time. A token that
 * EC2 has rejected launches nothing, so it is safe to skip. Thread-safe.
 */
public final class UsedClientTokens {
    private static final int MAX_SEQUENCES = 10_000;

    /** By the first token of a sequence: the number of the first token that may be unused. */
    private final Map<String, Integer> next = new ConcurrentHashMap<>();

    /** Returns the number of the first token in a sequence that EC2 has not rejected. */
    int next(String firstToken) {
        return next.getOrDefault(firstToken, 0);
    }

    /** Records that EC2 rejected a token, and that the call that used it before launched nothing. */
    void add(String firstToken, int number) {
        if (next.size() >= MAX_SEQUENCES) {
            next.clear();
        }
        next.merge(firstToken, number + 1, Math::max);
    }
}
