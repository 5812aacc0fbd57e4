package io.github.spotspec.local.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.events.Events;
import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.LambdaHost.Result;
import io.github.spotspec.local.state.Logs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests functions, most of which fail, with each runtime client in a child process. */
@ParameterizedClass
@MethodSource("clients")
final class LambdaHostIT {
    private static final String ACCOUNT = "123456789012";
    private static final String ARN = "arn:aws:lambda:us-west-2:" + ACCOUNT + ":function:misbehaving";
    private static final String WITHOUT_CLASS = ARN + "-without-class";
    private static final String WITHOUT_INIT = ARN + "-without-init";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Functions functions = new Functions();
    private final RuntimeClient client;
    private LambdaHost host;

    LambdaHostIT(RuntimeClient client) {
        this.client = client;
    }

    /** Returns the clients that run on this computer. */
    static List<RuntimeClient> clients() {
        return RuntimeClient.of(null, System.getProperty("os.name")) == RuntimeClient.AWS
                ? List.of(RuntimeClient.AWS, RuntimeClient.JAVA)
                : List.of(RuntimeClient.JAVA);
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        Identities identities = new Identities(ACCOUNT, InstantSource.system());
        String role = identities.createRole(
                "function",
                PolicyDocument.parse(Map.of(
                        "Version",
                        "2012-10-17",
                        "Statement",
                        Map.of(
                                "Effect",
                                "Allow",
                                "Action",
                                "sts:AssumeRole",
                                "Principal",
                                Map.of("Service", "lambda.amazonaws.com")))));
        put(ARN, role, Misbehaving.class.getName(), Map.of());
        put(WITHOUT_CLASS, role, "NoSuchHandler", Map.of());
        put(WITHOUT_INIT, role, Misbehaving.class.getName(), Map.of(Misbehaving.NO_INIT, "yes"));
        host = new LambdaHost(identities, new Logs(), folder, "http://127.0.0.1:9", folder.resolve("none"));
        host.runtimeClient(client);
    }

    private void put(String arn, String role, String handler, Map<String, String> environment) throws IOException {
        functions.put(new Functions.Configuration(
                arn, new Functions.Code("java25", handler, code()), 256, TIMEOUT, environment, role, false, "log"));
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void handlerSeesItsInvocation() throws IOException {
        JsonNode seen = new ObjectMapper().readTree(invoke("context").payload());

        assertEquals(ARN + ":$LATEST", seen.path("arn").asText());
        assertEquals("misbehaving", seen.path("name").asText());
        assertFalse(seen.path("requestId").asText().isEmpty(), seen.toString());
        int left = seen.path("remaining").asInt();
        assertTrue(left > 0 && left <= TIMEOUT.toMillis(), seen.toString());
    }

    @Test
    void reportsHandlerThatCannotBeLoaded() {
        assertEquals(
                "Runtime.BadFunctionCode", invoke(WITHOUT_CLASS, "anything").errorType());
    }

    @Test
    void reportsFailedInit() {
        assertEquals("Runtime.InitError", invoke(WITHOUT_INIT, "anything").errorType());
    }

    @Test
    void reusesEnvironmentAfterException() throws IOException {
        String first = text(invoke("anything"));
        Result thrown = invoke("throw");

        assertEquals("Runtime.UserException", thrown.errorType());
        JsonNode error = new ObjectMapper().readTree(thrown.payload());
        assertEquals("requested", error.path("errorMessage").asText());
        assertEquals(IOException.class.getName(), error.path("errorType").asText());
        assertEquals(first, text(invoke("anything")));
        assertEquals(1, host.started());
    }

    @Test
    void timeoutEndsEnvironment() throws IOException {
        String first = text(invoke("anything"));
        Result late = invoke("hang");

        assertErrorType("Sandbox.Timedout", late);
        assertNotEquals(first, text(invoke("anything")), "a hanging environment must not be reused");
        assertFalse(ProcessHandle.of(Long.parseLong(first))
                .map(ProcessHandle::isAlive)
                .orElse(false));
    }

    @Test
    void replacesCrashedEnvironment() throws IOException {
        Result crashed = invoke("crash");

        assertErrorType("Runtime.ExitError", crashed);
        assertFalse(invoke("anything").failed());
        assertEquals(2, host.started());
    }

    @Test
    void rejectsResponseAboveSixMegabytes() throws IOException {
        Result large = invoke("large");

        assertErrorType("Function.ResponseSizeTooLarge", large);
        assertFalse(invoke("anything").failed());
    }

    @Test
    void deliversThrottledEventLater() throws Exception {
        host.concurrency().reserve(ARN, OptionalInt.of(0));
        functions.addPermission(
                ARN,
                Functions.LATEST,
                "events",
                PolicyDocument.parse(Map.of(
                        "Version",
                        "2012-10-17",
                        "Statement",
                        Map.of(
                                "Effect",
                                "Allow",
                                "Action",
                                "lambda:InvokeFunction",
                                "Principal",
                                Map.of("Service", "events.amazonaws.com"),
                                "Resource",
                                ARN))));
        InstantSource clock = InstantSource.system();
        Events events = new Events(
                new Authorizer(new Identities(ACCOUNT, clock), clock, new AuditTrail()), functions, host, clock);
        events.put(new Events.Rule(
                "arn:aws:events:us-west-2:" + ACCOUNT + ":rule/schedule",
                "us-west-2",
                Duration.ofMinutes(1),
                Map.of(),
                List.of(new Events.Target(ARN, null))));

        events.fireSchedules("schedule");
        assertEquals(0, host.invocations());
        host.concurrency().reserve(ARN, OptionalInt.empty());

        Instant until = Instant.now().plusSeconds(60);
        while (host.invocations() == 0 && Instant.now().isBefore(until)) {
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(1, host.invocations());
    }

    @Test
    void closeDuringInitLeavesNoProcess() {
        Thread invocation = Thread.startVirtualThread(() -> invoke("anything"));
        List<ProcessHandle> environments;
        do {
            environments = environments();
        } while (environments.isEmpty() && invocation.isAlive());

        host.close();

        assertEquals(1, environments.size());
        environments.getFirst().onExit().join();
        assertTrue(invoke("anything").failed());
        assertEquals(List.of(), environments());
    }

    /** Returns the processes of the function. */
    private static List<ProcessHandle> environments() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains(Misbehaving.class.getName()))
                .toList();
    }

    private Result invoke(String event) {
        return invoke(ARN, event);
    }

    private Result invoke(String function, String event) {
        return host.invoke(
                functions.version(function, Functions.LATEST), ("\"" + event + "\"").getBytes(StandardCharsets.UTF_8));
    }

    /** Asserts the error type that Lambda itself reports. */
    private static void assertErrorType(String type, Result result) throws IOException {
        JsonNode error = new ObjectMapper().readTree(result.payload());
        assertEquals(type, result.errorType());
        assertEquals(type, error.path("errorType").asText());
        assertFalse(error.path("errorMessage").asText().isEmpty(), error.toString());
    }

    private static String text(Result result) {
        return new String(result.payload(), StandardCharsets.UTF_8);
    }

    /** Returns a jar with the class of the function. */
    private static byte[] code() throws IOException {
        String entry = Misbehaving.class.getName().replace('.', '/') + ".class";
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(jar);
                InputStream in = Misbehaving.class.getResourceAsStream("/" + entry)) {
            zip.putNextEntry(new ZipEntry(entry));
            in.transferTo(zip);
            zip.closeEntry();
        }
        return jar.toByteArray();
    }
}
