package io.github.spotspec.acceptance;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What makes an instance end that an administrator launches for the run, if this process is killed. No keeper ends such
 * an instance.
 */
final class OwnLaunch {
    /** Ends the instance instead of stopping it when it shuts down. */
    static final String SHUTDOWN_BEHAVIOR = "terminate";

    /** Shuts the instance down an hour after its start, in Base64. */
    static final String USER_DATA =
            Base64.getEncoder().encodeToString("#!/bin/sh\nshutdown -h +60\n".getBytes(StandardCharsets.UTF_8));

    private OwnLaunch() {}
}
