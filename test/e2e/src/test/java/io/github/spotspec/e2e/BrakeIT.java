package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The emergency brake: a service for whose URL no concurrency is left. */
@ExtendWith(SharedDeployment.class)
final class BrakeIT {
    private final LocalDeployment service;
    private final AttackTarget attacked;

    BrakeIT(LocalDeployment service) throws Exception {
        this.service = service;
        this.attacked = AttackTarget.in(service);
    }

    @Test
    void withNoneReservedNobodyGetsInUntilItIsTakenAwayAndTheKeeperGoesOn() throws Exception {
        List<String> bearer = List.of("authorization", "Bearer " + attacked.token("{\"tasks\":[\"price\"]}"));
        assertEquals(200, attacked.url().unsigned(AttackTarget.PRICE, bearer).status());
        String url = attacked.output("Url");
        try {
            attacked.deploy("0");
            int before = service.cloud().world().host().invocations();

            assertEquals(
                    429, attacked.url().unsigned(AttackTarget.PRICE, bearer).status());
            assertEquals(
                    429, attacked.url().unsigned(AttackTarget.PRICE, List.of()).status());
            assertEquals(before, service.cloud().world().host().invocations(), "nothing ran");
            assertEquals(
                    "{}",
                    attacked.invoke(
                            "KeeperName",
                            "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"}",
                            service.cloud().admin()));
        } finally {
            attacked.deploy();
        }
        assertEquals(url, attacked.output("Url"));
        assertEquals(200, attacked.url().unsigned(AttackTarget.PRICE, bearer).status());
    }
}
