package io.github.spotspec.local.iam;

import java.util.ArrayList;
import java.util.List;

/** What was asked of the local cloud, in the order in which it was. Thread-safe. */
public final class Calls {
    /** One access that was put to the question. */
    public record Asked(String action, String resource, String region, String principalArn, boolean allowed) {}

    /**
     * One request to a service.
     *
     * @param action for example {@code ec2:RunInstances}
     * @param outcome the error's code, or {@code OK}
     */
    public record Made(String action, String region, String principalArn, String outcome) {}

    private final List<Asked> asked = new ArrayList<>();
    private final List<Made> made = new ArrayList<>();

    synchronized void add(Asked access) {
        asked.add(access);
    }

    /** Notes a request. */
    public synchronized void add(Made request) {
        made.add(request);
    }

    /** Returns all accesses so far. */
    public synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** Returns all requests so far. */
    public synchronized List<Made> made() {
        return List.copyOf(made);
    }

    /** Forgets the requests so far, but not the accesses, which tell in the end which rights are used at all. */
    public synchronized void forgetRequests() {
        made.clear();
    }
}
