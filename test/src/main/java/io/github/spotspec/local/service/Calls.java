package io.github.spotspec.local.service;

import java.util.ArrayList;
import java.util.List;

/** What was asked of the local cloud, in the order in which it was. Thread-safe. */
public final class Calls {
    /** One access that was put to the question. */
    public record Call(String action, String resource, String region, String principalArn, boolean allowed) {}

    private final List<Call> calls = new ArrayList<>();

    synchronized void add(Call call) {
        calls.add(call);
    }

    /** Returns all calls so far. */
    public synchronized List<Call> all() {
        return List.copyOf(calls);
    }

    /** Forgets all calls so far. */
    public synchronized void clear() {
        calls.clear();
    }
}
