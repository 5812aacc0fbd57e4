package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.Meter;
import io.github.spotspec.local.state.Topics;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests leases and interruption notices. */
@ExtendWith(SharedDeployment.class)
final class KeeperIT {
    private final LocalDeployment service;

    KeeperIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void endsExpiredManagedInstancesInEveryRegion() throws Exception {
        Instance expired = launch("us-west-2", Map.of());
        Instance expiredElsewhere = launch("eu-west-1", Map.of("interruption", "stop"));
        Instance current = launch("us-west-2", Map.of("lease", "2h"));
        setLease(expired, Instant.now().minus(Duration.ofMinutes(1)).toString());
        setLease(expiredElsewhere, Instant.now().minus(Duration.ofMinutes(1)).toString());
        String foreign = launchForeignWithExpiredLease();

        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals(
                List.of(current.id(), foreign).stream().sorted().toList(),
                service.alive().stream().map(Instance::id).sorted().toList());
        service.awaitLogged("\"LeasesEnded\":2");
    }

    @Test
    void keepsFirstOfDuplicateLaunches() throws Exception {
        Instance first = launch("us-west-2", Map.of("idempotencyKey", "twice"));
        Instance second = launch("us-west-2", Map.of("idempotencyKey", "again"));
        // Simulates one launch that ran in two zones at the same time.
        service.instanceStore()
                .tag(
                        second.id(),
                        Map.of(
                                "spotspec:request",
                                Objects.requireNonNull(first.tags().get("spotspec:request"))));

        assertEquals(
                first,
                launch("us-west-2", Map.of("idempotencyKey", "twice")),
                "a repeated launch must report the first instance only");
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals(
                List.of(first.id()), service.alive().stream().map(Instance::id).toList());
    }

    @Test
    void unreadableLeaseCountsAsMaximum() throws Exception {
        Instance unreadable = launch("us-west-2", Map.of());
        setLease(unreadable, "tomorrow, perhaps");

        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals(
                List.of(unreadable.id()),
                service.alive().stream().map(Instance::id).toList(),
                "it must run until the maximum lease ends");
    }

    @Test
    void showsLeaseInYear9999AsMaximum() throws Exception {
        Instance forged = launch("us-west-2", Map.of());
        setLease(forged, "9999-12-31T23:59:59Z");

        SpotUrl.Answer listed = service.send(RequestBody.to("instances")
                .with("instanceIds", List.of(forged.id()))
                .toString());

        Instant shown =
                Instant.parse(listed.json().path("data").path(0).path("Lease").asText());
        assertTrue(!shown.isAfter(Instant.now().plus(Duration.ofDays(7))), listed.text());
    }

    @Test
    void keepsExtendedLease() throws Exception {
        Instance instance = launch("us-west-2", Map.of("lease", "1h"));
        setLease(instance, Instant.now().minus(Duration.ofMinutes(1)).toString());

        SpotUrl.Answer extended = service.send(RequestBody.to("extend")
                .with("instanceIds", instance.id())
                .with("lease", "3h")
                .toString());
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals("extended", extended.json().path("event").asText(), extended.text());
        assertEquals(
                List.of(instance.id()),
                service.alive().stream().map(Instance::id).toList());
        for (String id : List.of(instance.id(), Objects.requireNonNull(instance.spotRequest()))) {
            Instant lease = Instant.parse(
                    Objects.requireNonNull(service.instanceStore().tags(id).get("spotspec:lease")));
            assertTrue(lease.isAfter(Instant.now().plus(Duration.ofMinutes(179))), lease.toString());
        }
    }

    @Test
    void rejectsLeaseLongerThanMaximum() throws Exception {
        assertEquals(
                "LeaseNotAllowed",
                service.send(RequestBody.launch("m7g.large").with("lease", "8d").toString())
                        .error());
        assertEquals(
                "LeaseNotAllowed",
                service.send(RequestBody.to("extend")
                                .with("instanceIds", "i-00000000000000000")
                                .with("lease", "8d")
                                .toString())
                        .error());
    }

    @Test
    void publishesInterruptionAndAvoidsPool() throws Exception {
        Instance instance = launch("us-west-2", Map.of("types", List.of("m6gd.large")));
        int before = messages().size();

        service.cloud().notice(instance, true);

        List<Topics.Message> published = messages().subList(before, messages().size());
        assertEquals(1, published.size());
        String text = published.getFirst().text();
        for (String fact : List.of(
                instance.id(),
                "m6gd.large",
                instance.launchSpecification().subnet().zone(),
                "terminate",
                Objects.requireNonNull(instance.spotRequest()),
                Objects.requireNonNull(instance.tags().get("spotspec:lease")))) {
            assertTrue(text.contains(fact), fact + " is missing in: " + text);
        }
        service.awaitLogged("\"Interruptions\":1");

        // A new environment knows the interruption from the tag of the instance.
        service.endEnvironments();
        Instance next = launch("us-west-2", Map.of("types", List.of("m6gd.large")));
        assertTrue(
                !next.launchSpecification()
                        .subnet()
                        .zone()
                        .equals(instance.launchSpecification().subnet().zone()),
                "the interrupted pool must not come first");
    }

    @Test
    void publishesRecommendationForManagedInstancesOnly() throws Exception {
        Instance instance = launch("us-west-2", Map.of());
        String foreign = launchForeignWithExpiredLease();
        int before = messages().size();

        service.cloud().notice(instance, false);
        service.cloud()
                .notice(
                        service.alive().stream()
                                .filter(one -> one.id().equals(foreign))
                                .findFirst()
                                .orElseThrow(),
                        true);

        List<Topics.Message> published = messages().subList(before, messages().size());
        assertEquals(1, published.size());
        assertTrue(
                published.getFirst().subject().contains(instance.id()),
                published.getFirst().subject());
    }

    @Test
    void warnsOnceOfEndingLeaseAndAgainOnceItIsExtended() throws Exception {
        Instance ending = launch("eu-west-1", Map.of("lease", "10m"));
        launch("us-west-2", Map.of("lease", "2h"));
        int before = messages().size();
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        List<Topics.Message> published = messages().subList(before, messages().size());
        assertEquals(1, published.size(), published.toString());
        assertEquals(Map.of("event", "lease-ending"), published.getFirst().attributes());
        assertTrue(published.getFirst().subject().contains(ending.id()));
        service.awaitLogged("\"LeaseWarnings\":1");

        String warned = Objects.requireNonNull(ending.tags().get("spotspec:warned"));
        assertEquals(ending.tags().get("spotspec:lease"), warned);
        SpotUrl.Answer extended = service.send(RequestBody.to("extend")
                .with("instanceIds", ending.id())
                .with("lease", "12m")
                .toString());
        assertEquals(200, extended.status(), extended.text());
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals(before + 2, messages().size(), messages().toString());
        assertTrue(Instant.parse(Objects.requireNonNull(ending.tags().get("spotspec:warned")))
                .isAfter(Instant.parse(warned)));
    }

    @Test
    void endsStoppedInstanceWithExpiredLease() throws Exception {
        Instance instance = launch("us-west-2", Map.of("interruption", "stop"));
        service.cloud().reclaim(instance);
        setLease(instance, Instant.now().minus(Duration.ofMinutes(1)).toString());

        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        assertEquals(List.of(), service.alive());
    }

    @Test
    void writesOneReceiptOfEachInstanceWhateverEndedIt() throws Exception {
        Instance ended = launch("us-west-2", Map.of("tags", Map.of("Name", "builder")));
        Instance interrupted = launch("eu-west-1", Map.of());
        Instance shutDown = launch("us-west-2", Map.of());
        Instance persistent = launch("us-west-2", Map.of("interruption", "stop"));
        Instance stopped = launch("us-west-2", Map.of("interruption", "stop"));
        List<Instance> all = List.of(ended, interrupted, shutDown, persistent, stopped);
        service.instanceStore().stop(stopped);
        service.instanceStore().interrupt(interrupted);
        SpotUrl.Answer answer = service.send(RequestBody.to("end")
                .with("instanceIds", List.of(ended.id(), persistent.id(), stopped.id()))
                .toString());
        service.instanceStore().shutDown(shutDown);

        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        Map<String, List<JsonNode>> receipts = new LoggedReceipts(service).of(all);
        Meter meter = new Meter(service.cloud().state().market());
        for (Instance instance : all) {
            List<JsonNode> own = Objects.requireNonNull(receipts.get(instance.id()));
            assertEquals(1, own.size(), own.toString());
            assertEquals(
                    instance == stopped ? "Server.SpotInstanceShutdown" : instance.stateReason(),
                    own.getFirst().path("StateReason").asText());
            assertEquals(
                    0,
                    meter.cost(instance)
                            .setScale(6, RoundingMode.HALF_UP)
                            .compareTo(
                                    new BigDecimal(own.getFirst().path("Cost").asText())),
                    own.toString());
        }
        for (JsonNode returned : answer.json().path("data")) {
            JsonNode logged = Objects.requireNonNull(
                            receipts.get(returned.path("InstanceId").asText()))
                    .getFirst();
            for (String field :
                    List.of("Name", "Caller", "EndTime", "StateReason", "Seconds", "AveragePrice", "Cost")) {
                assertEquals(returned.path(field), logged.path(field), field);
            }
        }
    }

    /** How an instance ends. */
    private enum End {
        END_TASK(false, false),
        TERMINATE_TASK(false, false),
        LEASE(false, false),
        INTERRUPTION(false, false),
        OWN_SHUTDOWN(false, false),
        /** It could have stopped, but did not. */
        END_TASK_AFTER_RUN(true, false),
        END_TASK_AFTER_STOP(true, true),
        LEASE_AFTER_STOP(true, true),
        /** Others end it, and nobody recorded its state, but the keeper saw the stop. */
        OTHERS_AFTER_STOP(true, true);

        private final boolean canStop;
        private final boolean stops;

        End(boolean canStop, boolean stops) {
            this.canStop = canStop;
            this.stops = stops;
        }
    }

    @Test
    void receiptsEqualMeterHoweverInstancesEnd() throws Exception {
        long seed = Long.getLong("receipts.seed", System.nanoTime());
        System.out.printf("receipts: seed %d%n", seed);
        Random random = new Random(seed);
        InstanceStore store = service.instanceStore();
        Map<Instance, End> ends = new LinkedHashMap<>();
        for (End end : End.values()) {
            for (String region : List.of("us-west-2", "eu-west-1")) {
                Instance instance = launch(region, end.canStop ? Map.of("interruption", "stop") : Map.of());
                store.backdate(instance, Duration.ofSeconds(random.nextInt(4 * 3_600)));
                if (end.stops) {
                    store.stop(instance);
                    store.backdate(instance, Duration.ofSeconds(random.nextInt(2 * 3_600)));
                }
                ends.put(instance, end);
            }
        }
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");
        for (Map.Entry<Instance, End> each : ends.entrySet()) {
            Instance instance = each.getKey();
            switch (each.getValue()) {
                case END_TASK, END_TASK_AFTER_RUN, END_TASK_AFTER_STOP -> task("end", instance);
                case TERMINATE_TASK -> task("terminate", instance);
                case LEASE, LEASE_AFTER_STOP ->
                    setLease(
                            instance, Instant.now().minus(Duration.ofMinutes(1)).toString());
                case INTERRUPTION, OTHERS_AFTER_STOP -> store.interrupt(instance);
                case OWN_SHUTDOWN -> store.shutDown(instance);
            }
        }
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");
        service.cloud().state().events().fireSchedules("Spotspec-SpotKeeper");

        Meter meter = new Meter(service.cloud().state().market());
        Map<String, List<JsonNode>> receipts = new LoggedReceipts(service).of(ends.keySet());
        ends.forEach((instance, end) -> {
            List<JsonNode> own = Objects.requireNonNull(receipts.get(instance.id()));
            assertEquals(1, own.size(), end + ": " + own);
            BigDecimal cost = new BigDecimal(own.getFirst().path("Cost").asText());
            // EC2 shows no time of an own shutdown, and the spot request has another one.
            BigDecimal tolerance = new BigDecimal(end == End.OWN_SHUTDOWN ? "0.0001" : "0.0000005");
            assertTrue(
                    meter.cost(instance).subtract(cost).abs().compareTo(tolerance) <= 0,
                    () -> end + ", seed " + seed + ", metered " + meter.cost(instance) + ": " + own);
        });
    }

    private void task(String task, Instance instance) throws Exception {
        SpotUrl.Answer answer = service.send(
                RequestBody.to(task).with("instanceIds", List.of(instance.id())).toString());
        assertEquals(200, answer.status(), answer.text());
    }

    private List<Topics.Message> messages() {
        Topics topics = service.cloud().state().topics();
        return topics.messages(topics.arns().stream()
                .filter(arn -> arn.contains("Spotspec"))
                .findFirst()
                .orElseThrow());
    }

    private Instance launch(String region, Map<String, Object> more) throws Exception {
        RequestBody ask = RequestBody.launch("m7g.large").with("region", region);
        more.forEach(ask::with);
        SpotUrl.Answer answer = service.send(ask.toString());
        assertEquals(200, answer.status(), answer.text());
        return service.instances(answer).getFirst();
    }

    /** Sets the lease tags without the service, which simulates the passing of time. */
    private void setLease(Instance instance, String lease) {
        service.instanceStore().tag(instance.id(), Map.of("spotspec:lease", lease));
        service.instanceStore().tag(Objects.requireNonNull(instance.spotRequest()), Map.of("spotspec:lease", lease));
    }

    /** Launches an instance of another deployment with an expired lease, and returns its id. */
    private String launchForeignWithExpiredLease() {
        try (var ec2 = service.client(
                        software.amazon.awssdk.services.ec2.Ec2Client.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            String id = ec2.runInstances(request -> request.imageId(
                                    service.cloud().state().images().id(LocalDeployment.HOME, "al2023-arm64"))
                            .instanceType("m7g.large")
                            .minCount(1)
                            .maxCount(1))
                    .instances()
                    .getFirst()
                    .instanceId();
            service.instanceStore()
                    .tag(
                            id,
                            Map.of(
                                    "spotspec:service",
                                    "Other/Spot@us-west-2",
                                    "spotspec:lease",
                                    "2020-01-01T00:00:00Z"));
            return id;
        }
    }
}
