package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the emergency brake: reserved concurrency 0. */
@ExtendWith(SharedDeployment.class)
final class EmergencyBrakeIT {
    private final LocalDeployment service;
    private final AttackTarget target;

    EmergencyBrakeIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.target = AttackTarget.in(service);
    }

    @Test
    void zeroConcurrencyStopsUrlButNotKeeper() throws Exception {
        List<String> bearer = List.of("authorization", "Bearer " + target.token("{\"tasks\":[\"price\"]}"));
        assertEquals(200, target.url().unsigned(AttackTarget.PRICE, bearer).status());
        String url = target.output("Url");
        try {
            target.deploy("0");
            int before = service.cloud().state().host().invocations();

            assertEquals(429, target.url().unsigned(AttackTarget.PRICE, bearer).status());
            assertEquals(
                    429, target.url().unsigned(AttackTarget.PRICE, List.of()).status());
            assertEquals(before, service.cloud().state().host().invocations(), "no function may run");
            assertEquals(
                    "{}",
                    target.invoke(
                            "KeeperName",
                            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}",
                            service.cloud().admin()));
        } finally {
            target.deploy();
        }
        assertEquals(url, target.output("Url"));
        assertEquals(200, target.url().unsigned(AttackTarget.PRICE, bearer).status());
    }
}
