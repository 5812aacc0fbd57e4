package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests the limit of what instances may cost: one US dollar. An instance with a price of 0.06 US dollars an hour and a
 * lease of four hours counts as 0.24, and the rest of the minute in which the lease ends as up to 0.001.
 */
@ExtendWith(SharedDeployment.class)
final class BudgetIT {
    private static final String TASKS = "\"tasks\":[\"launch\",\"extend\",\"end\"]";

    private final LocalDeployment service;
    private final TokenService capped;

    BudgetIT(LocalDeployment service) throws Exception {
        if (service.cloud().stacks().find(LocalDeployment.HOME, CappedApp.STACK) == null) {
            service.deployOther(CappedApp::stacks, service.callerArn());
        }
        this.service = service;
        this.capped = new TokenService(service, CappedApp.STACK);
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    private static RequestBody launch(int count) {
        return RequestBody.launch("m7g.large")
                .with("count", count)
                .with("lease", "4h")
                .with("price", "0.06");
    }

    private static void assertRefused(SpotUrl.Answer answer, String... numbers) {
        assertEquals("BudgetExceeded", answer.error(), answer.text());
        assertEquals(409, answer.status());
        for (String number : numbers) {
            assertTrue(answer.text().contains(number), answer.text());
        }
    }

    private static void assertCommitted(String least, SpotUrl.Answer answer, String budget) {
        assertEquals(200, answer.status(), answer.text());
        BigDecimal committed = new BigDecimal(
                answer.json().path("meta").path(budget).path("committed").asText());
        BigDecimal expected = new BigDecimal(least);
        assertTrue(
                committed.compareTo(expected) >= 0 && committed.compareTo(expected.add(new BigDecimal("0.008"))) < 0,
                answer.text());
    }

    @Test
    void capLimitsLaunchesAndExtensionsOfAllRegions() throws Exception {
        JsonNode token = capped.mint("{" + TASKS + "}");
        assertRefused(capped.ask(launch(5).toString(), token), "5 × m7g.large × $0.06/h", "maxCommitted", "$1;");
        assertRefused(capped.ask(launch(5).with("dryRun", true).toString(), token), "5 × m7g.large");
        assertEquals(List.of(), service.alive());

        SpotUrl.Answer launched = capped.ask(launch(3).toString(), token);
        assertCommitted("0.72", launched, "budget");
        assertCommitted("0.96", capped.ask(launch(1).with("region", "us-east-1").toString(), token), "budget");
        assertRefused(capped.ask(launch(1).toString(), token), "4 living instances");
        RequestBody extend = RequestBody.to("extend")
                .with(
                        "instanceIds",
                        List.of(launched.json()
                                .path("data")
                                .path(0)
                                .path("InstanceId")
                                .asText()));
        assertRefused(capped.ask(extend.with("lease", "8h").toString(), token), "4 living instances", "$1;");

        RequestBody end = RequestBody.to("end")
                .with(
                        "instanceIds",
                        List.of(launched.json()
                                .path("data")
                                .path(1)
                                .path("InstanceId")
                                .asText()));
        assertEquals(200, capped.ask(end.toString(), token).status());
        assertCommitted("0.96", capped.ask(extend.toString(), token), "budget");
        assertEquals(3, service.alive().size());
    }

    @Test
    void tokenLimitsItsOwnInstances() throws Exception {
        JsonNode narrow = capped.mint("{" + TASKS + ",\"committed\":\"0.5\"}");
        JsonNode wide = capped.mint("{" + TASKS + "}");
        SpotUrl.Answer others = capped.ask(launch(1).toString(), wide);
        assertCommitted("0.24", others, "budget");

        assertRefused(capped.ask(launch(3).toString(), narrow), "'committed' of $0.5");
        SpotUrl.Answer own = capped.ask(launch(2).toString(), narrow);
        assertCommitted("0.48", own, "tokenBudget");
        assertCommitted("0.72", own, "budget");
        assertRefused(capped.ask(launch(1).toString(), narrow), "2 living instances", "'committed' of $0.5");
        RequestBody extend = RequestBody.to("extend")
                .with("lease", "5h")
                .with(
                        "instanceIds",
                        List.of(others.json()
                                .path("data")
                                .path(0)
                                .path("InstanceId")
                                .asText()));
        assertEquals("ScopeExceeded", capped.ask(extend.toString(), narrow).error());
        JsonNode limits =
                capped.ask(RequestBody.to("status").toString(), narrow).json().path("meta");
        assertEquals("1.00", limits.path("maxCommitted").asText());
        assertEquals("0.5", limits.path("committed").asText());
    }

    @Test
    void recordsMaximumPrice() throws Exception {
        JsonNode token = capped.mint("{" + TASKS + "}");

        capped.ask(launch(1).toString(), token);

        assertEquals("0.06", service.alive().getFirst().tags().get("spotspec:max-price"));
    }
}
