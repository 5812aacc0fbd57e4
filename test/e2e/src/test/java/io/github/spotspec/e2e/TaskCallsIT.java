package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Counts the EC2 calls of tasks in one region, from which {@code docs/scale.md} derives how many requests EC2's limits
 * allow.
 */
@ExtendWith(SharedDeployment.class)
final class TaskCallsIT {
    private static final List<String> REGIONS = List.of(LocalDeployment.HOME);
    private static final String TYPE = "m7g.large";

    private final LocalDeployment service;
    private final LoadCaller caller;

    TaskCallsIT(LocalDeployment service) throws IOException {
        this.service = service;
        this.caller = new LoadCaller(
                service,
                ScaleApp.deploy(service),
                "counted",
                Instant.now().plus(Duration.ofMinutes(1)),
                new Random(0),
                new LoadRecord());
    }

    @BeforeEach
    void fillCaches() throws Exception {
        service.clear();
        ask(RequestBody.launch(TYPE));
    }

    @AfterEach
    void clear() {
        service.clear();
    }

    /** Sends a request, and returns how often it called an action of EC2. */
    private long calls(String action, RequestBody ask) throws Exception {
        service.cloud().state().authorizer().auditTrail().forgetRequests();
        ask(ask);
        return service.calls("ec2:" + action);
    }

    private SpotUrl.Answer ask(RequestBody ask) throws Exception {
        SpotUrl.Answer answer = caller.send(ask.with("regions", REGIONS));
        assertEquals(200, answer.status(), answer.text());
        return answer;
    }

    /** Launches an instance, and returns a request for it. */
    private RequestBody onNewInstance(String task) throws Exception {
        String id = service.instances(ask(RequestBody.launch(TYPE))).getFirst().id();
        return RequestBody.to(task).with("instanceIds", id);
    }

    private static RequestBody fleetLaunch() {
        return RequestBody.launch(TYPE).with("allocation", "price-capacity-optimized");
    }

    @Test
    void everyTaskMakesFewCallsOfTheActionThatLimitsIt() throws Exception {
        assertEquals(
                1, calls("DescribeSpotPriceHistory", RequestBody.to("price").with("types", "c7g.large")));
        assertEquals(
                0, calls("DescribeSpotPriceHistory", RequestBody.to("price").with("types", "c7g.large")));
        assertEquals(
                1, calls("DescribeSpotPriceHistory", RequestBody.to("history").with("types", TYPE)));
        assertEquals(1, calls("DescribeInstances", RequestBody.to("instances")));
        assertEquals(1, calls("DescribeInstances", RequestBody.to("cost")));
        assertEquals(1, calls("DescribeSpotInstanceRequests", RequestBody.to("requests")));
        assertEquals(1, calls("RunInstances", RequestBody.launch(TYPE)));
        assertEquals(1, calls("RunInstances", RequestBody.launch(TYPE).with("dryRun", true)));
        assertEquals(1, calls("CreateFleet", fleetLaunch()));
        assertEquals(1, calls("CreateLaunchTemplate", fleetLaunch()));
        assertEquals(1, calls("DescribeInstances", onNewInstance("console")));
        assertEquals(2, calls("CreateTags", onNewInstance("extend").with("lease", "9h")));
        assertEquals(1, calls("TerminateInstances", onNewInstance("end")));
        assertEquals(3, calls("DescribeInstances", onNewInstance("end")));
        assertEquals(1, calls("TerminateInstances", onNewInstance("terminate")));
        String request = Objects.requireNonNull(service.alive().getFirst().spotRequest());
        assertEquals(
                1,
                calls("CancelSpotInstanceRequests", RequestBody.to("cancel").with("spotInstanceRequestIds", request)));
    }
}
