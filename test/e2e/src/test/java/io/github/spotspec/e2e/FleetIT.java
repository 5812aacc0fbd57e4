package io.github.spotspec.e2e;

import static io.github.spotspec.e2e.HostileCode.DENIED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.FleetType;
import software.amazon.awssdk.services.ec2.model.HttpTokensState;

/** Launches with EC2 Fleet, and attacks its rights with the operator's key. */
@ExtendWith(SharedDeployment.class)
final class FleetIT {
    private static final String TAG = FleetApp.STACK + "/Spot@us-west-2";
    private static final int CALLERS = 3;

    private final LocalDeployment service;

    FleetIT(LocalDeployment service) throws Exception {
        if (service.cloud().stacks().find(LocalDeployment.HOME, FleetApp.STACK) == null) {
            service.deployOther(FleetApp::stacks, service.callerArn());
        }
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @AfterEach
    void reset() {
        service.cloud().state().fleets().reset();
        service.clear();
    }

    private SpotUrl.Answer ask(RequestBody ask) throws Exception {
        return new SpotUrl(service.output(FleetApp.STACK, "Url"), LocalDeployment.HOME)
                .post(ask.toString(), service.caller());
    }

    private static RequestBody launch(String allocation, String... types) {
        return RequestBody.launch(types).with("allocation", allocation);
    }

    private List<String> ids(SpotUrl.Answer answer) {
        return service.instances(answer).stream().map(Instance::id).sorted().toList();
    }

    private void assertNoTemplateIsLeft() {
        assertEquals(List.of(), service.cloud().state().launchTemplates().all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"price-capacity-optimized", "capacity-optimized"})
    void launchesSameInstanceAsRunInstances(String allocation) throws Exception {
        SpotUrl.Answer byRun = ask(RequestBody.launch("m7g.large", "m7g.xlarge").with("userData", "#!/bin/sh\ntrue\n"));
        service.cloud().state().authorizer().auditTrail().forgetRequests();
        SpotUrl.Answer byFleet =
                ask(launch(allocation, "m7g.large", "m7g.xlarge").with("userData", "#!/bin/sh\ntrue\n"));

        assertEquals(200, byFleet.status(), byFleet.text());
        assertEquals(1, service.calls("ec2:CreateFleet"));
        LaunchSpecification expected = service.instances(byRun).getFirst().launchSpecification();
        Instance instance = service.instances(byFleet).getFirst();
        LaunchSpecification launched = instance.launchSpecification();
        assertEquals("spot", launched.market().name());
        assertEquals("required", launched.options().metadata().tokens());
        assertTrue(launched.options().metadata().tags());
        assertEquals(
                expected.options().metadata().hopLimit(),
                launched.options().metadata().hopLimit());
        assertEquals("terminate", launched.options().shutdownBehavior());
        assertEquals(
                "#!/bin/sh\ntrue\n",
                new String(
                        Base64.getDecoder()
                                .decode(Objects.requireNonNull(
                                        launched.options().userData())),
                        StandardCharsets.UTF_8));
        assertTrue(launched.volumes().stream().allMatch(LaunchSpecification.NewVolume::encrypted));
        assertEquals(TAG, instance.tags().get("spotspec:service"));
        assertTrue(
                instance.tags().keySet().containsAll(List.of("spotspec:lease", "spotspec:request", "spotspec:caller")));
        assertNoTemplateIsLeft();
    }

    /** Takes all capacity of a type away. */
    private void makeEmpty(String region) {
        for (String zone : List.of("a", "b", "c", "d", "e", "f")) {
            service.instanceStore().capacity().setSpot("m7g.large", region + zone, 0);
        }
    }

    @Test
    void mixesArchitecturesInOneFleet() throws Exception {
        RequestBody ask = launch("price-capacity-optimized", "m7g.large", "m6i.large")
                .without("ami")
                .with("count", 3);

        SpotUrl.Answer answer = ask(ask);

        assertEquals(200, answer.status(), answer.text());
        assertEquals(3, service.alive().size());
        assertEquals(1, service.calls("ec2:CreateFleet"));
        assertNoTemplateIsLeft();
    }

    @Test
    void repeatedKeyLaunchesNothingMore() throws Exception {
        RequestBody ask =
                launch("price-capacity-optimized", "m7g.large", "m7g.xlarge").with("idempotencyKey", "fleet");
        SpotUrl.Answer first = ask(ask);

        SpotUrl.Answer second = ask(ask);

        assertEquals(ids(first), ids(second));
        assertTrue(second.json().path("meta").path("repeated").asBoolean());
        assertEquals(1, service.alive().size());
    }

    @Test
    void concurrentLaunchesWithSameKeyLaunchOnce() throws Exception {
        RequestBody ask = launch("price-capacity-optimized", "m7g.large", "m7g.xlarge")
                .with("count", 2)
                .with("idempotencyKey", "crowd");
        List<Future<SpotUrl.Answer>> answers = new ArrayList<>();
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                answers.add(crowd.submit(() -> ask(ask)));
            }
        }

        for (Future<SpotUrl.Answer> answer : answers) {
            assertEquals(200, answer.get().status(), answer.get().text());
            assertEquals(2, ids(answer.get()).size(), answer.get().text());
        }
        assertEquals(2, service.alive().size());
        assertNoTemplateIsLeft();
    }

    @Test
    void reportsEachEmptyPool() throws Exception {
        makeEmpty("us-west-2");

        SpotUrl.Answer answer = ask(launch("capacity-optimized", "m7g.large"));

        assertEquals("NoCapacity", answer.error(), answer.text());
        assertEquals(List.of(), service.alive());
        assertNoTemplateIsLeft();
    }

    @Test
    void triesNextRegionForWhatIsMissing() throws Exception {
        RequestBody ask =
                launch("price-capacity-optimized", "m7g.large").without("ami").with("regions", "all");
        JsonNode first = ask(ask.with("dryRun", true))
                .json()
                .path("meta")
                .path("candidates")
                .path(0);
        String cheapest = first.path("Region").asText();
        makeEmpty(cheapest);

        SpotUrl.Answer answer = ask(ask.with("dryRun", false));

        assertEquals(200, answer.status(), answer.text());
        assertTrue(!answer.json().path("data").path(0).path("Region").asText().equals(cheapest), answer.text());
        assertNoTemplateIsLeft();
    }

    @Test
    void denialWithinFleetIsReportedAsDenial() throws Exception {
        // A live account may withhold more keys from a fleet's launches than is known.
        service.cloud().state().fleets().withholdKeys(Set.of("aws:RequestedRegion"));

        SpotUrl.Answer answer = ask(launch("price-capacity-optimized", "m7g.large"));

        assertEquals("NotAuthorized", answer.error(), answer.text());
        assertEquals(List.of(), service.alive());
        assertNoTemplateIsLeft();
    }

    @Test
    void deploymentWithoutThePropRefusesFleets() throws Exception {
        assertEquals(
                "InvalidRequest",
                service.send(launch("price-capacity-optimized", "m7g.large").toString())
                        .error());
        assertEquals(0, service.calls("ec2:CreateFleet"));
    }

    @Test
    void iamDeniesFleetsThatTheFunctionWouldNotCreate() throws Exception {
        HostileCode hostile = new HostileCode(service);
        try (Ec2Client ec2 = hostile.operatorClient(FleetApp.STACK, LocalDeployment.HOME)) {
            ec2.createLaunchTemplate(template -> template.launchTemplateName("mine")
                    .launchTemplateData(data -> data.imageId(GuardRailsIT.image(service))
                            .metadataOptions(options -> options.httpTokens("required")))
                    .tagSpecifications(HostileCode.tags(TAG, true, "launch-template")));
            assertEquals(
                    DENIED,
                    HostileCode.errorCode(() ->
                            ec2.createLaunchTemplate(template -> template.launchTemplateName("untagged")
                                    .launchTemplateData(data -> data.imageId(GuardRailsIT.image(service))))),
                    "a template without tags");

            // EC2 accepts tags of instances only for instant fleets.
            assertEquals(
                    DENIED,
                    fleet(
                            ec2,
                            fleet -> fleet.type(FleetType.MAINTAIN)
                                    .tagSpecifications(HostileCode.tags(TAG, true, "fleet"))),
                    "maintain");
            assertEquals(
                    DENIED,
                    fleet(
                            ec2,
                            fleet -> fleet.type(FleetType.REQUEST)
                                    .tagSpecifications(HostileCode.tags(TAG, true, "fleet"))),
                    "request");
            assertEquals(DENIED, fleet(ec2, fleet -> fleet.tagSpecifications(List.of())), "no tags");
            assertEquals(
                    DENIED,
                    fleet(
                            ec2,
                            fleet -> fleet.tagSpecifications(
                                    HostileCode.tags("Other/Spot@us-west-2", true, "fleet", "instance", "volume"))),
                    "another deployment's tags");
            assertEquals(
                    DENIED, fleet(ec2, fleet -> fleet.launchTemplateConfigs(template("c7g.large"))), "another type");
            ec2.deleteLaunchTemplate(template -> template.launchTemplateName("mine"));
        }
        try (Ec2Client elsewhere = hostile.operatorClient(FleetApp.STACK, "eu-west-1")) {
            assertEquals(
                    DENIED,
                    HostileCode.errorCode(() ->
                            elsewhere.createLaunchTemplate(template -> template.launchTemplateName("mine")
                                    .launchTemplateData(data -> data.metadataOptions(
                                            options -> options.httpTokens(HttpTokensState.REQUIRED.toString())))
                                    .tagSpecifications(HostileCode.tags(TAG, true, "launch-template")))),
                    "another region");
        }
        assertEquals(List.of(), service.alive());
    }

    /** Returns the error of a fleet that the deployment allows, apart from a change. */
    private static String fleet(Ec2Client ec2, Consumer<CreateFleetRequest.Builder> change) {
        CreateFleetRequest.Builder fleet = CreateFleetRequest.builder()
                .type(FleetType.INSTANT)
                .targetCapacitySpecification(target ->
                        target.totalTargetCapacity(1).defaultTargetCapacityType(DefaultTargetCapacityType.SPOT))
                .launchTemplateConfigs(template("m7g.large"))
                .tagSpecifications(HostileCode.tags(TAG, true, "fleet", "instance", "volume"));
        change.accept(fleet);
        return HostileCode.errorCode(() -> ec2.createFleet(fleet.build()));
    }

    private static FleetLaunchTemplateConfigRequest template(String type) {
        return FleetLaunchTemplateConfigRequest.builder()
                .launchTemplateSpecification(
                        template -> template.launchTemplateName("mine").version("1"))
                .overrides(FleetLaunchTemplateOverridesRequest.builder()
                        .instanceType(type)
                        .availabilityZone("us-west-2a")
                        .build())
                .build();
    }
}
