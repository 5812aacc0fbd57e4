package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Changes the operator's key without a deployment, and checks that no log or answer contains it. */
@ExtendWith(SharedDeployment.class)
final class SecretIT {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"],\"isLogging\":true}";

    private final LocalDeployment service;
    private final List<String> answers = new ArrayList<>();
    private String original = "";

    SecretIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void rememberSecret() {
        original = service.secret();
    }

    @AfterEach
    void restore() throws Exception {
        put(original);
        assertEquals(200, post().status());
        AccessKey first = OperatorSecretFormat.parse(original);
        for (String text : visibleTexts()) {
            assertFalse(text.contains(first.secret()), "the operator's secret key is visible");
        }
    }

    @Test
    void usesChangedSecretAtOnce() throws Exception {
        assertEquals(200, post().status());
        String user = service.stack("Spotspec").physicalId(operatorLogicalId());
        try (IamClient iam = service.client(
                        IamClient.builder(), "us-east-1", service.cloud().admin())
                .build()) {
            AccessKey old = OperatorSecretFormat.parse(original);
            var made = iam.createAccessKey(request -> request.userName(user)).accessKey();
            AccessKey fresh = new AccessKey(made.accessKeyId(), made.secretAccessKey(), user, true);
            put(OperatorSecretFormat.toJson(fresh));
            iam.deleteAccessKey(request -> request.userName(user).accessKeyId(old.id()));

            assertEquals(200, post().status());

            for (String text : visibleTexts()) {
                assertFalse(text.contains(fresh.secret()), "the new secret key is visible");
            }
            // Restores the new key, because the old one is deleted.
            original = OperatorSecretFormat.toJson(fresh);
        }
    }

    @Test
    void reportsRejectedKey() throws Exception {
        put("{\"accessKeyId\":\"AKIAAAAAAAAAAAAAAAAA\",\"secretAccessKey\":\"nonsense-but-secret\"}");
        service.endEnvironments();
        assertEquals(200, post().status(), "the previous key must still work");

        put("not json");
        put("{\"accessKeyId\":\"AKIAAAAAAAAAAAAAAAAB\",\"secretAccessKey\":\"nonsense-but-secret\"}");
        service.endEnvironments();

        SpotUrl.Answer answer = post();

        assertEquals(502, answer.status(), answer.text());
        assertEquals("OperatorRejected", answer.error());
        assertFalse(answer.text().contains("nonsense-but-secret"));
    }

    @Test
    void reportsUnreadableSecret() throws Exception {
        for (String nonsense :
                List.of("not json but secret", "[\"secret\"]", "{\"accessKeyId\":\"AKIAAAAAAAAAAAAAAAAA\"}")) {
            put(nonsense);
            service.endEnvironments();

            SpotUrl.Answer answer = post();

            assertEquals(502, answer.status(), answer.text());
            assertEquals("SecretUnreadable", answer.error());
            assertFalse(answer.text().contains("not json"));
        }
    }

    private SpotUrl.Answer post() throws Exception {
        SpotUrl.Answer answer = service.url().post(PRICE, service.caller());
        answers.add(answer.text());
        return answer;
    }

    private void put(String value) {
        try (SecretsManagerClient secrets = service.client(
                        SecretsManagerClient.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            secrets.putSecretValue(request ->
                    request.secretId(service.output("Spotspec", "SecretName")).secretString(value));
        }
    }

    private List<String> visibleTexts() {
        List<String> everything = new ArrayList<>(answers);
        List<String> lines = service.cloud().state().logs().lines();
        assertTrue(lines.stream().anyMatch(line -> line.contains("\"task\":\"price\"")), "the log must not be empty");
        everything.addAll(lines);
        everything.add(service.stack("Spotspec").templateBody());
        service.stack("Spotspec").outputs().forEach(output -> everything.add(output.value()));
        service.stack("Spotspec").events().forEach(event -> everything.add(event.toString()));
        return everything;
    }

    private String operatorLogicalId() {
        return service.stack("Spotspec").logicalId("AWS::IAM::User");
    }
}
