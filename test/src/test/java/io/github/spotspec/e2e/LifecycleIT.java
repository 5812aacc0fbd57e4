package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of a stack: deployed, deployed again, destroyed. */
final class LifecycleIT {
    @Test
    void aStackIsDeployedOnceAndLeavesNothingBehind() throws Exception {
        try (Deployed service = Deployed.nothing()) {
            List<String> before = service.cloud().world().everything();

            service.deploy();
            assertEquals(
                    200,
                    service.url()
                            .post("{\"task\":\"price\",\"types\":[\"m7g.large\"]}", service.caller())
                            .status());
            assertFalse(service.cloud().world().everything().equals(before));

            String again = service.deploy();
            assertTrue(again.contains("no changes"), again);

            service.cdk(Deployed.PROJECT, "destroy", "--force");
            assertNull(service.cloud().stacks().find(Deployed.HOME, "Spotspec"));
            assertEquals(before, service.cloud().world().everything());
        }
    }
}
