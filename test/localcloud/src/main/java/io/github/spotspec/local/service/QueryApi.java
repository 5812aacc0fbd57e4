package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import io.github.spotspec.local.wire.Xml;
import java.util.Map;
import java.util.function.Consumer;

/** A service that uses the query protocol: form parameters in the request, XML in the response. */
abstract class QueryApi implements Api {
    private static final String XML = "text/xml;charset=UTF-8";

    /** An action that reads its parameters and returns the content of its result. */
    @FunctionalInterface
    interface Action {
        Consumer<Xml> run(ApiCall call, Params params);
    }

    private final String namespace;

    QueryApi(String namespace) {
        this.namespace = namespace;
    }

    abstract Map<String, Action> actions();

    @Override
    public String action(WireRequest request) {
        for (String pair : request.text().split("&")) {
            if (pair.startsWith("Action=")) {
                return pair.substring("Action=".length());
            }
        }
        return "none";
    }

    @Override
    public WireResponse handle(ApiCall call) {
        Params params = Params.parse(call.request().text());
        String name = params.text("Action");
        if (name == null) {
            throw new AwsError(400, "MissingAction", "The request must contain the parameter Action");
        }
        Action action = actions().get(name);
        if (action == null) {
            throw new AwsError(
                    400, "InvalidAction", "the local cloud does not know the action " + service() + ":" + name);
        }
        Consumer<Xml> result = action.run(call, params);
        params.refuseUnread(service() + ":" + name);
        return WireResponse.of(200, XML, document(name, result, call.requestId()));
    }

    /** Renders a response. EC2's responses have fewer levels than those of the other services. */
    String document(String action, Consumer<Xml> result, String requestId) {
        return Xml.document(
                action + "Response",
                namespace,
                xml -> xml.nest(action + "Result", result)
                        .nest("ResponseMetadata", meta -> meta.put("RequestId", requestId)));
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        return WireResponse.of(
                error.status(),
                XML,
                Xml.document(
                        "ErrorResponse",
                        namespace,
                        xml -> xml.nest(
                                        "Error",
                                        e -> e.put("Type", error.status() < 500 ? "Sender" : "Receiver")
                                                .put("Code", error.code())
                                                .put("Message", error.message()))
                                .put("RequestId", requestId)));
    }
}
