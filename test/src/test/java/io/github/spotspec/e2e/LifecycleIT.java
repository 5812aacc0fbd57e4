package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.CdkCli;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of a stack: deployed, deployed again, destroyed. */
final class LifecycleIT {
    private static final String STACK = "Spotspec";

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

            // As on AWS, a user that has an MFA device is in the way, until an administrator takes it away.
            MfaDevice.enrol(service, STACK);
            String failed = String.valueOf(
                    assertThrows(CdkCli.Failed.class, () -> service.cdk(Deployed.PROJECT, "destroy", "--force"))
                            .getMessage());
            assertTrue(failed.contains("Cannot delete entity, must delete MFA device first."), failed);
            assertEquals("DELETE_FAILED", service.stack(STACK).status());
            MfaDevice.remove(service, STACK);

            service.cdk(Deployed.PROJECT, "destroy", "--force");
            assertNull(service.cloud().stacks().find(Deployed.HOME, STACK));
            assertEquals(before, service.cloud().world().everything());
        }
    }
}
