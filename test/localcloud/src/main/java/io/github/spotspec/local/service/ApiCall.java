package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.WireRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** A verified request to a service. It authorizes the principal's accesses. */
public final class ApiCall {
    private final WireRequest request;
    private final Principal principal;
    private final String region;
    private final String requestId;
    private final Map<String, List<String>> context;
    private final Gate gate;
    private final AtomicBoolean asked;

    /** Authorizes accesses and records the decisions. */
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
        this(request, principal, region, requestId, context, gate, new AtomicBoolean());
    }

    private ApiCall(
            WireRequest request,
            Principal principal,
            String region,
            String requestId,
            Map<String, List<String>> context,
            Gate gate,
            AtomicBoolean asked) {
        this.request = request;
        this.principal = principal;
        this.region = region;
        this.requestId = requestId;
        this.context = context;
        this.gate = gate;
        this.asked = asked;
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

    /**
     * Returns whether any access was authorized. Answering a request without authorization is a bug in the local cloud.
     */
    boolean asked() {
        return asked.get();
    }

    /** Authorizes an access to a resource. */
    public void authorize(String action, String resource) {
        authorize(action, resource, Map.of(), List.of());
    }

    /**
     * Authorizes an access.
     *
     * @param context condition keys in addition to those that every request has
     * @param resourcePolicies the resource's own policies
     */
    public void authorize(
            String action, String resource, Map<String, List<String>> context, List<PolicyDocument> resourcePolicies) {
        asked.set(true);
        Map<String, List<String>> whole = new TreeMap<>(this.context);
        whole.putAll(context);
        gate.authorize(new AuthorizationRequest(action, resource, whole), resourcePolicies);
    }

    /**
     * Authorizes a call that the service itself makes to another service on the principal's behalf (IAM user guide,
     * "Forward access sessions"). AWS does not document whether such calls have the keys of TLS and MFA. Here they do
     * not, so that no policy relies on it.
     */
    public void authorizeOnBehalf(String action, String resource, Map<String, List<String>> context) {
        asked.set(true);
        Map<String, List<String>> whole = new TreeMap<>(this.context);
        whole.keySet()
                .removeAll(Set.of(
                        "aws:SecureTransport", "aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"));
        whole.put("aws:ViaAWSService", List.of("true"));
        whole.putAll(context);
        gate.authorize(new AuthorizationRequest(action, resource, whole), List.of());
    }

    /**
     * Returns this call with other condition keys, for the accesses that a service makes to carry it out.
     *
     * @param removed the keys that these accesses do not have
     */
    ApiCall with(Map<String, List<String>> added, Set<String> removed) {
        Map<String, List<String>> changed = new TreeMap<>(context);
        changed.keySet().removeAll(removed);
        changed.putAll(added);
        return new ApiCall(request, principal, region, requestId, changed, gate, asked);
    }

    /** Marks the call as authorized, for the few actions that need no permission. */
    public void needsNoPermission() {
        asked.set(true);
    }
}
