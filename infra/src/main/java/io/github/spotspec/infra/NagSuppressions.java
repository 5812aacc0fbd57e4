package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.services.iam.Role;
import software.constructs.Construct;

/**
 * Reasons to accept the findings of cdk-nag's pack AwsSolutions in this construct. They are in the resources' metadata,
 * where cdk-nag looks for them. So an app that imports the construct and runs cdk-nag gets these reasons, instead of
 * failures that its authors can neither fix nor explain. Metadata does not change what is deployed, and does not
 * require cdk-nag here.
 */
final class NagSuppressions {
    private NagSuppressions() {}

    /** Records why a policy has resources with a wildcard. cdk-nag still reports actions with a wildcard. */
    static void anyResource(Construct policy, String reason) {
        // A sorted map, because the iteration order of other maps differs from one JVM to the next.
        add(
                policy,
                new TreeMap<>(Map.of(
                        "id",
                        "AwsSolutions-IAM5",
                        "reason",
                        reason,
                        "applies_to",
                        List.of(Map.of("regex", "/^Resource::/")))));
    }

    /** Records why a role's default policy has such resources, as {@link #anyResource(Construct, String)} does. */
    static void anyResource(Role role, String reason) {
        anyResource((Construct) role.getNode().findChild("DefaultPolicy"), reason);
    }

    /** Records why a secret is not rotated. */
    static void noRotation(Construct secret, String reason) {
        add(secret, new TreeMap<>(Map.of("id", "AwsSolutions-SMG4", "reason", reason)));
    }

    private static void add(Construct construct, Map<String, Object> suppression) {
        CfnResource resource =
                (CfnResource) Objects.requireNonNull(construct.getNode().getDefaultChild());
        resource.addMetadata("cdk_nag", Map.of("rules_to_suppress", List.of(suppression)));
    }
}
