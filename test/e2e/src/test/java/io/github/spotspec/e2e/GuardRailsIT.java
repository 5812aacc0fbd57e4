package io.github.spotspec.e2e;

import static io.github.spotspec.e2e.HostileCode.ALLOWED;
import static io.github.spotspec.e2e.HostileCode.DENIED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.SpotMarket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.HttpTokensState;
import software.amazon.awssdk.services.ec2.model.InstanceMarketOptionsRequest;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/**
 * Tests the limits of a deployment: the function checks them before it calls EC2, and IAM enforces them on the
 * operator.
 */
@ExtendWith(SharedDeployment.class)
final class GuardRailsIT {
    private final LocalDeployment service;
    private final HostileCode hostile;
    private final String image;
    private final String subnet;
    private final String otherSubnet;
    private final String group;

    GuardRailsIT(LocalDeployment service) throws Exception {
        deploy(service);
        this.service = service;
        this.image = image(service);
        this.subnet = subnets(service).getFirst();
        this.otherSubnet = subnets(service).getLast();
        this.group = group(service);
        this.hostile = new HostileCode(service);
    }

    /** Deploys the app if necessary. */
    static void deploy(LocalDeployment service) throws Exception {
        if (service.cloud().stacks().find(LocalDeployment.HOME, "Guarded") == null) {
            service.deployOther(
                    GuardedApp::stacks,
                    service.callerArn(),
                    image(service),
                    subnets(service).getFirst(),
                    group(service));
        }
    }

    static String image(LocalDeployment service) {
        return service.cloud().state().images().id("us-west-2", "al2023-arm64");
    }

    static List<String> subnets(LocalDeployment service) {
        return new SpotMarket(LocalDeployment.SEED)
                .pools("us-west-2").stream()
                        .filter(pool -> pool.type().name().equals("m7g.large")
                                && pool.product().equals("Linux/UNIX"))
                        .map(pool -> service.cloud()
                                .state()
                                .network()
                                .defaultSubnet("us-west-2", pool.zone())
                                .id())
                        .toList();
    }

    static String group(LocalDeployment service) {
        return service.cloud().state().network().groupNamed("us-west-2", "web").id();
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void launchWithinLimitsNeedsOnlyAType() throws Exception {
        SpotUrl.Answer answer = ask(
                "Guarded",
                RequestBody.to("launch")
                        .with("types", List.of("m7g.large"))
                        .with("userDataName", "worker")
                        .with("dryRun", false));

        assertEquals(200, answer.status(), answer.text());
        LaunchSpecification launched = service.instances(answer).getFirst().launchSpecification();
        assertEquals(image, launched.image().id());
        assertEquals(subnet, launched.subnet().id());
        assertEquals(List.of(group), launched.network().groups());
        assertTrue(Objects.requireNonNull(launched.options().profileArn()).contains("Guarded"), launched.toString());
        assertEquals(
                GuardedApp.USER_DATA,
                new String(
                        Base64.getDecoder()
                                .decode(Objects.requireNonNull(
                                        launched.options().userData())),
                        StandardCharsets.UTF_8));
    }

    @Test
    void functionEnforcesEveryLimitBeforeLaunching() throws Exception {
        Map<String, Consumer<RequestBody>> rails = new TreeMap<>(Map.of(
                "TypeNotAllowed", ask -> ask.with("types", List.of("c7g.large")),
                "ImageNotAllowed", ask -> ask.with("ami", "ami-0123456789abcdef0"),
                "SubnetNotAllowed", ask -> ask.with("subnetIds", List.of(otherSubnet)),
                "SecurityGroupNotAllowed",
                        ask -> ask.with(
                                "securityGroupIds",
                                List.of(service.cloud()
                                        .state()
                                        .network()
                                        .groupNamed("us-west-2", "default")
                                        .id())),
                "KeyPairNotAllowed", ask -> ask.with("keyName", "ops"),
                "PriceNotAllowed", ask -> ask.with("price", "0.91"),
                "LeaseNotAllowed", ask -> ask.with("lease", "121m"),
                "VolumeNotAllowed",
                        ask -> ask.with(
                                "launchSpecification",
                                Map.of(
                                        "BlockDeviceMappings",
                                        List.of(Map.of("DeviceName", "/dev/sdf", "Ebs", Map.of("VolumeSize", 41))))),
                "OnDemandNotAllowed", ask -> ask.with("onNoCapacity", "onDemand"),
                "RegionNotAllowed", ask -> ask.with("region", "eu-west-1")));
        rails.put("TooManyInstances", ask -> ask.with("count", 3));
        for (Map.Entry<String, Consumer<RequestBody>> rail : rails.entrySet()) {
            RequestBody ask =
                    RequestBody.to("launch").with("types", List.of("m7g.large")).with("dryRun", false);
            rail.getValue().accept(ask);

            SpotUrl.Answer answer = ask("Guarded", ask);

            assertEquals(rail.getKey(), answer.error(), answer.text());
        }
        assertEquals(0, service.calls("ec2:RunInstances"));
        assertEquals(List.of(), service.alive());
    }

    @Test
    void limitsRunningInstances() throws Exception {
        RequestBody two = RequestBody.to("launch")
                .with("types", List.of("m7g.large"))
                .with("count", 2)
                .with("dryRun", false);
        assertEquals(200, ask("Guarded", two).status());

        assertEquals("TooManyInstances", ask("Guarded", two.with("count", 1)).error());
        assertEquals(2, service.alive().size());
    }

    @Test
    void iamEnforcesEveryLimitItKnows() {
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(ALLOWED, hostile.dryRunLaunch(ec2, run -> {}));
            assertEquals(
                    ALLOWED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.metadataOptions(options ->
                                    options.httpTokens(HttpTokensState.REQUIRED).httpPutResponseHopLimit(2))),
                    "metadata for containers");

            assertEquals(DENIED, hostile.dryRunLaunch(ec2, run -> run.instanceType(InstanceType.C7_G_LARGE)), "type");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.imageId(service.cloud().state().images().id("us-west-2", "al2023-x86_64"))),
                    "image");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, run -> run.subnetId(otherSubnet)), "subnet");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.securityGroupIds(service.cloud()
                                    .state()
                                    .network()
                                    .groupNamed("us-west-2", "default")
                                    .id())),
                    "security group");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, run -> run.keyName("ops")), "key pair");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(ec2, run -> run.blockDeviceMappings(HostileCode.volume(41, true))),
                    "volume size");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(ec2, run -> run.blockDeviceMappings(HostileCode.volume(8, false))),
                    "encryption");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2, run -> run.metadataOptions(options -> options.httpTokens(HttpTokensState.OPTIONAL))),
                    "IMDSv1");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.metadataOptions(options ->
                                    options.httpTokens(HttpTokensState.REQUIRED).httpPutResponseHopLimit(3))),
                    "metadata for other hosts");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.instanceMarketOptions(InstanceMarketOptionsRequest.builder()
                                            .build())
                                    .tagSpecifications(
                                            HostileCode.tags("Guarded/Spot@us-west-2", true, "instance", "volume"))),
                    "on-demand");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2, run -> run.tagSpecifications(HostileCode.tags("Generous/Spot@us-west-2", true))),
                    "another deployment's tag");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2, run -> run.tagSpecifications(HostileCode.tags("Guarded/Spot@us-west-2", false))),
                    "no lease");
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, run -> run.tagSpecifications(List.of())), "no tags");
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2,
                            run -> run.iamInstanceProfile(
                                    profile -> profile.arn(service.cloud().state().identities().names().stream()
                                            .filter(arn -> arn.contains(":instance-profile/"))
                                            .filter(arn -> arn.contains("Generous"))
                                            .findFirst()
                                            .orElseThrow()))),
                    "another role");
        }
        try (Ec2Client elsewhere = hostile.operatorClient("Guarded", "eu-west-1")) {
            assertEquals(DENIED, HostileCode.errorCode(() -> elsewhere.describeInstances()), "another region");
        }
    }

    @Test
    void priceOnlyDeploymentCanOnlyPrice() throws Exception {
        assertEquals(
                200,
                ask("PriceOnly", RequestBody.to("price").with("types", List.of("m7g.large")))
                        .status());
        for (String task : List.of(
                "history",
                "score",
                "requests",
                "instances",
                "cost",
                "console",
                "connect",
                "launch",
                "extend",
                "cancel",
                "terminate",
                "end",
                "check")) {
            assertEquals(
                    "TaskNotAllowed", ask("PriceOnly", RequestBody.to(task)).error(), task);
        }
        Instance foreign = service.instances(ask("Generous", RequestBody.launch("m7g.large")))
                .getFirst();
        try (Ec2Client ec2 = hostile.operatorClient("PriceOnly", "us-west-2")) {
            assertEquals(DENIED, hostile.dryRunLaunch(ec2, run -> {}));
            assertEquals(DENIED, HostileCode.errorCode(() -> ec2.describeInstances()));
            assertEquals(
                    DENIED, HostileCode.errorCode(() -> ec2.terminateInstances(end -> end.instanceIds(foreign.id()))));
        }
    }

    @Test
    void rejectsImageOfOtherOwner() throws Exception {
        String foreign = service.cloud().state().images().id("us-west-2", "somebody-x86_64");

        SpotUrl.Answer answer = ask(
                "Generous",
                RequestBody.to("launch")
                        .with("types", List.of("m5.large"))
                        .with("ami", foreign)
                        .with("dryRun", false));

        assertEquals("ImageNotAllowed", answer.error(), answer.text());
        try (Ec2Client ec2 = hostile.operatorClient("Generous", "us-west-2")) {
            Consumer<RunInstancesRequest.Builder> tagged =
                    run -> run.tagSpecifications(HostileCode.tags("Generous/Spot@us-west-2", true));
            assertEquals(ALLOWED, hostile.dryRunLaunch(ec2, tagged));
            assertEquals(
                    DENIED,
                    hostile.dryRunLaunch(
                            ec2, tagged.andThen(run -> run.imageId(foreign).instanceType(InstanceType.M5_LARGE))));
        }
    }

    @Test
    void fallsBackToOnDemandWhereAllowed() throws Exception {
        for (Geography.Zone zone : Geography.zones("us-west-2")) {
            service.instanceStore().capacity().setSpot("m7g.large", zone.name(), 0);
        }

        SpotUrl.Answer answer = ask("Generous", RequestBody.launch("m7g.large").with("onNoCapacity", "onDemand"));

        assertEquals(200, answer.status(), answer.text());
        Instance launched = service.instances(answer).getFirst();
        assertFalse(launched.launchSpecification().isSpot());
        assertNull(launched.spotRequest());
        assertTrue(launched.tags().containsKey("spotspec:lease"));
        assertEquals(
                "NoCapacity", ask("Generous", RequestBody.launch("m7g.large")).error());
    }

    @Test
    void deploymentCannotTouchOtherDeploymentsInstances() throws Exception {
        Instance instance = service.instances(ask("Generous", RequestBody.launch("m7g.large")))
                .getFirst();

        SpotUrl.Answer answer = ask("Guarded", RequestBody.to("end").with("instanceIds", List.of(instance.id())));

        assertEquals(
                List.of(instance.id()),
                service.alive().stream().map(Instance::id).toList(),
                answer.text());
        assertEquals("IdNotFound", answer.error(), answer.text());
        try (Ec2Client ec2 = hostile.operatorClient("Guarded", "us-west-2")) {
            assertEquals(
                    DENIED, HostileCode.errorCode(() -> ec2.terminateInstances(end -> end.instanceIds(instance.id()))));
            assertEquals(
                    DENIED, HostileCode.errorCode(() -> ec2.getConsoleOutput(read -> read.instanceId(instance.id()))));
            assertEquals(
                    DENIED,
                    HostileCode.errorCode(() -> ec2.createTags(change -> change.resources(instance.id())
                            .tags(HostileCode.tag("spotspec:lease", "2030-01-01T00:00:00Z")))));
        }
    }

    @Test
    void noticesFromOtherRegionsReachTheKeeper() throws Exception {
        Instance abroad = service.instances(
                        ask("Generous", RequestBody.launch("m7g.large").with("region", "eu-west-1")))
                .getFirst();
        int before = publishedMessages().size();

        service.cloud().notice(abroad, true);

        List<String> published = publishedMessages();
        assertEquals(before + 1, published.size());
        assertTrue(
                published.getLast().contains(abroad.id()) && published.getLast().contains("eu-west-1"),
                published.getLast());
    }

    private List<String> publishedMessages() {
        var topics = service.cloud().state().topics();
        return topics
                .messages(topics.arns().stream()
                        .filter(arn -> arn.contains("Generous"))
                        .findFirst()
                        .orElseThrow())
                .stream()
                .map(message -> message.subject() + "\n" + message.text())
                .toList();
    }

    private SpotUrl.Answer ask(String stack, RequestBody ask) throws Exception {
        return new SpotUrl(service.output(stack, "Url"), LocalDeployment.HOME).post(ask.toString(), service.caller());
    }
}
