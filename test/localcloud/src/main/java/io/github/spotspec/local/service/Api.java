package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;

/** The API of one service. Implementations are thread-safe. */
public interface Api {
    /** Returns the service name in the signatures of requests. */
    String service();

    /** Returns the name of the action that a request calls. */
    String action(WireRequest request);

    /** Answers a request whose signature is verified. */
    WireResponse handle(ApiCall call);

    /** Renders an error in the service's own protocol. */
    WireResponse error(AwsError error, String requestId);

    /** Returns the error for an access that policies do not allow. */
    default AwsError denied(String message) {
        return new AwsError(403, "AccessDenied", message);
    }
}
