package io.github.spotspec.local.iam;

import java.util.ArrayList;
import java.util.List;

/** What was asked of the local cloud, in the order in which it was. Thread-safe. */
public final class AuditTrail {
    /** One access that was put to the question. */
    public record Decision(String action, String resource, String region, String principalArn, boolean allowed) {}

    /**
     * One request to a service.
     *
     * @param action for example {@code ec2:RunInstances}
     * @param outcome the error's code, or {@code OK}
     */
    public record ApiCall(String action, String region, String principalArn, String outcome) {}

    private final List<Decision> decisions = new ArrayList<>();
    private final List<ApiCall> apiCalls = new ArrayList<>();

    synchronized void add(Decision access) {
        decisions.add(access);
    }

    /** Notes a request. */
    public synchronized void add(ApiCall request) {
        apiCalls.add(request);
    }

    /** Returns all accesses so far. */
    public synchronized List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    /** Returns all requests so far. */
    public synchronized List<ApiCall> apiCalls() {
        return List.copyOf(apiCalls);
    }

    /** Forgets the requests so far, but not the accesses, which tell in the end which rights are used at all. */
    public synchronized void forgetRequests() {
        apiCalls.clear();
    }
}
