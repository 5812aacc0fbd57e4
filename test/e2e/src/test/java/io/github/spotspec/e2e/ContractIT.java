package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Validates the contract, requests and answers with third-party validators. */
@ExtendWith(SharedDeployment.class)
final class ContractIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalDeployment service;
    private final ObjectNode held = JSON.createObjectNode();
    private final ArrayNode asked = held.putArray("asked");
    private final ArrayNode answered = held.putArray("answered");

    ContractIT(LocalDeployment service) throws Exception {
        this.service = service;
        held.set("document", service.url().contract(service.caller()).json());
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void requestsAndAnswersMatchTheContract() throws Exception {
        done("price", RequestBody.to("price").with("types", List.of("m7g.large", "m7g.lagre")));
        done(
                "price",
                RequestBody.to("price")
                        .with("type", "m7g.large")
                        .with("with", "onDemand")
                        .with("limit", 1));
        done("price", RequestBody.to("price").with("dryRun", true).with("regions", "all"));
        done("history", RequestBody.to("history").with("types", "m7g.large").with("last", "2d"));
        done("history", RequestBody.to("history").with("types", "m7g.large").with("points", false));
        done("score", RequestBody.to("score").with("types", List.of("m7g.large", "m6g.large", "c7g.large")));
        done(
                "score",
                RequestBody.to("score")
                        .with("types", List.of("m7g.large", "m6g.large", "c7g.large"))
                        .with("per", "region"));
        done(
                "launch",
                RequestBody.launch("m7g.large", "m6g.large", "c7g.large")
                        .without("dryRun")
                        .with("allocation", "placement-score"));
        RequestBody launch = RequestBody.launch("m7g.large")
                .with("idempotencyKey", "contract")
                .with("tags", java.util.Map.of("project", "contract"))
                .with("lease", "1h");
        JsonNode launched = done("launch", launch).path("data").path(0);
        done("launch", launch);
        String instance = launched.path("InstanceId").asText();
        String request = launched.path("SpotInstanceRequestId").asText();
        done("instances", RequestBody.to("instances").with("instanceIds", instance));
        done("cost", RequestBody.to("cost").with("regions", "all"));
        done("requests", RequestBody.to("requests").with("spotInstanceRequestIds", request));
        done("console", RequestBody.to("console").with("instanceIds", instance));
        done(
                "connect",
                RequestBody.to("connect").with("instanceId", instance).with("publicKey", RequestBody.PUBLIC_KEY));
        done("extend", RequestBody.to("extend").with("instanceIds", instance).with("lease", "2h"));
        done("check", RequestBody.to("check").with("types", "m7g.large").with("ami", RequestBody.ARM_IMAGE));
        done("status", RequestBody.to("status"));
        done("cancel", RequestBody.to("cancel").with("spotInstanceRequestIds", request));
        done("terminate", RequestBody.to("terminate").with("instanceIds", List.of(instance, "i-00000000000000000")));
        done("end", RequestBody.to("end").with("all", true).with("regions", "all"));
        rejected("RegionNotAllowed", RequestBody.to("price").with("region", "ap-south-1"));
        rejected("UnknownField", RequestBody.to("price").with("colour", "red"));
        rejected("UnknownTask", RequestBody.to("dance"));
        rejected("IdempotencyConflict", launch);

        assertEquals(List.of(), wrong());
    }

    @Test
    @Tag("long")
    void validatorsFindViolations() throws Exception {
        asked.add(JSON.readTree("{\"task\":\"price\",\"colour\":\"red\"}"));
        asked.add(JSON.readTree("{\"task\":\"extend\",\"instanceIds\":[\"i-0123456789abcdef0\"]}"));
        answered.addObject().put("status", 200).putObject("body").put("event", "priced");
        answered.addObject().put("status", 403).putObject("body").put("error", "InvalidJson");
        answered.addObject().put("status", 418).putObject("body");

        assertEquals(5, wrong().size(), wrong().toString());

        ((ObjectNode) held.path("document").path("components").path("schemas").path("Task")).put("type", "word");
        List<String> wrong = wrong();
        assertTrue(wrong.toString().contains("JSON Schema"), wrong.toString());
        ((ObjectNode) held.path("document")).remove("info");
        assertTrue(wrong().toString().contains("not OpenAPI 3.1"), wrong().toString());
    }

    private JsonNode done(String task, RequestBody ask) throws IOException, InterruptedException {
        SpotUrl.Answer answer = service.send(ask.toString());
        assertEquals(200, answer.status(), task + ": " + answer.text());
        asked.add(JSON.readTree(ask.toString()));
        note(answer);
        return answer.json();
    }

    private void rejected(String error, RequestBody ask) throws IOException, InterruptedException {
        SpotUrl.Answer answer = service.send(ask.toString());
        assertEquals(error, answer.error(), answer.text());
        note(answer);
    }

    private void note(SpotUrl.Answer answer) {
        answered.addObject().put("status", answer.status()).set("body", answer.json());
    }

    private List<String> wrong() throws IOException, InterruptedException {
        Process node = new ProcessBuilder(
                        "node",
                        LocalDeployment.PROJECT
                                .resolve("test/e2e/src/test/node/contract.mjs")
                                .toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = node.getOutputStream()) {
            JSON.writeValue(in, held);
        }
        JsonNode wrong = JSON.readTree(node.getInputStream().readAllBytes());
        assertEquals(0, node.waitFor(), "the validators run");
        return JSON.convertValue(wrong, new com.fasterxml.jackson.core.type.TypeReference<List<String>>() {});
    }
}
