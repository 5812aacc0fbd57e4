package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.constructs.Construct;

/** Permissions to use a customer managed key. */
final class KmsGrants {
    private KmsGrants() {}

    /**
     * Returns a statement that lets an identity use a key through one AWS service. The statement belongs to the
     * identity's policy. So it also works for imported keys and keys of other stacks, whose policies this app cannot
     * change.
     */
    static PolicyStatement use(Construct scope, IKey key, String service, List<String> actions) {
        return PolicyStatement.Builder.create()
                .effect(Effect.ALLOW)
                .actions(actions)
                .resources(List.of(key.getKeyArn()))
                .conditions(Map.of(
                        "StringEquals",
                        Map.of("kms:ViaService", service + "." + Stack.of(scope).getRegion() + ".amazonaws.com")))
                .build();
    }

    /**
     * Lets CloudWatch Logs use a key. CloudWatch Logs requires that the key's own policy allows this (CloudWatch Logs
     * user guide, "Encrypt log data"). The statement does not name the log group, because the log group already names
     * the key. An imported key is not changed.
     */
    static void grantLogs(Construct scope, IKey key) {
        Stack stack = Stack.of(scope);
        String logs = stack.formatArn(ArnComponents.builder()
                .service("logs")
                .resource("log-group")
                .resourceName("*")
                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                .build());
        key.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("LogsOfThisAccount")
                .principals(List.of(new ServicePrincipal("logs." + stack.getRegion() + ".amazonaws.com")))
                .actions(List.of(
                        "kms:Encrypt",
                        "kms:Decrypt",
                        "kms:GenerateDataKey",
                        "kms:ReEncryptFrom",
                        "kms:ReEncryptTo",
                        "kms:DescribeKey"))
                .resources(List.of("*"))
                .conditions(Map.of("ArnLike", Map.of("kms:EncryptionContext:aws:logs:arn", logs)))
                .build());
    }
}
