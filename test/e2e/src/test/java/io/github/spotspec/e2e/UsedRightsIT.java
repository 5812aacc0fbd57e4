package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.iam.AuditTrail;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests that every action in the policies is used. It runs all tasks, the keeper, the minter and a rotation, and
 * compares the policies with the decisions that the local cloud recorded.
 */
final class UsedRightsIT {
    /** The actions that Lambda itself carries out with the role of a function. */
    private static final Set<String> LOGGING = Set.of("logs:CreateLogStream", "logs:PutLogEvents");

    private static final List<String> IDENTITIES =
            List.of("SpotOperator", "SpotFunctionRole", "SpotKeeperRole", "SpotRotationRole", "TokensMinterRole");
    private static final List<String> TYPES = List.of("m7g.large", "c7g.large", "r7g.large");

    @Test
    @Tag("long")
    void everyAllowedActionIsUsed() throws Exception {
        // Needs its own cloud, because EC2 creates the role for Spot once in an account.
        try (LocalDeployment service = LocalDeployment.start()) {
            service.deployOther(AllFeaturesApp::stacks, service.callerArn());
            service.instanceStore().capacity().reset(true);
            runEveryTask(service);
            runKeeper(service);
            mintAndRevoke(service);
            // The second rotation deletes a key. The first came with the deployment.
            assertTrue(
                    service.cloud()
                            .state()
                            .rotations()
                            .rotate(service.cloud().state().secrets().arns().stream()
                                    .filter(arn -> arn.contains(":SpotOperatorSecret"))
                                    .findAny()
                                    .orElseThrow()),
                    "the rotation failed");
            assertFalse(service.cloud().state().logs().lines().isEmpty(), "no log");

            JsonNode template = new ObjectMapper()
                    .readTree(service.stack(AllFeaturesApp.STACK).templateBody());
            for (String identity : IDENTITIES) {
                Set<String> unused = policyActions(template, identity);
                assertFalse(unused.isEmpty(), "no policy of " + identity);
                unused.removeAll(usedActions(service, identity));
                unused.removeAll(LOGGING);
                assertEquals(Set.of(), unused, "unused actions of " + identity);
            }
        }
    }

    private static void runEveryTask(LocalDeployment service) throws Exception {
        Network network = service.cloud().state().network();
        ask(service, RequestBody.to("price").with("types", TYPES).with("with", List.of("onDemand")));
        ask(service, RequestBody.to("price").with("vcpu", "2").with("architecture", "arm64"));
        ask(service, RequestBody.to("history").with("types", TYPES));
        ask(service, RequestBody.to("score").with("types", TYPES).with("count", 1));
        Instance first = launch(service, RequestBody.launch("m7g.large"));
        Instance second = launch(
                service,
                RequestBody.launch("m7g.large")
                        .with(
                                "subnetIds",
                                List.of(network.sharedSubnet(LocalDeployment.HOME)
                                        .id()))
                        .with(
                                "securityGroupIds",
                                List.of(network.sharedGroup(LocalDeployment.HOME)
                                        .id())));
        Instance third = launch(service, RequestBody.launch("m7g.large"));
        ask(service, RequestBody.to("requests"));
        ask(service, RequestBody.to("instances"));
        ask(service, RequestBody.to("cost"));
        ask(service, RequestBody.to("console").with("instanceIds", first.id()));
        ask(
                service,
                RequestBody.to("connect").with("instanceId", first.id()).with("publicKey", RequestBody.PUBLIC_KEY));
        ask(service, RequestBody.to("check"));
        ask(
                service,
                RequestBody.to("extend")
                        .with("instanceIds", first.id())
                        .with("lease", "3h")
                        .with("shorten", true));
        ask(
                service,
                RequestBody.to("cancel").with("spotInstanceRequestIds", Objects.requireNonNull(first.spotRequest())));
        ask(service, RequestBody.to("terminate").with("instanceIds", second.id()));
        ask(service, RequestBody.to("end").with("instanceIds", third.id()));
    }

    private static void runKeeper(LocalDeployment service) throws Exception {
        Instance instance = launch(service, RequestBody.launch("m7g.large").with("endWhenIdle", "10m"));
        service.cloud().notice(instance, true);
        service.instanceStore().backdate(instance, Duration.ofHours(1));
        service.cloud().state().events().fireSchedules(AllFeaturesApp.STACK);
        Map<String, String> past = Map.of("spotspec:lease", "2020-01-01T00:00:00Z");
        service.instanceStore().tag(instance.id(), past);
        service.instanceStore().tag(Objects.requireNonNull(instance.spotRequest()), past);
        // The price list has the hourly cost of an On-Demand Instance.
        for (String zone : List.of("a", "b", "c", "d")) {
            service.instanceStore().capacity().setSpot("c7g.large", LocalDeployment.HOME + zone, 0);
        }
        launch(service, RequestBody.launch("c7g.large").with("onNoCapacity", "onDemand"));
        service.cloud().state().events().fireSchedules(AllFeaturesApp.STACK);
    }

    private static void mintAndRevoke(LocalDeployment service) throws Exception {
        TokenService tokenService = new TokenService(service, AllFeaturesApp.STACK);
        for (String event : List.of("{\"tasks\":[\"price\"]}", "{\"revoke\":\"all\"}")) {
            JsonNode answer = tokenService.mint(event);
            assertFalse(answer.has("error"), answer.toString());
        }
    }

    private static Instance launch(LocalDeployment service, RequestBody launch) throws Exception {
        return service.instances(ask(service, launch)).getFirst();
    }

    private static SpotUrl.Answer ask(LocalDeployment service, RequestBody ask) throws Exception {
        SpotUrl.Answer answer = new SpotUrl(service.output(AllFeaturesApp.STACK, "Url"), LocalDeployment.HOME)
                .post(ask.toString(), service.caller());
        assertEquals(200, answer.status(), ask + ": " + answer.text());
        return answer;
    }

    /** Returns the actions in the policies of an identity, by the prefix of its logical id. */
    private static Set<String> policyActions(JsonNode template, String identity) {
        Set<String> actions = new TreeSet<>();
        for (JsonNode resource : template.path("Resources")) {
            JsonNode properties = resource.path("Properties");
            boolean own = List.of("Users", "Roles").stream()
                    .flatMap(owners -> properties.path(owners).valueStream())
                    .anyMatch(owner -> owner.path("Ref").asText().startsWith(identity));
            if (own) {
                for (JsonNode statement : properties.at("/PolicyDocument/Statement")) {
                    JsonNode action = statement.path("Action");
                    if (action.isTextual()) {
                        actions.add(action.asText());
                    }
                    action.forEach(one -> actions.add(one.asText()));
                }
            }
        }
        return actions;
    }

    /** Returns the actions that were allowed for an identity. */
    private static Set<String> usedActions(LocalDeployment service, String identity) {
        return service.cloud().state().authorizer().auditTrail().decisions().stream()
                .filter(AuditTrail.Decision::allowed)
                .filter(decision -> decision.principalArn().contains("/" + AllFeaturesApp.STACK + "-" + identity))
                .map(AuditTrail.Decision::action)
                .collect(Collectors.toSet());
    }
}
