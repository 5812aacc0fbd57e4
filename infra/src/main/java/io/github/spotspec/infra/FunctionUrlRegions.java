package io.github.spotspec.infra;

import java.util.Set;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Stack;
import software.constructs.Construct;

/**
 * The regions in which Lambda offers Function URLs. The home region of a service must be one of them. The service may
 * act in any region.
 *
 * <p>A region without Function URLs causes a warning and not an error, because Lambda may offer them there by now.
 */
final class FunctionUrlRegions {
    /**
     * The regions without Function URLs (Lambda developer guide, "Creating and managing Lambda function URLs"). The two
     * regions without SnapStart, {@code ap-east-2} and {@code ap-southeast-6}, are among them.
     */
    private static final Set<String> WITHOUT = Set.of(
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "eu-south-2",
            "il-central-1",
            "me-central-1");

    private FunctionUrlRegions() {}

    /** Adds a warning if the stack's region is known and is listed as a region without Function URLs. */
    static void check(Construct scope) {
        String home = Stack.of(scope).getRegion();
        if (WITHOUT.contains(home)) {
            Annotations.of(scope)
                    .addWarningV2(
                            "spotspec:noFunctionUrls",
                            "Lambda does not offer Function URLs in " + home
                                    + " as of this version of spotspec, so the deployment would fail; deploy the stack"
                                    + " in another region, and add "
                                    + home + " to 'regions' so that the service can launch there");
        }
    }
}
