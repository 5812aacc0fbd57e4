package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * Runs the packaged function against moto, an independent simulation of AWS. Skipped if {@code moto_server} is not on
 * the path.
 */
@org.junit.jupiter.api.Tag("long")
final class MotoIT {
    private static final String REGION = "us-east-1";

    private static @Nullable Moto moto;
    private static @Nullable PackagedFunction function;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Moto.isInstalled(), "no moto_server on the path");
        moto = Moto.start();
        String secretArn = moto.createSecret("{\"accessKeyId\":\"AKIAMOTO\",\"secretAccessKey\":\"moto\"}");
        function = PackagedFunction.start(moto.url(), secretArn, REGION);
    }

    @AfterAll
    static void stop() {
        if (function != null) {
            function.close();
        }
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void pricesComeFromEc2() throws Exception {
        JsonNode answer = ask("priced", RequestBody.to("price").with("types", List.of("m5.large")));

        assertTrue(answer.path("data").size() > 0, answer.toString());
        // moto returns one product and one price for everything.
        answer.path("data")
                .forEach(
                        row -> assertEquals("m5.large", row.path("InstanceType").asText()));
    }

    @Test
    void dryRunLaunchesNothing() throws Exception {
        int before = moto().instances().size();

        JsonNode answer = ask("launched", launch().with("dryRun", true));

        assertEquals(0, answer.path("data").size(), answer.toString());
        assertTrue(answer.path("meta").path("dryRun").asBoolean(), answer.toString());
        assertTrue(answer.path("meta").path("candidates").size() > 0, answer.toString());
        assertEquals(before, moto().instances().size());
    }

    @Test
    void launchesListsAndTerminates() throws Exception {
        String id = only(ask("launched", launch())).path("InstanceId").asText();

        Instance instance = instance(id);
        assertEquals("m5.large", instance.instanceTypeAsString());
        assertEquals(InstanceLifecycleType.SPOT, instance.instanceLifecycle());
        Map<String, String> tags = instance.tags().stream().collect(Collectors.toMap(Tag::key, Tag::value));
        assertEquals(PackagedFunction.service(REGION), tags.get("spotspec:service"));
        assertTrue(
                tags.keySet().containsAll(List.of("spotspec:lease", "spotspec:request", "spotspec:caller")),
                tags.toString());

        List<JsonNode> listed = new ArrayList<>();
        ask("instances", RequestBody.to("instances")).path("data").forEach(listed::add);
        assertEquals(
                List.of(String.valueOf(tags.get("spotspec:lease"))),
                listed.stream()
                        .filter(row -> row.path("InstanceId").asText().equals(id))
                        .map(row -> row.path("Lease").asText())
                        .toList());

        JsonNode ended = ask("terminated", RequestBody.to("terminate").with("instanceIds", List.of(id, "i-00000000")));
        assertEquals("shutting-down", only(ended).path("CurrentState").asText());
        assertEquals("[\"i-00000000\"]", ended.path("meta").path("missing").toString());
        assertEquals("terminated", instance(id).state().nameAsString());
    }

    @Test
    void cancelsSpotRequest() throws Exception {
        // moto's RunInstances creates no spot request, so the test creates one itself.
        String image = only(ask("launched", launch())).path("ImageId").asText();
        String managed = moto().requestSpot(PackagedFunction.service(REGION), image, "m5.large");
        String foreign = moto().requestSpot("Another/Spot@" + REGION, image, "m5.large");

        JsonNode cancelled =
                ask("canceled", RequestBody.to("cancel").with("spotInstanceRequestIds", List.of(managed, foreign)));

        assertEquals(managed, only(cancelled).path("SpotInstanceRequestId").asText());
        assertEquals("cancelled", only(cancelled).path("State").asText());
        assertEquals(
                "[\"" + foreign + "\"]", cancelled.path("meta").path("missing").toString());
        // moto forgets a cancelled request at once. EC2 would still show it.
        assertEquals(List.of(foreign), moto().spotRequests());
    }

    private static RequestBody launch() {
        return RequestBody.to("launch")
                .with("types", List.of("m5.large"))
                .with("ami", RequestBody.X86_IMAGE)
                // moto does not know a volume's size from the image, as EC2 does.
                .with("volumeSize", 15)
                .with("dryRun", false);
    }

    private static Moto moto() {
        return Objects.requireNonNull(moto);
    }

    private static JsonNode ask(String event, RequestBody ask) throws IOException {
        SpotUrl.Answer answer = Objects.requireNonNull(function).post(ask.toString());
        assertEquals(200, answer.status(), answer.text());
        assertEquals(event, answer.json().path("event").asText());
        return answer.json();
    }

    private static JsonNode only(JsonNode answer) {
        assertEquals(1, answer.path("data").size(), answer.toString());
        return answer.path("data").path(0);
    }

    private static Instance instance(String id) {
        return moto().instances().stream()
                .filter(instance -> instance.instanceId().equals(id))
                .findFirst()
                .orElseThrow();
    }
}
