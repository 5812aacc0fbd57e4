package io.github.spotspec.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccessKey;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * The operator: the identity that calls EC2, with the user, policies, key and secret that {@link SpotCredentials}
 * requires.
 */
final class Operator {
    private final Construct scope;
    private final @Nullable User user;
    private final List<ManagedPolicy> policies;
    private final @Nullable ISecret secret;

    /**
     * Creates what the operator needs.
     *
     * @param functionRole the function's role, which may be the operator
     */
    Operator(Construct scope, SpotPolicy statements, Role functionRole, SpotServiceProps props) {
        this.scope = scope;
        SpotCredentials credentials = props.credentials;
        user = credentials.isUser() ? User.Builder.create(scope, "Operator").build() : null;
        policies = createPolicies(statements, credentials.isFunctionRole() ? functionRole : null);
        secret = user == null ? credentials.existing() : createSecret(user, props);
    }

    @Nullable
    User user() {
        return user;
    }

    List<ManagedPolicy> policies() {
        return policies;
    }

    @Nullable
    ISecret secret() {
        return secret;
    }

    @Nullable
    String serialNumber() {
        return user == null ? null : serialNumber(user);
    }

    /**
     * Creates the operator's policies. There are several, because a single policy would be longer than IAM allows.
     *
     * @param role the role that is the operator, or null if the operator is not a role
     */
    private List<ManagedPolicy> createPolicies(SpotPolicy statements, @Nullable Role role) {
        List<ManagedPolicy> created = new ArrayList<>();
        created.add(
                createPolicy("OperatorPolicy", "What the spot service may read.", statements.readStatements(), role));
        if (!statements.launchStatements().isEmpty()) {
            created.add(createPolicy(
                    "OperatorLaunchPolicy", "What the spot service may launch.", statements.launchStatements(), role));
        }
        if (!statements.fleetStatements().isEmpty()) {
            created.add(createPolicy(
                    "OperatorFleetPolicy",
                    "How the spot service may use EC2 Fleet.",
                    statements.fleetStatements(),
                    role));
        }
        if (!statements.managedStatements().isEmpty()) {
            created.add(createPolicy(
                    "OperatorActsPolicy",
                    "What the spot service may do to its own.",
                    statements.managedStatements(),
                    role));
        }
        return List.copyOf(created);
    }

    private ManagedPolicy createPolicy(
            String id, String description, List<PolicyStatement> statements, @Nullable Role role) {
        ManagedPolicy policy = ManagedPolicy.Builder.create(scope, id)
                .description(description)
                .users(user == null ? null : List.of(user))
                .roles(role == null ? null : List.of(role))
                .statements(statements)
                .build();
        QuotaValidation.of(policy);
        NagSuppressions.anyResource(
                policy,
                "The ids of new resources are not known in advance, and EC2's read actions have no resource-level"
                        + " permissions; conditions on region, tags and the deployment's limits apply instead.");
        return policy;
    }

    private String serialNumber(User user) {
        return Stack.of(scope)
                .formatArn(ArnComponents.builder()
                        .service("iam")
                        .region("")
                        .resource("mfa")
                        .resourceName(user.getUserName())
                        .build());
    }

    private Secret createSecret(User user, SpotServiceProps props) {
        AccessKey key =
                AccessKey.Builder.create(scope, "OperatorKey").user(user).build();
        Map<String, SecretValue> value = new LinkedHashMap<>();
        // An access key's id alone is not secret. CloudFormation fills in both values, and the template contains
        // neither.
        value.put("accessKeyId", SecretValue.unsafePlainText(key.getAccessKeyId()));
        value.put("secretAccessKey", key.getSecretAccessKey());
        // Present even if no task needs MFA yet. If it were added later, CloudFormation would rewrite the whole secret.
        value.put("serialNumber", SecretValue.unsafePlainText(serialNumber(user)));
        Secret secret = Secret.Builder.create(scope, "OperatorSecret")
                .description("The access key of the spot service's operator, and its MFA device's serial number.")
                .secretObjectValue(value)
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        if (props.rotateKeyEvery == null) {
            NagSuppressions.noRotation(
                    secret,
                    "The key in it is rotated if 'rotateKeyEvery' is set. A key that is stored in it manually is used"
                            + " without a redeployment.");
        }
        return secret;
    }
}
