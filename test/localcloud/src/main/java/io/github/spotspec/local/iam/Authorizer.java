package io.github.spotspec.local.iam;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Authorizes every access to the account's resources, whichever way the request arrives, and records the decision.
 * Thread-safe.
 */
public final class Authorizer {
    private final Identities identities;
    private final InstantSource clock;
    private final AuditTrail auditTrail;

    public Authorizer(Identities identities, InstantSource clock, AuditTrail calls) {
        this.identities = identities;
        this.clock = clock;
        this.auditTrail = calls;
    }

    public Identities identities() {
        return identities;
    }

    public AuditTrail auditTrail() {
        return auditTrail;
    }

    /** Returns whether policies allow an access. The context of the access must be complete. */
    public boolean allows(
            Principal principal, String region, AuthorizationRequest access, List<PolicyDocument> resourcePolicies) {
        List<PolicyDocument> own = identities.policies(principal);
        boolean allowed = principal.account().equals(identities.account())
                ? PolicyEvaluator.allow(principal, own, resourcePolicies, access)
                : PolicyEvaluator.allowAcrossAccounts(principal, own, resourcePolicies, access);
        auditTrail.add(new AuditTrail.Decision(access.action(), access.resource(), region, principal.arn(), allowed));
        return allowed;
    }

    /** Returns whether a resource's policies allow an access to an anonymous sender. */
    public boolean allowsAnybody(String region, AuthorizationRequest access, List<PolicyDocument> resourcePolicies) {
        boolean allowed = PolicyEvaluator.allowAnybody(resourcePolicies, access);
        auditTrail.add(new AuditTrail.Decision(access.action(), access.resource(), region, "anonymous", allowed));
        return allowed;
    }

    /**
     * Returns the condition keys that every request has, as listed in the IAM user guide's "Global condition context
     * keys".
     *
     * @param secure whether the request came over TLS
     */
    public Map<String, List<String>> context(boolean secure, Principal principal, String region) {
        Instant now = clock.instant();
        Map<String, List<String>> context = globalKeys(secure, now, region);
        context.put("aws:PrincipalAccount", List.of(principal.account()));
        context.put("aws:userid", List.of(principal.userId()));
        switch (principal) {
            case Principal.User user -> {
                context.put("aws:PrincipalArn", List.of(user.arn()));
                context.put("aws:username", List.of(user.name()));
                context.put("aws:PrincipalType", List.of("User"));
                // The MFA keys exist only for temporary credentials. With a long-term key they are missing, not false.
                if (user.session()) {
                    Instant mfaAt = user.mfaAt();
                    context.put("aws:MultiFactorAuthPresent", List.of(Boolean.toString(mfaAt != null)));
                    if (mfaAt != null) {
                        context.put(
                                "aws:MultiFactorAuthAge",
                                List.of(Long.toString(now.getEpochSecond() - mfaAt.getEpochSecond())));
                    }
                }
            }
            case Principal.RoleSession session -> {
                context.put("aws:PrincipalArn", List.of(session.roleArn()));
                context.put("aws:PrincipalType", List.of("AssumedRole"));
                context.put("aws:MultiFactorAuthPresent", List.of("false"));
            }
        }
        return context;
    }

    /**
     * Returns the condition keys of an anonymous request. The keys of a principal are missing, or say that the sender
     * is anonymous.
     */
    public Map<String, List<String>> anonymousContext(boolean secure, String region) {
        Map<String, List<String>> context = globalKeys(secure, clock.instant(), region);
        context.put("aws:PrincipalAccount", List.of("anonymous"));
        context.put("aws:PrincipalType", List.of("Anonymous"));
        context.put("aws:userid", List.of("anonymous"));
        return context;
    }

    private static Map<String, List<String>> globalKeys(boolean secure, Instant now, String region) {
        Map<String, List<String>> context = new TreeMap<>();
        context.put("aws:CurrentTime", List.of(now.toString()));
        context.put("aws:EpochTime", List.of(Long.toString(now.getEpochSecond())));
        context.put("aws:SecureTransport", List.of(Boolean.toString(secure)));
        context.put("aws:SourceIp", List.of("127.0.0.1"));
        context.put("aws:RequestedRegion", List.of(region));
        return context;
    }
}
