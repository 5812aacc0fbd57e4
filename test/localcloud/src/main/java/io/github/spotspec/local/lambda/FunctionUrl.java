package io.github.spotspec.local.lambda;

import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.RestJson;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A function's URL, on its own port. A caller needs both {@code lambda:InvokeFunctionUrl} and, since October 2025,
 * {@code lambda:InvokeFunction} with {@code lambda:InvokedViaFunctionUrl}. With NONE, callers are anonymous, so the
 * function's own policy must allow both actions to everybody (Lambda developer guide, "Control access to Lambda
 * function URLs").
 */
public final class FunctionUrl implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 6 * 1024 * 1024;

    /** Opens URLs. */
    @FunctionalInterface
    public interface Opener {
        /** Opens a URL for a function under a qualifier. */
        FunctionUrl open(String functionArn, String qualifier, AuthType authType) throws IOException;
    }

    /** Whether Lambda requires callers to sign their requests. */
    public enum AuthType {
        AWS_IAM,
        NONE
    }

    /** The sender of a request, as far as Lambda knows it. */
    private record Sender(@Nullable Principal principal, String accessKeyId) {}

    private final Functions functions;
    private final LambdaHost host;
    private final Authorizer authorizer;
    private final InstantSource clock;
    private final String functionArn;
    private final String qualifier;
    private final Server server;
    private volatile AuthType authType;

    /** Opens a URL for a function under a qualifier. */
    public FunctionUrl(
            Functions functions,
            LambdaHost host,
            Authorizer authorizer,
            InstantSource clock,
            String functionArn,
            String qualifier,
            AuthType authType)
            throws IOException {
        this.functions = functions;
        this.host = host;
        this.authorizer = authorizer;
        this.clock = clock;
        this.functionArn = functionArn;
        this.qualifier = qualifier;
        this.authType = authType;
        server = Server.start(null, this::answer);
    }

    /** Returns the URL, with a slash at the end as on AWS. */
    public String url() {
        return server.url() + "/";
    }

    /** Sets whether requests must be signed. */
    public void authType(AuthType wanted) {
        authType = wanted;
    }

    @Override
    public void close() {
        server.close();
    }

    private WireResponse answer(WireRequest request) {
        try {
            Functions.Version version = functions.version(functionArn, qualifier);
            String region = version.configuration().region();
            AuthType asked = authType;
            Sender sender = asked == AuthType.NONE ? new Sender(null, "") : signer(request, region);
            permit(request, region, sender, "lambda:InvokeFunctionUrl", "lambda:FunctionUrlAuthType", asked.name());
            permit(request, region, sender, "lambda:InvokeFunction", "lambda:InvokedViaFunctionUrl", "true");
            if (request.body().length > MAX_BODY_BYTES) {
                return RestJson.error(413, "RequestEntityTooLargeException", "Request too large");
            }
            byte[] event = UrlEvents.event(
                    request,
                    authorizer.identities().account(),
                    UUID.randomUUID().toString(),
                    clock.instant(),
                    sender.principal(),
                    sender.accessKeyId());
            LambdaHost.Result result = host.invoke(version, event);
            return result.failed() ? UrlEvents.badGateway() : UrlEvents.response(result.payload());
        } catch (AwsError e) {
            return RestJson.error(e.status(), e.code(), e.message());
        }
    }

    private Sender signer(WireRequest request, String region) {
        String accessKeyId = verified(request, region).accessKeyId();
        return new Sender(authorizer.identities().principal(accessKeyId), accessKeyId);
    }

    /** Verifies the signature. A URL answers with status 403 to every signature error. */
    private SigV4.Signature verified(WireRequest request, String region) {
        SigV4.Signature signature;
        try {
            signature = SigV4.verify(request, clock.instant(), authorizer.identities()::key);
        } catch (AwsError e) {
            throw new AwsError(403, e.code(), e.message());
        }
        if (!signature.service().equals("lambda") || !signature.region().equals(region)) {
            throw new AwsError(
                    403,
                    "SignatureDoesNotMatch",
                    "Credential should be scoped to the function's region and to service 'lambda'.");
        }
        return signature;
    }

    private void permit(WireRequest request, String region, Sender sender, String action, String key, String value) {
        Principal caller = sender.principal();
        Map<String, List<String>> context = caller == null
                ? authorizer.anonymousContext(request.secure(), region)
                : authorizer.context(request.secure(), caller, region);
        context.put(key, List.of(value));
        AuthorizationRequest access = new AuthorizationRequest(action, functionArn + ":" + qualifier, context);
        List<PolicyDocument> policies = functions.policies(functionArn, qualifier);
        if (!(caller == null
                ? authorizer.allowsAnybody(region, access, policies)
                : authorizer.allows(caller, region, access, policies))) {
            throw new AwsError(
                    403,
                    "AccessDeniedException",
                    "Forbidden. For troubleshooting Function URL authorization issues, see the Lambda developer"
                            + " guide.");
        }
    }
}
