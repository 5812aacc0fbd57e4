package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import io.github.spotspec.local.iam.AuditTrail;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the state of a function at the time of its snapshot. */
@ExtendWith(SharedDeployment.class)
final class SnapStartIT {
    private static final String PRICE =
            RequestBody.to("price").with("types", List.of("m7g.large")).toString();
    private static final String ESTABLISHED = "01";
    private static final String LISTENING = "0A";

    /** Whether the next test finds an environment that has not been restored. */
    private static boolean isPrepared;

    private final LocalDeployment service;

    SnapStartIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeAll
    static void prepareForThisClass() {
        isPrepared = false;
    }

    /** Starts a new environment up to the point where Lambda would take the snapshot, unless there is one. */
    @BeforeEach
    void prepareSnapshot() {
        if (!isPrepared) {
            service.endEnvironments();
            service.clear();
            service.startEnvironment();
            isPrepared = true;
        }
    }

    /** Sends a request, which restores the environment. */
    private SpotUrl.Answer restoreAndAsk() throws Exception {
        isPrepared = false;
        return service.send(PRICE);
    }

    private List<String> calledActions() {
        return service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                .map(AuditTrail.ApiCall::action)
                .toList();
    }

    @Test
    void primingOnlyOpensConnections() {
        service.awaitLogged("Primed for the snapshot: price, ");
        assertEquals(Set.of(LocalDeployment.HANDSHAKE), Set.copyOf(calledActions()));
    }

    @Test
    void primingLeavesNoClientThreads() throws Exception {
        List<String> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(functionProcess()), "task"))) {
            for (Path task : tasks.toList()) {
                threads.add(Files.readString(task.resolve("comm")).strip());
            }
        }

        assertEquals(
                List.of("timer"),
                threads.stream()
                        .filter(name -> name.startsWith("timer") || name.startsWith("sdk-"))
                        .toList());
    }

    @Test
    void snapshotHasNoConnections() throws Exception {
        long process = functionProcess();

        assertEquals(Set.of(), connections(process));
        restoreAndAsk();
        assertFalse(connections(process).isEmpty(), "open connections must be visible");
    }

    @Test
    void snapshotHasNoListeners() throws Exception {
        assertEquals(Set.of(), sockets(functionProcess(), columns -> columns[3].equals(LISTENING)));
        assertFalse(
                sockets(ProcessHandle.current().pid(), columns -> columns[3].equals(LISTENING))
                        .isEmpty(),
                "listeners must be visible");
    }

    @Test
    void readsSecretsAndPricesAfterRestore() throws Exception {
        service.clear();
        Instant restored = Instant.now();

        SpotUrl.Answer answer = restoreAndAsk();

        assertEquals(200, answer.status(), answer.text());
        assertEquals(List.of("secretsmanager:GetSecretValue", "ec2:DescribeSpotPriceHistory"), calledActions());
        assertFalse(Instant.parse(answer.json().at("/meta/at").asText()).isBefore(restored), answer.text());
    }

    private static long functionProcess() {
        List<ProcessHandle> functions = ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(AWSLambda.class.getName()))
                .toList();
        assertEquals(1, functions.size(), "one function must be running");
        return functions.getFirst().pid();
    }

    /** Returns the sockets of a process that are connected to the cloud. */
    private Set<String> connections(long process) throws IOException {
        String port = "%04X".formatted(URI.create(service.cloud().secureUrl()).getPort());
        return sockets(process, columns -> columns[2].endsWith(":" + port) && columns[3].equals(ESTABLISHED));
    }

    /** Returns the sockets of a process whose line in the kernel's table matches. */
    private static Set<String> sockets(long process, Predicate<String[]> lines) throws IOException {
        Set<String> open = new HashSet<>();
        for (String family : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process), "net", family))) {
                String[] columns = line.strip().split("\\s+");
                if (lines.test(columns)) {
                    open.add("socket:[" + columns[9] + "]");
                }
            }
        }
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process), "fd"))) {
            Set<String> own = new HashSet<>();
            for (Path file : files.toList()) {
                own.add(Files.readSymbolicLink(file).toString());
            }
            open.retainAll(own);
        }
        return open;
    }
}
