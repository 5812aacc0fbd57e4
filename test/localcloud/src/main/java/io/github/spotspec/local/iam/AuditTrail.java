package io.github.spotspec.local.iam;

import java.util.ArrayList;
import java.util.List;

/** Records the requests to the local cloud and the authorization decisions, in order. Thread-safe. */
public final class AuditTrail {
    /** One authorization decision. */
    public record Decision(String action, String resource, String region, String principalArn, boolean allowed) {}

    /**
     * One request to a service.
     *
     * @param action the action, such as {@code ec2:RunInstances}
     * @param outcome the error code, or {@code OK}
     */
    public record ApiCall(String action, String region, String principalArn, String outcome) {}

    private final List<Decision> decisions = new ArrayList<>();
    private final List<ApiCall> apiCalls = new ArrayList<>();

    synchronized void add(Decision access) {
        decisions.add(access);
    }

    /** Records a request. */
    public synchronized void add(ApiCall request) {
        apiCalls.add(request);
    }

    /** Returns all decisions so far. */
    public synchronized List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    /** Returns all requests so far. */
    public synchronized List<ApiCall> apiCalls() {
        return List.copyOf(apiCalls);
    }

    /**
     * Deletes the recorded requests, but not the decisions, because these show in the end which permissions are used at
     * all.
     */
    public synchronized void forgetRequests() {
        apiCalls.clear();
    }
}
