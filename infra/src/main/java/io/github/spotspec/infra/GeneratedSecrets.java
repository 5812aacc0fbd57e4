package io.github.spotspec.infra;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/** The secrets that Secrets Manager generates. Only the service's functions read them. */
final class GeneratedSecrets {
    private final Construct scope;
    private final SpotServiceProps props;
    private final @Nullable Secret session;
    private final @Nullable Secret signing;
    private final @Nullable Secret revocations;

    GeneratedSecrets(Construct scope, SpotServiceProps props) {
        this.scope = scope;
        this.props = props;
        // A separate secret, because if the operator's access key could open a session, that key alone would grant MFA.
        session = props.mfaTasks.isEmpty()
                ? null
                : generate(
                        "SessionSecret",
                        "The secret that seals the spot service's MFA sessions.",
                        "and sessions that were sealed with the previous value can still be opened.");
        signing = props.urlAuth.longestLife() == null
                ? null
                : generate(
                        "SigningSecret",
                        "The secret that signs the spot service's tokens.",
                        "and tokens that were signed with the previous value stay valid until they expire.");
        revocations = signing == null ? null : createRevocationList();
    }

    /** Returns the secret that seals MFA sessions, or null if no task needs MFA. */
    @Nullable
    Secret session() {
        return session;
    }

    /** Returns the secret that signs tokens, or null if the URL does not take tokens. */
    @Nullable
    Secret signing() {
        return signing;
    }

    /** Returns the list of revoked tokens, or null if the URL does not take tokens. */
    @Nullable
    Secret revocations() {
        return revocations;
    }

    /** Returns the secrets that keys are derived from. They can be rotated. */
    List<Secret> keys() {
        return Stream.of(session, signing).filter(Objects::nonNull).toList();
    }

    /** Returns all secrets that the function behind the URL reads. */
    List<Secret> all() {
        return Stream.of(session, signing, revocations).filter(Objects::nonNull).toList();
    }

    static @Nullable String arn(@Nullable Secret secret) {
        return secret == null ? null : secret.getSecretArn();
    }

    /**
     * Creates the list of revoked tokens. It is in a secret because the functions have no other storage; its content is
     * not secret. It is not in the signing secret, because a new current version there would become the key.
     */
    private Secret createRevocationList() {
        Secret list = Secret.Builder.create(scope, "RevocationsSecret")
                .description("The list of the spot service's revoked tokens.")
                .secretStringValue(SecretValue.unsafePlainText("{\"ids\":{}}"))
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        NagSuppressions.noRotation(list, "It contains a list of revoked tokens and no credentials.");
        return list;
    }

    private Secret generate(String id, String description, String previousValueNote) {
        Secret secret = Secret.Builder.create(scope, id)
                .description(description)
                .generateSecretString(SecretStringGenerator.builder()
                        .passwordLength(64)
                        .excludePunctuation(true)
                        .build())
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        if (props.rotateKeyEvery == null) {
            NagSuppressions.noRotation(
                    secret,
                    "'rotateKeyEvery' rotates it together with the key of the stack's own user. A value that is"
                            + " stored in it manually is used without a redeployment, "
                            + previousValueNote);
        }
        return secret;
    }
}
