package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.services.iam.Role;
import software.constructs.Construct;

/**
 * Why what cdk-nag's pack AwsSolutions finds here stays as it is. The reasons stand in the metadata of the resources, where
 * cdk-nag looks for them: an app that imports the construct and checks itself then reports them, rather than failures that its
 * authors could neither mend nor explain. Metadata changes nothing that is deployed, and needs nothing of cdk-nag here.
 */
final class NagSuppressions {
    private NagSuppressions() {}

    /** Says why a policy has resources with a wildcard. Actions with one would still be found. */
    static void anyResource(Construct policy, String reason) {
        // A sorted map, since others change their order from one JVM to the next.
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

    /** Says, as {@link #anyResource(Construct, String)} does, why the policy of a role's own has such resources. */
    static void anyResource(Role role, String reason) {
        anyResource((Construct) role.getNode().findChild("DefaultPolicy"), reason);
    }

    /** Says why a secret is not rotated. */
    static void noRotation(Construct secret, String reason) {
        add(secret, new TreeMap<>(Map.of("id", "AwsSolutions-SMG4", "reason", reason)));
    }

    private static void add(Construct construct, Map<String, Object> suppression) {
        CfnResource resource =
                (CfnResource) Objects.requireNonNull(construct.getNode().getDefaultChild());
        resource.addMetadata("cdk_nag", Map.of("rules_to_suppress", List.of(suppression)));
    }
}
