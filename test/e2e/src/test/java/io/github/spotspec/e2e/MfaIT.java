package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.OperatorDevice;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.service.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Tests tasks that require MFA, through the URL and directly with the operator's key. */
@ExtendWith(SharedDeployment.class)
final class MfaIT {
    static final String STACK = "Mfa";
    private static final String OTHER = "mfa-other";

    private final LocalDeployment service;
    private final Identities identities;
    private final AccessKey other;
    private final List<String> answers = new ArrayList<>();

    MfaIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.identities = service.cloud().state().identities();
        deploy(service);
        this.other = identities.createAccessKey(OTHER);
    }

    /** Deploys the service if necessary. */
    static void deploy(LocalDeployment service) throws Exception {
        if (service.cloud().stacks().find(LocalDeployment.HOME, STACK) == null) {
            Identities users = service.cloud().state().identities();
            service.deployOther(MfaApp::stacks, service.callerArn(), users.createUser(OTHER));
        }
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @AfterEach
    void deleteOtherKey() {
        identities.deleteAccessKey(OTHER, other.id());
    }

    private SpotUrl.Answer ask(RequestBody ask) throws Exception {
        return ask(ask, service.caller());
    }

    private SpotUrl.Answer ask(RequestBody ask, AccessKey caller) throws Exception {
        SpotUrl.Answer answer =
                new SpotUrl(service.output(STACK, "Url"), LocalDeployment.HOME).post(ask.toString(), caller);
        answers.add(answer.text());
        return answer;
    }

    private static RequestBody end() {
        return RequestBody.to("end").with("all", true);
    }

    private static RequestBody end(SpotUrl.Answer launched) {
        return RequestBody.to("end")
                .with(
                        "instanceIds",
                        List.of(launched.json()
                                .path("data")
                                .path(0)
                                .path("InstanceId")
                                .asText()));
    }

    private static RequestBody launch() {
        return RequestBody.launch("m7g.large");
    }

    /** Returns a request that needs MFA and changes nothing. */
    private static RequestBody dryRun() {
        return launch().without("dryRun");
    }

    private static String session(SpotUrl.Answer answer) {
        String session = answer.json().path("meta").path("session").asText();
        assertFalse(session.isEmpty(), answer.text());
        return session;
    }

    private static void assertRejected(String error, SpotUrl.Answer answer) {
        assertEquals(error, answer.error(), answer.text());
        assertEquals(401, answer.status());
    }

    @Test
    void launchesWithCodeAndEndsWithSession() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);

        SpotUrl.Answer launched = ask(launch().with("mfaCode", device.code()).with("durationSeconds", 900));
        assertEquals(200, launched.status(), launched.text());
        assertEquals(1, service.alive().size());
        Duration life = Duration.between(
                Instant.now(),
                Instant.parse(
                        launched.json().path("meta").path("sessionExpires").asText()));
        assertTrue(life.toMinutes() >= 13 && life.toMinutes() <= 15, launched.text());

        // A new environment shares no memory with the one that received the code.
        service.endEnvironments();
        SpotUrl.Answer ended = ask(end(launched).with("session", session(launched)));
        assertEquals(200, ended.status(), ended.text());
        assertEquals(List.of(), service.alive());
        assertEquals(1, service.calls("sts:GetSessionToken"));
    }

    @Test
    void acceptsCodeInEnvelope() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);

        SpotUrl.Answer answer = new SpotUrl(service.output(STACK, "Url"), LocalDeployment.HOME)
                .post("""
                        {"construct":{"keys":{"region":"us-west-2"},"upgrade":{"tokenCode":"%s","durationSeconds":"900"}},
                         "attributes":{"task":"launch","type":"m7g.large","ami":"%s","dryRun":"false"}}""".formatted(device.code(), RequestBody.ARM_IMAGE), service.caller());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(1, service.alive().size());
        session(answer);
    }

    @Test
    void withoutCodeOnlyReadingTasksRun() throws Exception {
        for (RequestBody act : List.of(
                launch(),
                dryRun(),
                end(),
                RequestBody.to("extend")
                        .with("instanceIds", List.of("i-00000000000000000"))
                        .with("lease", "1h"),
                RequestBody.to("terminate").with("instanceIds", List.of("i-00000000000000000")),
                RequestBody.to("cancel").with("spotInstanceRequestIds", List.of("sir-00000000")))) {
            assertRejected("MfaRequired", ask(act));
        }
        assertEquals(
                List.of(),
                service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                        .filter(call -> call.action().startsWith("ec2:"))
                        .toList());
        assertEquals(
                200,
                ask(RequestBody.to("price").with("types", List.of("m7g.large"))).status());
        assertEquals(200, ask(RequestBody.to("instances")).status());
    }

    @Test
    void iamDeniesOperatorKeyWithoutMfa() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        assertEquals(200, ask(launch().with("mfaCode", device.code())).status());
        Instance instance = service.alive().getFirst();
        AccessKey key = OperatorSecretFormat.parse(service.secret(STACK));
        Principal.User operator = (Principal.User) identities.principal(key.id());

        try (Ec2Client longTerm =
                service.client(Ec2Client.builder(), LocalDeployment.HOME, key).build()) {
            assertEquals("UnauthorizedOperation", terminate(longTerm, instance), "the key alone");
            assertEquals("UnauthorizedOperation", readConsole(longTerm, instance), "the key alone");
        }
        try (Ec2Client plain = withSession(identities.getSessionToken(operator, Duration.ofMinutes(15), null, ""))) {
            assertEquals("UnauthorizedOperation", terminate(plain, instance), "a session without MFA");
            assertEquals("UnauthorizedOperation", readConsole(plain, instance), "a session without MFA");
        }
        String serialNumber = identities.devices().serialNumber(operator.name());
        try (Ec2Client mfa = withSession(
                identities.getSessionToken(operator, Duration.ofMinutes(15), serialNumber, device.code()))) {
            assertEquals("DryRunOperation", terminate(mfa, instance), "a session with MFA");
            assertEquals("DryRunOperation", readConsole(mfa, instance), "a session with MFA");
        }
    }

    private static String terminate(Ec2Client ec2, Instance instance) {
        return assertThrows(
                        Ec2Exception.class,
                        () -> ec2.terminateInstances(
                                request -> request.instanceIds(instance.id()).dryRun(true)))
                .awsErrorDetails()
                .errorCode();
    }

    private static String readConsole(Ec2Client ec2, Instance instance) {
        return assertThrows(
                        Ec2Exception.class,
                        () -> ec2.getConsoleOutput(
                                request -> request.instanceId(instance.id()).dryRun(true)))
                .awsErrorDetails()
                .errorCode();
    }

    private Ec2Client withSession(Identities.Session session) {
        return service.client(Ec2Client.builder(), LocalDeployment.HOME, service.caller())
                .credentialsProvider(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                        session.accessKeyId(), session.secretAccessKey(), session.token())))
                .build();
    }

    @Test
    void sessionIsUselessToOtherCaller() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        SpotUrl.Answer launched = ask(launch().with("mfaCode", device.code()));
        String session = session(launched);

        assertRejected("MfaRequired", ask(end(launched), other));
        assertRejected("SessionRejected", ask(end(launched).with("session", session), other));
        assertEquals(1, service.alive().size());

        assertEquals(200, ask(dryRun().with("session", session)).status());
        assertEquals(
                200, ask(end(launched).with("mfaCode", device.code()), other).status(), "with its own code");
        assertEquals(List.of(), service.alive());
    }

    @Test
    void rejectsAlteredSession() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        String session = session(ask(launch().with("mfaCode", device.code())));
        int middle = session.length() / 2;

        assertRejected(
                "SessionRejected",
                ask(end().with(
                                "session",
                                session.substring(0, middle)
                                        + (session.charAt(middle) == 'A' ? 'B' : 'A')
                                        + session.substring(middle + 1))));
        assertEquals(1, service.alive().size());
    }

    @Test
    void sessionSurvivesOneSecretChangeOnly() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        String session = session(ask(launch().with("mfaCode", device.code())));

        changeSessionSecret();
        service.endEnvironments();
        assertEquals(
                200, ask(RequestBody.to("instances").with("session", session)).status());

        changeSessionSecret();
        service.endEnvironments();
        assertRejected("SessionRejected", ask(end().with("session", session)));
    }

    private void changeSessionSecret() throws Exception {
        String arn = service.secretArn(STACK, "SpotSessionSecret");
        try (SecretsManagerClient secrets = service.client(
                        SecretsManagerClient.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            secrets.putSecretValue(request ->
                    request.secretId(arn).secretString(UUID.randomUUID().toString()));
        }
    }

    @Test
    void rejectsWrongAndUsedCodes() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        String code = device.code();
        assertEquals(200, ask(dryRun().with("mfaCode", code)).status());

        for (String rejected : List.of(code, device.wrongCode())) {
            assertRejected("MfaRejected", ask(dryRun().with("mfaCode", rejected)));
        }
        assertEquals(3, service.calls("sts:GetSessionToken"), "each code must be sent once");
    }

    @Test
    void rejectsCodeWithoutEnrolledDevice() throws Exception {
        MfaDevice.remove(service, STACK);

        assertRejected("MfaRejected", ask(end().with("mfaCode", "123456")));
    }

    @Test
    void neverResendsCode() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        service.cloud().faults().next("sts:GetSessionToken", new Faults.Fault.LostResponse());

        SpotUrl.Answer answer = ask(end().with("mfaCode", device.code()));

        assertEquals(502, answer.status(), answer.text());
        assertEquals("MfaUnavailable", answer.error());
        assertEquals(1, service.calls("sts:GetSessionToken"));
    }

    @Test
    void failedLaunchStillReturnsSession() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);

        SpotUrl.Answer rejected =
                ask(launch().with("ami", "ami-0123456789abcdef0").with("mfaCode", device.code()));

        assertEquals("Ec2Refused", rejected.error(), rejected.text());
        assertEquals(200, ask(launch().with("session", session(rejected))).status());
    }

    @Test
    void checkReportsMfaAndTriesItWithCode() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        RequestBody check =
                RequestBody.to("check").with("types", List.of("m7g.large")).with("ami", RequestBody.ARM_IMAGE);

        assertEquals("MfaRequired", error(ask(check), "ec2:RunInstances"));

        SpotUrl.Answer checked = ask(check.with("mfaCode", device.code()));
        assertEquals("null", error(checked, "ec2:RunInstances"), checked.text());
        assertEquals(200, ask(launch().with("session", session(checked))).status(), "the check must open a session");
    }

    private static String error(SpotUrl.Answer answer, String action) {
        assertEquals(200, answer.status(), answer.text());
        for (JsonNode row : answer.json().path("data")) {
            if (row.path("Action").asText().equals(action)) {
                return row.path("Error").asText();
            }
        }
        throw new AssertionError("no " + action + " in " + answer.text());
    }

    @Test
    void logsAndAnswersHideCodesAndCredentials() throws Exception {
        MfaDevice device = MfaDevice.enrol(service, STACK);
        String code = device.code();
        SpotUrl.Answer launched = ask(launch().with("mfaCode", code).with("isLogging", true));
        String session = session(launched);
        ask(end(launched).with("session", session).with("isLogging", true));
        ask(end(launched).with("session", session).with("isLogging", true), other);

        List<String> seen = new ArrayList<>(service.cloud().state().logs().lines());
        assertTrue(seen.stream().anyMatch(line -> line.contains("\"mfaCode\"")), "the log must not be empty");
        seen.forEach(line -> assertFalse(line.contains(session), line));
        seen.addAll(answers);
        seen.add(service.stack(STACK).templateBody());
        for (String text : seen) {
            assertFalse(text.contains("\"" + code + "\""), text);
            assertFalse(text.matches("(?s).*\\bASIA[A-Z2-7]{16}\\b.*"), text);
        }
    }

    @Test
    void localDeviceShowsEachCodeOnce(@TempDir Path runs) throws Exception {
        MfaDevice.remove(service, STACK);
        Path run = Files.createDirectory(runs.resolve("run-1"));
        String url = service.output(STACK, "Url");
        OperatorDevice.enrol(service.cloud(), service.stack(STACK), service.output(STACK, "SecretName"), url, run);
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(run.resolve("mfa-device.json"))));

        OperatorDevice device = OperatorDevice.running(runs).getFirst();
        assertEquals(url, device.url());
        Instant now = Instant.now();
        RecordingWait waited = new RecordingWait();
        OperatorDevice.Code first = device.show(() -> now, waited);
        assertEquals(200, ask(dryRun().with("mfaCode", first.digits())).status());
        assertEquals(null, waited.until);

        OperatorDevice.Code second = OperatorDevice.running(runs).getFirst().show(() -> now, waited);
        assertEquals(first.until(), Objects.requireNonNull(waited.until), "it must wait for the next code");
        assertNotEquals(first.until(), second.until());
        assertEquals(200, ask(dryRun().with("mfaCode", second.digits())).status());
    }

    private static final class RecordingWait implements OperatorDevice.Wait {
        private @Nullable Instant until;

        @Override
        public void until(Instant time) {
            until = time;
        }
    }
}
