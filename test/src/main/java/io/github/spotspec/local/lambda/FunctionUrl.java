package io.github.spotspec.local.lambda;

import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A function's URL, on a port of its own. With AWS_IAM, a caller needs both {@code lambda:InvokeFunctionUrl} and, since
 * October 2025, {@code lambda:InvokeFunction} with {@code lambda:InvokedViaFunctionUrl}.
 */
public final class FunctionUrl implements AutoCloseable {
    private static final int MOST_BODY_BYTES = 6 * 1024 * 1024;

    /** Opens URLs. */
    @FunctionalInterface
    public interface Opener {
        /** Opens a URL for a function under a qualifier. */
        FunctionUrl open(String functionArn, String qualifier) throws IOException;
    }

    /** Who may call, in the account's eyes. */
    public interface Guard {
        /** Returns the key's secret, or null. */
        SigV4.@org.jspecify.annotations.Nullable Key key(String accessKeyId);

        /** Returns whose key it is. */
        Principal principal(String accessKeyId);

        /** Returns whether policies allow it. */
        boolean allows(
                Principal principal,
                String action,
                String resource,
                Map<String, List<String>> context,
                List<PolicyDocument> policies);
    }

    private final Functions functions;
    private final LambdaHost host;
    private final Guard guard;
    private final InstantSource clock;
    private final String functionArn;
    private final String qualifier;
    private final String account;
    private final Server server;

    /** Opens a URL for a function under a qualifier. */
    public FunctionUrl(
            Functions functions,
            LambdaHost host,
            Guard guard,
            InstantSource clock,
            String account,
            String functionArn,
            String qualifier)
            throws IOException {
        this.functions = functions;
        this.host = host;
        this.guard = guard;
        this.clock = clock;
        this.account = account;
        this.functionArn = functionArn;
        this.qualifier = qualifier;
        server = Server.start(null, this::answer);
    }

    /** Returns the URL, with the slash that AWS ends it with. */
    public String url() {
        return server.url() + "/";
    }

    @Override
    public void close() {
        server.close();
    }

    private WireResponse answer(WireRequest request) {
        try {
            SigV4.Signature signature = SigV4.verify(request, clock.instant(), guard::key);
            Functions.Version version = functions.version(functionArn, qualifier);
            if (!signature.service().equals("lambda")
                    || !signature.region().equals(version.configuration().region())) {
                throw new AwsError(
                        403,
                        "SignatureDoesNotMatch",
                        "Credential should be scoped to the function's region and to service 'lambda'.");
            }
            Principal caller = guard.principal(signature.accessKeyId());
            permit(caller, "lambda:InvokeFunctionUrl", Map.of("lambda:FunctionUrlAuthType", List.of("AWS_IAM")));
            permit(caller, "lambda:InvokeFunction", Map.of("lambda:InvokedViaFunctionUrl", List.of("true")));
            if (request.body().length > MOST_BODY_BYTES) {
                return error(413, "RequestEntityTooLargeException", "Request too large");
            }
            byte[] event = UrlEvents.event(
                    request, account, UUID.randomUUID().toString(), clock.instant(), caller, signature.accessKeyId());
            LambdaHost.Result result = host.invoke(version, event);
            return result.failed() ? UrlEvents.badGateway() : UrlEvents.response(result.payload());
        } catch (AwsError e) {
            return error(e.status(), e.code(), e.message());
        }
    }

    private void permit(Principal caller, String action, Map<String, List<String>> context) {
        String resource = functionArn + ":" + qualifier;
        if (!guard.allows(caller, action, resource, context, functions.policies(functionArn, qualifier))) {
            throw new AwsError(
                    403,
                    "AccessDeniedException",
                    "Forbidden. For troubleshooting Function URL authorization issues, see the Lambda developer guide.");
        }
    }

    private static WireResponse error(int status, String type, String message) {
        return new WireResponse(
                status,
                Map.of("content-type", "application/json", "x-amzn-errortype", type),
                ("{\"Message\":\"" + message.replace("\"", "'") + "\"}")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
