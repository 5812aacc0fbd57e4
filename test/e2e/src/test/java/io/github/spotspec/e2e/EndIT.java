package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.SpotRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the lists of managed instances, and the tasks that end them. */
@ExtendWith(SharedDeployment.class)
final class EndIT {
    private static final String MISSING = "i-00000000000000000";

    private final LocalDeployment service;

    EndIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void listsManagedInstancesWithLeaseAndPrice() throws Exception {
        Instance managed = launch("m7g.large");
        launchForeign();

        SpotUrl.Answer instances = service.send(RequestBody.to("instances").toString());
        List<String> alive = aliveIds(instances);
        assertEquals(List.of(managed.id()), alive, instances.text());
        JsonNode row = row(instances, "InstanceId", managed.id());
        assertTrue(List.of("8h", "479m").contains(row.path("LeaseLeft").asText()), row.toString());
        assertTrue(row.path("SpotPrice").asDouble() > 0, row.toString());

        SpotUrl.Answer requests = service.send(RequestBody.to("requests").toString());
        assertEquals("spots", requests.json().path("event").asText());
        JsonNode request = row(requests, "SpotInstanceRequestId", Objects.requireNonNull(managed.spotRequest()));
        assertEquals("active", request.path("State").asText());
        assertEquals(managed.id(), request.path("InstanceId").asText());
        assertTrue(request.path("SpotPrice").asDouble() > 0, request.toString());
    }

    @Test
    void reportsUnknownIdsAndTerminatesTheRest() throws Exception {
        Instance managed = launch("m7g.large");
        String foreign = launchForeign();

        SpotUrl.Answer terminated = service.send(RequestBody.to("terminate")
                .with("instanceIds", List.of(MISSING, managed.id(), foreign))
                .toString());

        assertEquals(200, terminated.status(), terminated.text());
        assertEquals("terminated", terminated.json().path("event").asText());
        assertEquals(
                MISSING, terminated.json().path("meta").path("missing").path(0).asText());
        assertEquals(
                foreign, terminated.json().path("meta").path("missing").path(1).asText());
        assertFalse(service.alive().stream().anyMatch(instance -> instance.id().equals(managed.id())));
        assertTrue(
                service.alive().stream().anyMatch(instance -> instance.id().equals(foreign)),
                "the foreign instance must keep running");
    }

    @Test
    void findsIdsInEveryAllowedRegion() throws Exception {
        Instance managed = launch("m7g.large", "region", "eu-west-1");
        service.cloud().faults().showAfter(Duration.ofSeconds(2));
        Instance unseen = launch("m7g.large", "region", "us-east-1");

        SpotUrl.Answer extended = service.send(RequestBody.to("extend")
                .with("instanceIds", List.of(managed.id(), unseen.id()))
                .with("lease", "9h")
                .toString());
        SpotUrl.Answer ended = service.send(RequestBody.to("end")
                .with("instanceIds", List.of(managed.id(), unseen.id()))
                .toString());

        assertEquals(200, extended.status(), extended.text());
        assertEquals(2, extended.json().path("data").size(), extended.text());
        assertEquals(200, ended.status(), ended.text());
        assertEquals(2, ended.json().path("data").size(), ended.text());
        assertEquals(List.of(), service.alive());
    }

    @Test
    @Tag("long")
    void rejectsRequestWithOnlyUnknownIds() throws Exception {
        SpotUrl.Answer nowhere =
                service.send(RequestBody.to("end").with("instanceIds", MISSING).toString());

        assertEquals(404, nowhere.status(), nowhere.text());
        assertEquals("IdNotFound", nowhere.error());
    }

    @Test
    void cancelLeavesInstanceRunning() throws Exception {
        Instance managed = launch("m7g.large");

        SpotUrl.Answer answer = service.send(RequestBody.to("cancel")
                .with("spotInstanceRequestIds", List.of(Objects.requireNonNull(managed.spotRequest())))
                .toString());

        assertEquals("canceled", answer.json().path("event").asText(), answer.text());
        assertEquals(
                "cancelled", answer.json().path("data").path(0).path("State").asText());
        assertEquals(
                List.of(managed.id()),
                service.alive().stream().map(Instance::id).toList());
    }

    @Test
    void endStopsPersistentRequestFromRelaunching() throws Exception {
        Instance managed = launch("m7g.large", "interruption", "stop");

        SpotUrl.Answer answer = service.send(
                RequestBody.to("end").with("instanceIds", managed.id()).toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(0, answer.json().path("meta").path("left").asInt());
        assertTrue(answer.json().path("data").path(0).path("Ended").asBoolean());
        assertEquals(List.of(), service.alive());
        SpotRequest request = service.instanceStore().allRequests().stream()
                .filter(one -> one.id().equals(managed.spotRequest()))
                .findFirst()
                .orElseThrow();
        assertEquals("cancelled", request.state());
        // Terminating without cancelling makes EC2 launch again.
        Instance other = launch("m7g.large", "interruption", "stop");
        service.instanceStore().terminate(other);
        assertEquals(1, service.alive().size(), "EC2 must relaunch for a persistent request");
    }

    @Test
    void terminateSkipsInstanceThatWouldRelaunch() throws Exception {
        Instance managed = launch("m7g.large", "interruption", "stop");

        SpotUrl.Answer answer = service.send(
                RequestBody.to("terminate").with("instanceIds", managed.id()).toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(
                managed.id(),
                answer.json().path("meta").path("wouldRelaunch").path(0).asText());
        assertEquals(
                List.of(managed.id()),
                service.alive().stream().map(Instance::id).toList());
    }

    @Test
    void endReportsKeptVolumes() throws Exception {
        Instance managed = launch(
                "m7g.large",
                "launchSpecification",
                Map.of(
                        "BlockDeviceMappings",
                        List.of(Map.of(
                                "DeviceName",
                                "/dev/sdf",
                                "Ebs",
                                Map.of("VolumeSize", 30, "DeleteOnTermination", false)))));

        SpotUrl.Answer answer = service.send(RequestBody.to("end")
                .with("spotInstanceRequestIds", Objects.requireNonNull(managed.spotRequest()))
                .toString());

        String keptVolumeId = managed.volumes().stream()
                .filter(volume -> !volume.made().deleteOnTermination())
                .findFirst()
                .orElseThrow()
                .id();
        assertEquals(
                keptVolumeId,
                answer.json().path("data").path(0).path("KeptVolumeIds").path(0).asText(),
                answer.text());
    }

    @Test
    void endAllEndsManagedInstancesInEveryRegion() throws Exception {
        launch("m7g.large");
        String foreign = launchForeign();
        service.cloud().faults().showAfter(Duration.ofSeconds(2));
        launch("m7g.large", "region", "eu-west-1");

        SpotUrl.Answer answer = service.send(
                RequestBody.to("end").with("all", true).with("regions", "all").toString());

        assertEquals(0, answer.json().path("meta").path("left").asInt(), answer.text());
        assertEquals(
                List.of(foreign), service.alive().stream().map(Instance::id).toList());
    }

    @Test
    void endRequiresExactlyOneSelection() throws Exception {
        assertEquals(
                "MissingField", service.send(RequestBody.to("end").toString()).error());
        assertEquals(
                "InvalidRequest",
                service.send(RequestBody.to("end")
                                .with("all", true)
                                .with("instanceIds", MISSING)
                                .toString())
                        .error());
    }

    private Instance launch(String type, Object... more) throws Exception {
        RequestBody ask = RequestBody.launch(type);
        for (int i = 0; i < more.length; i += 2) {
            ask.with((String) more[i], more[i + 1]);
        }
        SpotUrl.Answer answer = service.send(ask.toString());
        assertEquals(200, answer.status(), answer.text());
        return service.instances(answer).getFirst();
    }

    /** Launches an instance without the service, and returns its id. */
    private String launchForeign() {
        try (var ec2 = service.client(
                        software.amazon.awssdk.services.ec2.Ec2Client.builder(),
                        LocalDeployment.HOME,
                        service.cloud().admin())
                .build()) {
            return ec2.runInstances(request -> request.imageId(
                                    service.cloud().state().images().id(LocalDeployment.HOME, "al2023-arm64"))
                            .instanceType("m7g.large")
                            .minCount(1)
                            .maxCount(1))
                    .instances()
                    .getFirst()
                    .instanceId();
        }
    }

    private List<String> aliveIds(SpotUrl.Answer answer) {
        Instant now = Instant.now();
        return service.instances(answer).stream()
                .filter(instance -> instance.state(now) == Instance.State.RUNNING)
                .map(Instance::id)
                .toList();
    }

    private static JsonNode row(SpotUrl.Answer answer, String column, String value) {
        for (JsonNode row : answer.json().path("data")) {
            if (row.path(column).asText().equals(value)) {
                return row;
            }
        }
        throw new AssertionError("no " + value + " in " + answer.text());
    }
}
