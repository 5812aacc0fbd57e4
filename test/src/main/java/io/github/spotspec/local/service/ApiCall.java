package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.WireRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A verified request to a service, and the question whether its principal may do what it asks. */
public final class ApiCall {
    private final WireRequest request;
    private final Principal principal;
    private final String region;
    private final String requestId;
    private final Map<String, List<String>> context;
    private final Gate gate;
    private boolean asked;

    /** Decides on accesses, and keeps a record of them. */
    @FunctionalInterface
    public interface Gate {
        /** Throws the service's error if policies do not allow the access. */
        void authorize(AuthorizationRequest access, List<PolicyDocument> resourcePolicies);
    }

    ApiCall(
            WireRequest request,
            Principal principal,
            String region,
            String requestId,
            Map<String, List<String>> context,
            Gate gate) {
        this.request = request;
        this.principal = principal;
        this.region = region;
        this.requestId = requestId;
        this.context = context;
        this.gate = gate;
    }

    public WireRequest request() {
        return request;
    }

    public Principal principal() {
        return principal;
    }

    public String region() {
        return region;
    }

    public String requestId() {
        return requestId;
    }

    /** Returns the condition keys that every request has. */
    Map<String, List<String>> context() {
        return context;
    }

    /** Returns whether any access was put to the question; an answer without is a fault of the local cloud. */
    boolean asked() {
        return asked;
    }

    /** Puts an access to a resource to the question. */
    public void authorize(String action, String resource) {
        authorize(action, resource, Map.of(), List.of());
    }

    /**
     * Puts an access to the question.
     *
     * @param context condition keys beside those that every request has
     * @param resourcePolicies the resource's own policies
     */
    public void authorize(
            String action, String resource, Map<String, List<String>> context, List<PolicyDocument> resourcePolicies) {
        asked = true;
        Map<String, List<String>> whole = new TreeMap<>(this.context);
        whole.putAll(context);
        gate.authorize(new AuthorizationRequest(action, resource, whole), resourcePolicies);
    }

    /**
     * Puts to the question what the service itself asks of another one on the principal's behalf (IAM user guide, "Forward
     * access sessions"). Whether the keys of TLS and MFA show there is not documented; here they do not, so that no policy
     * relies on it.
     */
    public void authorizeOnBehalf(String action, String resource, Map<String, List<String>> context) {
        asked = true;
        Map<String, List<String>> whole = new TreeMap<>(this.context);
        whole.keySet()
                .removeAll(Set.of(
                        "aws:SecureTransport", "aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"));
        whole.put("aws:ViaAWSService", List.of("true"));
        whole.putAll(context);
        gate.authorize(new AuthorizationRequest(action, resource, whole), List.of());
    }

    /** For the few actions that need no permission. */
    public void needsNoPermission() {
        asked = true;
    }
}
