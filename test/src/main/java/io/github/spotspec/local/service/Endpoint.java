package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.Access;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Policies;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Where all services answer: verifies the signature, finds the service that it is for, and evaluates policies. */
public final class Endpoint {
    private final Identities identities;
    private final InstantSource clock;
    private final Calls calls;
    private final Map<String, Api> apis = new TreeMap<>();

    public Endpoint(Identities identities, InstantSource clock, Calls calls, List<Api> apis) {
        this.identities = identities;
        this.clock = clock;
        this.calls = calls;
        apis.forEach(api -> this.apis.put(api.service(), api));
    }

    /** Answers a request. */
    public WireResponse answer(WireRequest request) {
        String requestId = UUID.randomUUID().toString();
        SigV4.Signature claimed = null;
        try {
            claimed = SigV4.claimed(request);
        } catch (AwsError malformed) {
            // Told below, in the protocol of no service in particular.
        }
        Api api = claimed == null ? null : apis.get(claimed.service());
        try {
            SigV4.Signature signature = SigV4.verify(request, clock.instant(), identities::key);
            if (api == null) {
                throw AwsError.unknown("the service " + signature.service());
            }
            Principal principal = identities.principal(signature.accessKeyId());
            ApiCall call = new ApiCall(
                    request,
                    principal,
                    signature.region(),
                    requestId,
                    context(request.secure(), principal, signature.region()),
                    (access, policies) -> pass(api, principal, signature.region(), access, policies));
            WireResponse response = api.handle(call);
            if (!call.asked()) {
                throw new IllegalStateException(signature.service() + " answered without a question of permission");
            }
            return response;
        } catch (AwsError e) {
            return (api == null ? new NoApi() : api).error(e, requestId);
        } catch (RuntimeException e) {
            return (api == null ? new NoApi() : api)
                    .error(new AwsError(500, "InternalFailure", e.toString()), requestId);
        }
    }

    private void pass(
            Api api, Principal principal, String region, Access access, List<PolicyDocument> resourcePolicies) {
        boolean allowed = Policies.allow(principal, identities.policies(principal), resourcePolicies, access);
        calls.add(new Calls.Call(access.action(), access.resource(), region, principal.arn(), allowed));
        if (!allowed) {
            throw api.denied("User: " + principal.arn() + " is not authorized to perform: " + access.action()
                    + " on resource: " + access.resource());
        }
    }

    /** The condition keys that every request has, as the IAM user guide's "Global condition context keys" lists them. */
    private Map<String, List<String>> context(boolean secure, Principal principal, String region) {
        Map<String, List<String>> context = new TreeMap<>();
        Instant now = clock.instant();
        context.put("aws:CurrentTime", List.of(now.toString()));
        context.put("aws:EpochTime", List.of(Long.toString(now.getEpochSecond())));
        context.put("aws:SecureTransport", List.of(Boolean.toString(secure)));
        context.put("aws:SourceIp", List.of("127.0.0.1"));
        context.put("aws:RequestedRegion", List.of(region));
        context.put("aws:PrincipalAccount", List.of(identities.account()));
        context.put("aws:userid", List.of(principal.userId()));
        switch (principal) {
            case Principal.User user -> {
                context.put("aws:PrincipalArn", List.of(user.arn()));
                context.put("aws:username", List.of(user.name()));
                context.put("aws:PrincipalType", List.of("User"));
                // The keys of MFA exist for temporary credentials only: with a long-term key they are missing, not
                // false.
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

    /** Answers for a request that names no service that is known here. */
    private static final class NoApi extends QueryApi {
        NoApi() {
            super("https://aws.amazon.com/");
        }

        @Override
        public String service() {
            return "none";
        }

        @Override
        Map<String, Action> actions() {
            return Map.of();
        }
    }
}
