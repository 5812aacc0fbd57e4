package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.lambda.JavaRuntime;
import io.github.spotspec.local.lambda.RuntimeClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs the functions without the native code of AWS's runtime client, as the local cloud does on a Mac. */
@ExtendWith(SharedDeployment.class)
final class JavaRuntimeIT {
    private static final String KEEPER = "Spotspec-SpotKeeper";

    private final LocalDeployment service;

    JavaRuntimeIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeAll
    static void selectJava(LocalDeployment service) {
        service.cloud().state().host().runtimeClient(RuntimeClient.JAVA);
        service.endEnvironments();
    }

    @AfterAll
    static void selectDefault(LocalDeployment service) {
        service.cloud().state().host().runtimeClient(RuntimeClient.ofThisComputer());
        service.endEnvironments();
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void primesAndRestores() throws Exception {
        service.endEnvironments();
        service.startEnvironment();
        service.awaitLogged("Primed for the snapshot: price, ");
        service.clear();

        SpotUrl.Answer answer = service.send(
                RequestBody.to("price").with("types", List.of("m7g.large")).toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(1, service.calls("secretsmanager:GetSecretValue"), "credentials are read after the restore");
        assertTrue(environments(JavaRuntime.class) > 0);
        assertEquals(0, environments(AWSLambda.class));
    }

    @Test
    void launchesAndEnds() throws Exception {
        SpotUrl.Answer launched = service.send(RequestBody.launch("m7g.large").toString());
        assertEquals(200, launched.status(), launched.text());
        Instance instance = service.instances(launched).getFirst();

        SpotUrl.Answer ended = service.send(RequestBody.to("end")
                .with("instanceIds", List.of(instance.id()))
                .toString());

        assertEquals(200, ended.status(), ended.text());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void rejectsMalformedRequest() throws Exception {
        SpotUrl.Answer answer = service.send("{\"task\":\"launch\",\"types\":7.5}");

        assertEquals(400, answer.status(), answer.text());
    }

    /** The keeper has no SnapStart, and gets its events from EventBridge. */
    @Test
    void keeperEndsExpiredInstance() throws Exception {
        SpotUrl.Answer launched = service.send(RequestBody.launch("m7g.large").toString());
        Instance instance = service.instances(launched).getFirst();
        service.instanceStore()
                .tag(
                        instance.id(),
                        Map.of(
                                "spotspec:lease",
                                Instant.now().minus(Duration.ofMinutes(1)).toString()));

        service.cloud().state().events().fireSchedules(KEEPER);

        assertEquals(List.of(), service.alive());
        service.awaitLogged("\"LeasesEnded\":1");
    }

    /** Returns how many environments a runtime client runs. */
    private static long environments(Class<?> program) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(" " + program.getName() + " "))
                .count();
    }
}
