package io.github.spotspec.infra;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/** The secrets that nobody brings: Secrets Manager makes them up, and only the service's functions ever read them. */
final class GeneratedSecrets {
    private final Construct scope;
    private final SpotServiceProps props;
    private final @Nullable Secret session;
    private final @Nullable Secret signing;

    GeneratedSecrets(Construct scope, SpotServiceProps props) {
        this.scope = scope;
        this.props = props;
        // A secret of its own: a session that only the operator's key could open would give that key MFA.
        session = props.mfaTasks.isEmpty()
                ? null
                : made(
                        "SessionSecret",
                        "What the spot service seals MFA sessions with.",
                        "and opens what was sealed with the one before.");
        signing = props.urlAuth.longestLife() == null
                ? null
                : made(
                        "SigningSecret",
                        "What the spot service signs tokens with.",
                        "and tokens of the one before stay good until they expire.");
    }

    /** Returns what MFA sessions are sealed with, if any task needs MFA. */
    @Nullable
    Secret session() {
        return session;
    }

    /** Returns what tokens are signed with, if callers bring tokens. */
    @Nullable
    Secret signing() {
        return signing;
    }

    List<Secret> all() {
        return Stream.of(session, signing).filter(Objects::nonNull).toList();
    }

    static @Nullable String arn(@Nullable Secret secret) {
        return secret == null ? null : secret.getSecretArn();
    }

    private Secret made(String id, String description, String whatOfTheOneBefore) {
        Secret made = Secret.Builder.create(scope, id)
                .description(description)
                .generateSecretString(SecretStringGenerator.builder()
                        .passwordLength(64)
                        .excludePunctuation(true)
                        .build())
                .encryptionKey(props.encryptionKey)
                .removalPolicy(props.secretRemovalPolicy)
                .build();
        if (props.rotateKeyEvery == null) {
            NagReasons.noRotation(
                    made,
                    "'rotateKeyEvery' rotates it together with the key of the stack's own user. A value that is put into it is used without a redeploy, "
                            + whatOfTheOneBefore);
        }
        return made;
    }
}
