package io.github.spotspec.local.service;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.RestJson;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The part of AWS Lambda's API for direct invocations. */
final class LambdaApi implements Api {
    private static final String PREFIX = "/2015-03-31/functions/";
    private static final String SUFFIX = "/invocations";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Functions functions;
    private final LambdaHost host;
    private final String account;

    LambdaApi(Functions functions, LambdaHost host, String account) {
        this.functions = functions;
        this.host = host;
        this.account = account;
    }

    @Override
    public String service() {
        return "lambda";
    }

    @Override
    public String action(WireRequest request) {
        return "Invoke";
    }

    @Override
    public WireResponse handle(ApiCall call) {
        WireRequest request = call.request();
        String path = URLDecoder.decode(request.path(), StandardCharsets.UTF_8);
        if (!request.method().equals("POST") || !path.startsWith(PREFIX) || !path.endsWith(SUFFIX)) {
            throw AwsError.unknown("lambda " + request.method() + " " + path);
        }
        Params query = Params.parse(request.query());
        String name = path.substring(PREFIX.length(), path.length() - SUFFIX.length());
        String arn = name.startsWith("arn:")
                ? name
                : "arn:aws:lambda:" + call.region() + ":" + account + ":function:" + name;
        String qualifier = query.text("Qualifier", Functions.LATEST);
        query.refuseUnread("lambda:Invoke");
        String resource = qualifier.equals(Functions.LATEST) ? arn : arn + ":" + qualifier;
        call.authorize("lambda:InvokeFunction", resource, Map.of(), functions.policies(arn, qualifier));
        String type = request.header("x-amz-invocation-type");
        if (type != null && !type.equals("RequestResponse")) {
            throw AwsError.unknown("the invocation type " + type);
        }
        Functions.Version version = functions.version(arn, qualifier);
        LambdaHost.Result result = host.invoke(version, event(request.body()));
        Map<String, String> headers =
                new TreeMap<>(Map.of("content-type", "application/json", "x-amz-executed-version", version.number()));
        if (result.failed()) {
            headers.put("x-amz-function-error", "Unhandled");
        }
        return new WireResponse(200, headers, result.payload());
    }

    /** Returns the event for the function: the body, which must be JSON, or an empty object if there is no body. */
    private static byte[] event(byte[] body) {
        if (body.length == 0) {
            return "{}".getBytes(StandardCharsets.UTF_8);
        }
        try {
            JSON.readTree(body);
            return body;
        } catch (IOException e) {
            throw new AwsError(400, "InvalidRequestContentException", "Could not parse request body into json");
        }
    }

    @Override
    public AwsError denied(String message) {
        return new AwsError(403, "AccessDeniedException", message);
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        return RestJson.error(error.status(), error.code(), error.message());
    }
}
