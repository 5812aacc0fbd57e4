package io.github.spotspec.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities.AccessKey;

/** Reads and writes the operator's key in the format of its secret. */
final class OperatorSecretFormat {
    private static final ObjectMapper JSON = new ObjectMapper();

    private OperatorSecretFormat() {}

    static AccessKey parse(String secret) {
        try {
            JsonNode json = JSON.readTree(secret);
            return new AccessKey(
                    json.path("accessKeyId").asText(),
                    json.path("secretAccessKey").asText(),
                    "operator",
                    true);
        } catch (JsonProcessingException e) {
            throw new AssertionError("the secret is not JSON");
        }
    }

    static String toJson(AccessKey key) {
        return JSON.createObjectNode()
                .put("accessKeyId", key.id())
                .put("secretAccessKey", key.secret())
                .toString();
    }
}
