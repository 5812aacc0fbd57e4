package io.github.spotspec.local.service;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.events.Experiments;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.RestJson;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/** The part of the API of AWS Fault Injection Service that starts an experiment and shows its state. */
final class FisApi implements Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> MEMBERS = Set.of("clientToken", "experimentTemplateId", "tags");

    /** The members of StartExperiment. */
    private record Input(String clientToken, String experimentTemplateId, Map<String, String> tags) {
        static Input read(byte[] body) {
            try {
                Map<String, Object> members = JSON.readValue(body, new TypeReference<Map<String, Object>>() {});
                if (!MEMBERS.containsAll(members.keySet())) {
                    throw AwsError.unknown("one of the members " + members.keySet() + " of fis:StartExperiment");
                }
                return new Input(
                        required(members, "clientToken"),
                        required(members, "experimentTemplateId"),
                        JSON.convertValue(
                                members.getOrDefault("tags", Map.of()), new TypeReference<Map<String, String>>() {}));
            } catch (IOException | IllegalArgumentException e) {
                throw new AwsError(400, "ValidationException", "The request body is not valid.");
            }
        }

        private static String required(Map<String, Object> members, String name) {
            if (members.get(name) instanceof String text && !text.isEmpty()) {
                return text;
            }
            throw new AwsError(400, "ValidationException", "Member must not be null: " + name);
        }
    }

    private final Experiments experiments;
    private final String account;

    FisApi(Experiments experiments, String account) {
        this.experiments = experiments;
        this.account = account;
    }

    @Override
    public String service() {
        return "fis";
    }

    @Override
    public String action(WireRequest request) {
        return request.method().equals("GET") ? "GetExperiment" : "StartExperiment";
    }

    @Override
    public WireResponse handle(ApiCall call) {
        WireRequest request = call.request();
        String own = "arn:aws:fis:" + call.region() + ":" + account + ":";
        if (request.method().equals("GET") && request.path().startsWith("/experiments/")) {
            return show(call, own + "experiment/" + request.path().substring("/experiments/".length()));
        }
        if (!request.method().equals("POST") || !request.path().equals("/experiments")) {
            throw AwsError.unknown("fis " + request.method() + " " + request.path());
        }
        Input input = Input.read(request.body());
        call.authorize("fis:StartExperiment", own + "experiment-template/" + input.experimentTemplateId());
        call.authorize("fis:StartExperiment", own + "experiment/*");
        String id = experiments.start(call.region(), input.experimentTemplateId(), input.tags());
        return answer(JSON.createObjectNode().put("id", id));
    }

    private WireResponse show(ApiCall call, String arn) {
        call.authorize("fis:GetExperiment", arn);
        Experiments.Experiment experiment = experiments.get(arn);
        return answer(JSON.createObjectNode()
                .set(
                        "state",
                        JSON.createObjectNode()
                                .put("status", experiment.status())
                                .put("reason", experiment.reason())));
    }

    private static WireResponse answer(JsonNode experiment) {
        String body = JSON.createObjectNode().set("experiment", experiment).toString();
        return new WireResponse(200, Map.of("content-type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
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
