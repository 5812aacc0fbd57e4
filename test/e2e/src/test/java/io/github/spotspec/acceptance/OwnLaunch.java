package io.github.spotspec.acceptance;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;

/**
 * What makes an instance end that an administrator launches for the run, if this process is killed. No keeper ends such
 * an instance.
 */
final class OwnLaunch {
    /** Ends the instance instead of stopping it when it shuts down. */
    static final String SHUTDOWN_BEHAVIOR = "terminate";

    /** Launches a burstable instance that never uses surplus credits, because they cost ten times its price. */
    static final String CPU_CREDITS = "standard";

    /**
     * Shuts the instance down an hour after each start, in Base64. cloud-init runs user data only at the first start,
     * but EC2 stops and restarts the instance of a persistent request. RunInstances rejects such a request with the
     * interruption behavior {@code terminate}.
     */
    static final String USER_DATA = Base64.getEncoder().encodeToString("""
            #!/bin/sh
            at=/var/lib/cloud/scripts/per-boot
            mkdir -p $at
            printf '#!/bin/sh\\nshutdown -h +60\\n' >$at/end
            chmod +x $at/end
            shutdown -h +60
            """.getBytes(StandardCharsets.UTF_8));

    /** How long EC2 usually needs at most to end an instance. Until then, it counts towards the quota. */
    private static final Duration END = Duration.ofMinutes(5);

    private OwnLaunch() {}

    /** Ends instances and waits until they have ended, because the quota of a new account has room for two. */
    static void end(Run run, Collection<String> instanceIds) throws Exception {
        for (String id : instanceIds) {
            run.ec2().terminateInstances(request -> request.instanceIds(id));
        }
        for (String id : instanceIds) {
            Wait.until(END, () -> run.state(id).equals("terminated"));
        }
    }
}
