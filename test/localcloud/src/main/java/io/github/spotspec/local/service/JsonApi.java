package io.github.spotspec.local.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A service that uses AWS JSON 1.1. A header names the action, and input and output are JSON objects. */
abstract class JsonApi implements Api {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An action that takes an input object and returns an output object. */
    @FunctionalInterface
    interface Action {
        Map<String, Object> run(ApiCall call, Input input);
    }

    /** The members of an action's input. It records which members were read, so that an unknown member is an error. */
    static final class Input {
        private final Map<?, ?> members;
        private final Set<String> read = new HashSet<>();

        private Input(Map<?, ?> members) {
            this.members = members;
        }

        @Nullable
        String text(String name) {
            read.add(name);
            return members.get(name) instanceof String text ? text : null;
        }

        String required(String name) {
            String value = text(name);
            if (value == null) {
                throw new AwsError(
                        400,
                        "ValidationException",
                        "Value null at '" + name + "' failed to satisfy constraint: Member must not be null");
            }
            return value;
        }

        @Nullable
        Object any(String name) {
            read.add(name);
            return members.get(name);
        }

        private void refuseUnread(String action) {
            for (Object name : members.keySet()) {
                if (!read.contains(String.valueOf(name))) {
                    throw AwsError.unknown("the member " + name + " of " + action);
                }
            }
        }
    }

    abstract Map<String, Action> actions();

    @Override
    public String action(WireRequest request) {
        String target = String.valueOf(request.header("x-amz-target"));
        return target.substring(target.indexOf('.') + 1);
    }

    @Override
    public WireResponse handle(ApiCall call) {
        String name = action(call.request());
        Action action = actions().get(name);
        if (action == null) {
            throw new AwsError(
                    400,
                    "UnknownOperationException",
                    "the local cloud does not know the action " + service() + ":" + name);
        }
        try {
            Input input = new Input(JSON.readValue(call.request().body(), Map.class));
            Map<String, Object> output = action.run(call, input);
            input.refuseUnread(service() + ":" + name);
            return WireResponse.of(200, "application/x-amz-json-1.1", JSON.writeValueAsString(output));
        } catch (JsonProcessingException e) {
            throw new AwsError(400, "SerializationException", "not JSON");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public AwsError denied(String message) {
        return new AwsError(400, "AccessDeniedException", message);
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("__type", error.code());
        body.put("message", error.message());
        try {
            return WireResponse.of(error.status(), "application/x-amz-json-1.1", JSON.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
