package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests launches by their results in EC2. */
@ExtendWith(SharedDeployment.class)
final class LaunchIT {
    private final LocalDeployment service;

    LaunchIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void launchIsDryRunByDefault() throws Exception {
        for (RequestBody ask : List.of(
                RequestBody.launch("m7g.large").without("dryRun"),
                RequestBody.launch("m7g.large").with("dryRun", "true"))) {
            SpotUrl.Answer answer = service.send(ask.toString());

            assertEquals(200, answer.status(), answer.text());
            assertEquals("launched", answer.json().path("event").asText());
            assertTrue(answer.json().path("meta").path("dryRun").asBoolean());
            assertTrue(answer.json().path("data").isEmpty());
            assertFalse(answer.json().path("meta").path("candidates").isEmpty());
        }
        assertEquals(List.of(), service.alive());
    }

    @Test
    void launchedInstanceIsSpotTaggedAndEncrypted() throws Exception {
        Instant before = Instant.now();

        SpotUrl.Answer answer = service.send(RequestBody.launch("m7g.large")
                .with("tags", Map.of("team", "blue"))
                .toString());

        assertEquals(200, answer.status(), answer.text());
        Instance instance = service.instances(answer).getFirst();
        LaunchSpecification launched = instance.launchSpecification();
        assertEquals("spot", launched.market().name());
        assertEquals("required", launched.options().metadata().tokens());
        assertEquals("terminate", launched.options().shutdownBehavior());
        assertTrue(launched.options().metadata().tags(), "the instance must be able to read its lease");
        assertTrue(
                launched.volumes().stream().allMatch(LaunchSpecification.NewVolume::encrypted),
                launched.volumes().toString());
        for (Map<String, String> tags : List.of(
                instance.tags(),
                instance.volumes().getFirst().tags(),
                service.instanceStore().tags(Objects.requireNonNull(instance.spotRequest())))) {
            assertEquals("Spotspec/Spot@us-west-2", tags.get("spotspec:service"));
            assertEquals("arn:aws:iam::111122223333:user/caller", tags.get("spotspec:caller"));
            assertEquals("blue", tags.get("team"));
            assertNotNull(tags.get("spotspec:request"));
            Duration lease =
                    Duration.between(before, Instant.parse(Objects.requireNonNull(tags.get("spotspec:lease"))));
            assertTrue(
                    lease.compareTo(Duration.ofHours(8)) >= 0 && lease.compareTo(Duration.ofMinutes(482)) <= 0,
                    lease.toString());
        }
    }

    @Test
    void launchesWithTagsThatMetadataCannotShow() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.launch("m7g.large")
                .with("tags", Map.of("Name", "build", "cost center", "7"))
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(
                "[\"cost center\"]",
                answer.json().path("meta").path("metadataTagsDisabledBy").toString());
        Instance instance = service.instances(answer).getFirst();
        assertFalse(instance.launchSpecification().options().metadata().tags());
        assertEquals("7", instance.tags().get("cost center"));
    }

    @Test
    void triesCheapestPoolFirst() throws Exception {
        SpotUrl.Answer dryRun = service.send(RequestBody.launch("c7g.large", "c6g.large", "m6g.large")
                .with("dryRun", true)
                .toString());
        List<BigDecimal> prices = new ArrayList<>();
        dryRun.json()
                .path("meta")
                .path("candidates")
                .forEach(one -> prices.add(new BigDecimal(one.path("SpotPrice").asText())));
        assertEquals(prices.stream().sorted().toList(), prices);

        SpotUrl.Answer answer = service.send(
                RequestBody.launch("c7g.large", "c6g.large", "m6g.large").toString());

        JsonNode cheapest = dryRun.json().path("meta").path("candidates").path(0);
        JsonNode row = answer.json().path("data").path(0);
        assertEquals(cheapest.path("InstanceType"), row.path("InstanceType"));
        assertEquals(cheapest.path("AvailabilityZone"), row.path("AvailabilityZone"));
        assertEquals(cheapest.path("SpotPrice"), row.path("SpotPrice"));
    }

    @Test
    void warmLaunchMakesTwoCalls() throws Exception {
        service.send(RequestBody.launch("r7g.large", "r6g.large").toString());
        service.cloud().state().authorizer().auditTrail().forgetRequests();

        service.send(RequestBody.launch("r7g.large", "r6g.large").toString());

        assertEquals(
                List.of("ec2:DescribeInstances", "ec2:RunInstances"),
                service.cloud().state().authorizer().auditTrail().apiCalls().stream()
                        .map(call -> call.action())
                        .filter(action ->
                                action.startsWith("ec2:") || action.startsWith("ssm:") || action.startsWith("pricing:"))
                        .toList());
    }

    @Test
    void launchesFromATypeAlone() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("launch")
                .with("types", "m7g.large")
                .with("dryRun", false)
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(1, service.alive().size());
    }

    @Test
    void manyEmptyPoolsDoNotExceedTheRateOfEc2() throws Exception {
        List<String> types = List.of("m7g.large", "m7g.xlarge", "m7g.2xlarge");
        List<String> zones = List.of("us-west-2a", "us-west-2b", "us-west-2c");
        RequestBody ask = RequestBody.launch(types.toArray(String[]::new)).with("zones", zones);
        int pools = service.send(ask.with("dryRun", true).toString())
                .json()
                .path("meta")
                .path("candidates")
                .size();
        types.forEach(
                type -> zones.forEach(zone -> service.instanceStore().capacity().setSpot(type, zone, 0)));
        service.cloud().faults().limitRequestRates(true);
        service.cloud().state().authorizer().auditTrail().forgetRequests();

        SpotUrl.Answer answer = service.send(ask.with("dryRun", false).toString());

        assertEquals("NoCapacity", answer.error(), answer.text());
        assertTrue(pools > 5, "more calls than EC2 accepts at the same time");
        assertEquals(pools, service.calls("ec2:RunInstances"), "no call may be repeated because of throttling");
    }

    @Test
    void skipsPoolThatLackedCapacity() throws Exception {
        RequestBody ask = RequestBody.launch("i4g.large")
                .with("zones", List.of("us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"));
        List<String> zones = candidateZones(ask);
        service.instanceStore().capacity().setSpot("i4g.large", zones.getFirst(), 0);

        SpotUrl.Answer first = service.send(ask.toString());
        assertEquals(
                "InsufficientInstanceCapacity",
                first.json()
                        .path("meta")
                        .path("attempts")
                        .path(0)
                        .path("Result")
                        .asText());
        assertEquals(
                zones.get(1),
                first.json().path("data").path(0).path("AvailabilityZone").asText());

        service.cloud().state().authorizer().auditTrail().forgetRequests();
        SpotUrl.Answer second = service.send(ask.toString());
        assertEquals(
                zones.get(1),
                second.json().path("data").path(0).path("AvailabilityZone").asText());
        assertEquals(1, service.calls("ec2:RunInstances"), "the failed pool must not be tried again");
    }

    @Test
    void fillsLaunchFromSeveralPools() throws Exception {
        RequestBody ask = RequestBody.launch("x2gd.large").with("count", 3);
        List<String> zones = candidateZones(ask);
        service.instanceStore().capacity().setSpot("x2gd.large", zones.getFirst(), 1);
        service.instanceStore().capacity().setSpot("x2gd.large", zones.get(1), 1);

        SpotUrl.Answer answer = service.send(ask.toString());

        assertEquals(3, answer.json().path("meta").path("launched").asInt(), answer.text());
        List<String> placed = service.instances(answer).stream()
                .map(one -> one.launchSpecification().subnet().zone())
                .toList();
        assertEquals(List.of(zones.getFirst(), zones.get(1), zones.get(2)), placed);
    }

    @Test
    void reportsPartialLaunch() throws Exception {
        RequestBody ask = RequestBody.launch("im4gn.large")
                .with("zones", List.of("us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"))
                .with("count", 3);
        List<String> zones = candidateZones(ask);
        zones.forEach(zone -> service.instanceStore().capacity().setSpot("im4gn.large", zone, 0));
        service.instanceStore().capacity().setSpot("im4gn.large", zones.getLast(), 2);

        SpotUrl.Answer answer = service.send(ask.toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(3, answer.json().path("meta").path("asked").asInt());
        assertEquals(2, answer.json().path("meta").path("launched").asInt());
        assertEquals(2, service.alive().size());
    }

    @Test
    void noCapacityErrorNamesAttempts() throws Exception {
        RequestBody ask = RequestBody.launch("is4gen.large");
        candidateZones(ask).forEach(zone -> service.instanceStore().capacity().setSpot("is4gen.large", zone, 0));

        SpotUrl.Answer answer = service.send(ask.toString());

        assertEquals(503, answer.status());
        assertEquals("NoCapacity", answer.error());
        assertTrue(
                answer.text().contains("is4gen.large") && answer.text().contains("InsufficientInstanceCapacity"),
                answer.text());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void rejectsPriceBelowSpotOrAboveOnDemand() throws Exception {
        SpotUrl.Answer low = service.send(
                RequestBody.launch("m7g.2xlarge").with("price", "0.0015").toString());
        assertEquals("PriceBelowSpot", low.error(), low.text());

        SpotUrl.Answer high = service.send(
                RequestBody.launch("m7g.2xlarge").with("price", "5").toString());
        assertEquals("PriceAboveOnDemand", high.error());

        SpotUrl.Answer accepted = service.send(
                RequestBody.launch("m7g.2xlarge").with("price", "0.25").toString());
        assertEquals(200, accepted.status(), accepted.text());
        assertEquals(
                new BigDecimal("0.25"),
                service.instances(accepted)
                        .getFirst()
                        .launchSpecification()
                        .market()
                        .maxPrice());
    }

    @Test
    void acceptsPlainAndBase64UserData() throws Exception {
        String script = "#!/bin/sh\necho hello\n";
        String base64 = Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.UTF_8));
        for (String given : List.of(script, base64)) {
            SpotUrl.Answer answer = service.send(
                    RequestBody.launch("t4g.small").with("userData", given).toString());

            assertEquals(200, answer.status(), answer.text());
            assertEquals(
                    base64,
                    service.instances(answer)
                            .getFirst()
                            .launchSpecification()
                            .options()
                            .userData());
        }
        assertEquals(
                "InvalidValue",
                service.send(RequestBody.launch("t4g.small")
                                .with("userData", "#" + "x".repeat(16 * 1024))
                                .toString())
                        .error());
        assertNull(
                service.instances(service.send(RequestBody.launch("t4g.small").toString()))
                        .getFirst()
                        .launchSpecification()
                        .options()
                        .userData());
    }

    @Test
    void acceptsEnvelopeOfAncestor() throws Exception {
        String image = service.cloud().state().images().id("us-west-2", "al2023-x86_64");
        String zone = candidateZones(RequestBody.launch("m5.large").with("ami", image))
                .getLast();
        String envelope = """
                {"construct":{"keys":{"region":"us-west-2"},"upgrade":{"tokenCode":""}},
                 "attributes":{"task":"launch","type":"m5.large","dryRun":"false","isLogging":"true","ami":"%s","keyName":"dev",
                 "securityGroups":["web"],"fileUserData":"some/file.txt","price":"0.09","count":"2",
                 "launchSpecification":{"ebsOptimized":true,"Monitoring":{"Enabled":true},"Placement":{"AvailabilityZone":"%s"},
                 "BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"VolumeSize":20,"VolumeType":"gp3"}}]}}}""".formatted(image, zone);

        SpotUrl.Answer answer = service.send(envelope);

        assertEquals(200, answer.status(), answer.text());
        assertEquals(2, service.instances(answer).size());
        LaunchSpecification launched = service.instances(answer).getFirst().launchSpecification();
        assertEquals("m5.large", launched.type());
        assertEquals(zone, launched.subnet().zone());
        assertEquals("dev", launched.options().keyName());
        assertEquals(
                List.of(service.cloud()
                        .state()
                        .network()
                        .groupNamed("us-west-2", "web")
                        .id()),
                launched.network().groups());
        assertEquals(new BigDecimal("0.09"), launched.market().maxPrice());
        assertTrue(launched.options().ebsOptimized() && launched.options().monitoring());
        assertEquals(
                List.of(new LaunchSpecification.NewVolume("/dev/xvda", 20, true, "gp3", null, null, true, true)),
                launched.volumes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "hibernate"})
    void stopAndHibernateMakeRequestPersistent(String interruption) throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.launch("m7g.large")
                .with("interruption", interruption)
                .with("volumeSize", 16)
                .toString());

        assertEquals(200, answer.status(), answer.text());
        LaunchSpecification launched = service.instances(answer).getFirst().launchSpecification();
        assertTrue(launched.market().persistent());
        assertEquals(interruption, launched.market().interruption());
        assertEquals("stop", launched.options().shutdownBehavior(), "terminating would make the request relaunch");
        assertTrue(Objects.requireNonNull(launched.market().validUntil())
                .isAfter(Instant.now().plus(Duration.ofDays(6))));
    }

    @Test
    void choosesTypesByRequirementsAndImageArchitecture() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("launch")
                .with("vcpu", "2")
                .with("memoryGiB", "8")
                .with("ami", RequestBody.X86_IMAGE)
                .with("dryRun", false)
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(1, service.alive().size());
    }

    @Test
    void checkTriesEverythingAndLaunchesNothing() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("check")
                .with("types", List.of("m7g.large"))
                .with("ami", RequestBody.ARM_IMAGE)
                .toString());

        assertEquals("checked", answer.json().path("event").asText(), answer.text());
        assertEquals(0, answer.json().path("meta").path("refused").asInt(), answer.text());
        assertEquals("allowed", row(answer, "ec2:RunInstances").path("Result").asText());
        assertEquals(
                "allowed", row(answer, "ec2:DescribeInstances").path("Result").asText());
        assertEquals(
                "unchecked",
                row(answer, "ec2:TerminateInstances").path("Result").asText());
        assertEquals(List.of(), service.alive());
    }

    private static JsonNode row(SpotUrl.Answer answer, String action) {
        for (JsonNode row : answer.json().path("data")) {
            if (row.path("Action").asText().equals(action)) {
                return row;
            }
        }
        throw new AssertionError("no " + action + " in " + answer.text());
    }

    @Test
    void encryptsEveryVolumeOfImage() throws Exception {
        for (String name : List.of("two-volumes-x86_64", "instance-store-x86_64")) {
            String image = service.cloud().state().images().id("us-west-2", name);

            SpotUrl.Answer answer = service.send(
                    RequestBody.launch("m5.xlarge").with("ami", image).toString());

            assertEquals(200, answer.status(), answer.text());
            List<LaunchSpecification.NewVolume> volumes =
                    service.instances(answer).getFirst().launchSpecification().volumes();
            assertEquals(name.startsWith("two") ? 2 : 0, volumes.size());
            assertTrue(volumes.stream().allMatch(LaunchSpecification.NewVolume::encrypted), volumes.toString());
            assertTrue(
                    volumes.stream().allMatch(LaunchSpecification.NewVolume::deleteOnTermination), volumes.toString());
            assertEquals(
                    name.startsWith("two") ? List.of(8, 50) : List.of(),
                    volumes.stream().map(LaunchSpecification.NewVolume::size).toList());
        }
    }

    @Test
    void passesOnMessageOfEc2() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.launch("m5.large").toString());

        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.text().contains("architecture"), answer.text());
    }

    private List<String> candidateZones(RequestBody ask) throws Exception {
        SpotUrl.Answer dryRun = service.send(ask.with("dryRun", true).toString());
        ask.with("dryRun", false);
        List<String> zones = new ArrayList<>();
        dryRun.json()
                .path("meta")
                .path("candidates")
                .forEach(one -> zones.add(one.path("AvailabilityZone").asText()));
        assertTrue(zones.size() >= 2, dryRun.text());
        return zones;
    }
}
