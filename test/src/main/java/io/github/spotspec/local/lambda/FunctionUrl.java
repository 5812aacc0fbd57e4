package io.github.spotspec.local.lambda;

import io.github.spotspec.local.iam.Access;
import io.github.spotspec.local.iam.Authorizer;
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

    private final Functions functions;
    private final LambdaHost host;
    private final Authorizer authorizer;
    private final InstantSource clock;
    private final String functionArn;
    private final String qualifier;
    private final Server server;

    /** Opens a URL for a function under a qualifier. */
    public FunctionUrl(
            Functions functions,
            LambdaHost host,
            Authorizer authorizer,
            InstantSource clock,
            String functionArn,
            String qualifier)
            throws IOException {
        this.functions = functions;
        this.host = host;
        this.authorizer = authorizer;
        this.clock = clock;
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
            Functions.Version version = functions.version(functionArn, qualifier);
            String region = version.configuration().region();
            SigV4.Signature signature = verified(request, region);
            Principal caller = authorizer.identities().principal(signature.accessKeyId());
            permit(request, region, caller, "lambda:InvokeFunctionUrl", "lambda:FunctionUrlAuthType", "AWS_IAM");
            permit(request, region, caller, "lambda:InvokeFunction", "lambda:InvokedViaFunctionUrl", "true");
            if (request.body().length > MOST_BODY_BYTES) {
                return RestJson.error(413, "RequestEntityTooLargeException", "Request too large");
            }
            byte[] event = UrlEvents.event(
                    request,
                    authorizer.identities().account(),
                    UUID.randomUUID().toString(),
                    clock.instant(),
                    caller,
                    signature.accessKeyId());
            LambdaHost.Result result = host.invoke(version, event);
            return result.failed() ? UrlEvents.badGateway() : UrlEvents.response(result.payload());
        } catch (AwsError e) {
            return RestJson.error(e.status(), e.code(), e.message());
        }
    }

    /** A URL answers 403 to whatever is wrong with a signature. */
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

    private void permit(WireRequest request, String region, Principal caller, String action, String key, String value) {
        Map<String, List<String>> context = authorizer.context(request.secure(), caller, region);
        context.put(key, List.of(value));
        Access access = new Access(action, functionArn + ":" + qualifier, context);
        if (!authorizer.allows(caller, region, access, functions.policies(functionArn, qualifier))) {
            throw new AwsError(
                    403,
                    "AccessDeniedException",
                    "Forbidden. For troubleshooting Function URL authorization issues, see the Lambda developer guide.");
        }
    }
}
