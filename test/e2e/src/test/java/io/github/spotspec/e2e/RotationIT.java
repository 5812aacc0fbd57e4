package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.state.Secrets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/** Rotates the secrets of the service during requests, and checks that no log or answer contains them. */
@ExtendWith(SharedDeployment.class)
final class RotationIT {
    private static final String PRICE = "{\"task\":\"price\",\"types\":[\"m7g.large\"],\"isLogging\":true}";

    /** Ends the test if a rotation hangs. */
    private static final int MAX_REQUESTS = 500;

    /** The time between two requests during a rotation. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final LocalDeployment service;
    private final Rotations rotations;
    private final TokenService tokenService;
    private final String secret;
    private final JsonNode token;
    private final List<AccessKey> keys = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();

    RotationIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.tokenService = new TokenService(service, RotationApp.STACK);
        this.rotations = service.cloud().state().rotations();
        if (service.cloud().stacks().find(LocalDeployment.HOME, RotationApp.STACK) == null) {
            service.deployOther(RotationApp::stacks, service.callerArn());
        }
        rotations.settle();
        Secrets secrets = service.cloud().state().secrets();
        this.secret = secrets.find(service.output(RotationApp.STACK, "SecretName"), LocalDeployment.HOME)
                .arn();
        this.token = mint();
        service.clear();
    }

    @BeforeEach
    void rememberKey() {
        keys.add(key());
    }

    @AfterEach
    void checkThatNoKeyIsVisible() {
        List<String> shown = new ArrayList<>(answers);
        shown.addAll(service.cloud().state().logs().lines());
        assertTrue(shown.stream().anyMatch(line -> line.contains("finishSecret")), "the log must not be empty");
        shown.add(service.stack(RotationApp.STACK).templateBody());
        for (AccessKey key : keys) {
            for (String text : shown) {
                assertFalse(text.contains(key.secret()), "a secret key is visible");
            }
        }
    }

    private AccessKey key() {
        return OperatorSecretFormat.parse(service.secret(RotationApp.STACK));
    }

    private JsonNode mint() throws Exception {
        return tokenService.mint("{\"tasks\":[\"price\"]}");
    }

    private SpotUrl.Answer ask() throws Exception {
        return ask(token);
    }

    private SpotUrl.Answer ask(JsonNode minted) throws Exception {
        SpotUrl.Answer answer = tokenService.ask(PRICE, minted);
        answers.add(answer.text());
        return answer;
    }

    private String user() {
        Stack stack = service.stack(RotationApp.STACK);
        return stack.physicalId(stack.logicalId("AWS::IAM::User"));
    }

    private List<String> operatorKeyIds() {
        return service.cloud().state().identities().accessKeys(user()).stream()
                .map(AccessKey::id)
                .sorted()
                .toList();
    }

    /** Returns whether EC2 accepts a key. */
    private boolean works(AccessKey key) {
        try (Ec2Client ec2 =
                service.client(Ec2Client.builder(), LocalDeployment.HOME, key).build()) {
            ec2.describeInstances();
            return true;
        } catch (Ec2Exception e) {
            assertEquals(401, e.statusCode(), e.getMessage());
            return false;
        }
    }

    @Test
    void previousKeyWorksUntilNextRotation() throws Exception {
        AccessKey first = key();
        assertEquals(200, ask().status());

        AccessKey second = rotateDuringRequests();

        assertNotEquals(first.id(), second.id());
        assertTrue(works(first));
        assertTrue(works(second));
        assertEquals(List.of(first.id(), second.id()).stream().sorted().toList(), operatorKeyIds());

        AccessKey third = rotateDuringRequests();

        assertFalse(works(first));
        assertTrue(works(second));
        assertEquals(List.of(second.id(), third.id()).stream().sorted().toList(), operatorKeyIds());
        assertTrue(service.secret(RotationApp.STACK).contains("serialNumber"), "other fields of the secret must stay");
        // The function has cached the first key, which is deleted by now. It must read the secret again.
        assertEquals(200, ask().status());
    }

    /** Rotates the key while the function answers requests, and returns the new key. */
    private AccessKey rotateDuringRequests() throws Exception {
        CompletableFuture<Boolean> rotation = CompletableFuture.supplyAsync(
                () -> rotations.rotate(secret),
                task -> Thread.ofPlatform().daemon().start(task));
        int requests = 0;
        do {
            SpotUrl.Answer answer = ask();
            assertEquals(200, answer.status(), answer.text());
            requests++;
            LockSupport.parkNanos(PAUSE.toNanos());
        } while (!rotation.isDone() && requests < MAX_REQUESTS);
        assertTrue(requests > 1, "no request ran during the rotation");
        assertTrue(rotation.join(), "the rotation failed");
        keys.add(key());
        return key();
    }

    @Test
    @Tag("long")
    void acceptsTokensOfPreviousSigningSecret() throws Exception {
        String signing = service.cloud().state().secrets().arns().stream()
                .filter(arn -> arn.contains(":SpotSigningSecret") && rotations.isOn(arn))
                .findAny()
                .orElseThrow();
        assertTrue(rotations.rotate(signing), "the rotation failed");
        service.endEnvironments();
        JsonNode later = mint();

        assertEquals(200, ask(token).status());
        assertEquals(200, ask(later).status());
        assertNotEquals(header(token), header(later), "the tokens must have different keys");

        assertTrue(rotations.rotate(signing), "the rotation failed");
        service.endEnvironments();
        assertEquals("TokenRejected", ask(token).error());
        assertEquals(200, ask(later).status());
    }

    /** Returns the header of a token, which names the key. */
    private static String header(JsonNode minted) {
        return minted.path("token").asText().split("\\.", 2)[0];
    }

    @Test
    @Tag("long")
    void documentedCommandsReplaceKey() throws Exception {
        assumeTrue(AwsCli.isInstalled(), AwsCli.MISSING);
        Consumer<ProcessBuilder> administrator = service.as(service.cloud().admin());

        DocumentedCommand.of("aws secretsmanager cancel-rotate-secret")
                .with("SECRET", secret)
                .run(administrator);
        assertFalse(rotations.rotate(secret), "rotation must be off");
        String listed = DocumentedCommand.of("aws iam list-access-keys")
                .with("USER", user())
                .run(administrator);
        for (String id : operatorKeyIds()) {
            assertTrue(listed.contains(id), listed);
            DocumentedCommand.of("aws iam delete-access-key")
                    .with("USER", user())
                    .with("KEY", id)
                    .run(administrator);
        }
        assertEquals(List.of(), operatorKeyIds());

        DocumentedCommand.of("aws secretsmanager rotate-secret")
                .with("SECRET", secret)
                .run(administrator);
        rotations.settle();
        assertEquals(1, operatorKeyIds().size());
        assertEquals(200, ask().status());
    }

    @Test
    void redeploymentKeepsRotatedKey() throws Exception {
        // The deployment has rotated the key that it created.
        AccessKey rotated = key();
        Stack stack = service.stack(RotationApp.STACK);
        assertNotEquals(stack.physicalId(stack.logicalId("AWS::IAM::AccessKey")), rotated.id());

        service.deployOther(RotationApp::stacks, service.callerArn());

        assertEquals(rotated, key());
        assertEquals(200, ask().status());
    }
}
