package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The endpoint of all services. It verifies a request's signature, finds the service and authorizes the request. */
public final class Endpoint {
    private final Authorizer authorizer;
    private final InstantSource clock;
    private final Faults faults;
    private final Map<String, Api> apis = new TreeMap<>();

    public Endpoint(Authorizer authorizer, InstantSource clock, Faults faults, List<Api> apis) {
        this.authorizer = authorizer;
        this.clock = clock;
        this.faults = faults;
        apis.forEach(api -> this.apis.put(api.service(), api));
    }

    /** Answers a request. */
    public WireResponse answer(WireRequest request) {
        String requestId = UUID.randomUUID().toString();
        SigV4.Signature claimed = null;
        try {
            claimed = SigV4.claimed(request);
        } catch (AwsError malformed) {
            // The verification below reports this error, in a generic protocol because the service is unknown.
        }
        Api api = claimed == null ? null : apis.get(claimed.service());
        String action = api == null || claimed == null ? "none" : claimed.service() + ":" + api.action(request);
        String region = claimed == null ? "" : claimed.region();
        Faults.Fault fault = faults.faultFor(action, region);
        String principalArn = "";
        try {
            SigV4.Signature signature = SigV4.verify(request, clock.instant(), authorizer.identities()::key);
            if (api == null) {
                throw AwsError.unknown("the service " + signature.service());
            }
            Principal principal = authorizer.identities().principal(signature.accessKeyId());
            principalArn = principal.arn();
            if (fault instanceof Faults.Fault.ErrorResponse error) {
                throw new AwsError(error.status(), error.code(), error.message());
            }
            WireResponse response = handle(api, request, principal, signature.region(), requestId);
            authorizer.auditTrail().add(new AuditTrail.ApiCall(action, region, principalArn, "OK"));
            return late(fault, response);
        } catch (AwsError e) {
            authorizer.auditTrail().add(new AuditTrail.ApiCall(action, region, principalArn, e.code()));
            return late(fault, (api == null ? new UnknownService() : api).error(e, requestId));
        } catch (RuntimeException e) {
            authorizer.auditTrail().add(new AuditTrail.ApiCall(action, region, principalArn, "InternalFailure"));
            return (api == null ? new UnknownService() : api)
                    .error(new AwsError(500, "InternalFailure", e.toString()), requestId);
        }
    }

    private WireResponse handle(Api api, WireRequest request, Principal principal, String region, String requestId) {
        ApiCall call = new ApiCall(
                request,
                principal,
                region,
                requestId,
                authorizer.context(request.secure(), principal, region),
                (access, policies) -> pass(api, principal, region, access, policies));
        WireResponse response = api.handle(call);
        if (!call.asked()) {
            throw new IllegalStateException(api.service() + " answered a request without authorizing it");
        }
        return response;
    }

    private void pass(
            Api api,
            Principal principal,
            String region,
            AuthorizationRequest access,
            List<PolicyDocument> resourcePolicies) {
        if (!authorizer.allows(principal, region, access, resourcePolicies)) {
            throw api.denied("User: " + principal.arn() + " is not authorized to perform: " + access.action()
                    + " on resource: " + access.resource());
        }
    }

    /** Delays or drops a response if the fault requires it. The request has already been carried out. */
    private static WireResponse late(Faults.@Nullable Fault fault, WireResponse response) {
        return switch (fault) {
            case Faults.Fault.LostResponse lost -> WireResponse.LOST;
            case Faults.Fault.DelayedResponse slow -> {
                try {
                    Thread.sleep(slow.time());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                yield response;
            }
            case null, default -> response;
        };
    }

    /** Answers requests that name no known service. */
    private static final class UnknownService extends QueryApi {
        UnknownService() {
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
