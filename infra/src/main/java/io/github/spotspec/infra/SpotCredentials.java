package io.github.spotspec.infra;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.secretsmanager.ISecret;

/**
 * Who the operator is, which acts on EC2 for the service, and where its credentials come from. Immutable and thread-safe.
 *
 * <ul>
 *   <li>{@link #user()}, the default: an IAM user that the stack makes, with its access key in a secret
 *   <li>{@link #secret}: whomever the access key in an existing secret belongs to
 *   <li>{@link #functionRole()}: the role of the function itself; no user, no key, no secret, and no MFA
 * </ul>
 */
public final class SpotCredentials {
    private enum Kind {
        USER,
        SECRET,
        FUNCTION_ROLE
    }

    private final Kind kind;
    private final @Nullable ISecret secret;

    private SpotCredentials(Kind kind, @Nullable ISecret secret) {
        this.kind = kind;
        this.secret = secret;
    }

    /**
     * The operator is an IAM user of the stack's own. Its policies are attached to it, and its access key is in a secret that
     * only the function may read.
     */
    public static SpotCredentials user() {
        return new SpotCredentials(Kind.USER, null);
    }

    /**
     * The operator is whomever the access key in an existing secret belongs to. The secret is a JSON object with {@code
     * accessKeyId} and {@code secretAccessKey}, and optionally {@code serialNumber}, the ARN of the operator's MFA device, and
     * {@code userData}, base64 for launches that bring none.
     *
     * <p>The stack attaches nothing to an identity that is not its own: give the operator {@link SpotService#getPolicies}, and
     * nothing else. By default acts need MFA, and then the secret needs its {@code serialNumber}. If the secret is encrypted
     * with a key of your own that the secret does not know here, the key's policy must let the function's role decrypt.
     *
     * @param secret of the service's home region; one that is known by its name or a partial ARN will do
     */
    public static SpotCredentials secret(ISecret secret) {
        return new SpotCredentials(Kind.SECRET, Validate.given("secret", secret));
    }

    /**
     * The operator is the function's own role, which gets the policies. There is no long-term key that could leak; but a role
     * has no MFA device, so that whoever may call the URL may do all that the deployment allows.
     */
    public static SpotCredentials functionRole() {
        return new SpotCredentials(Kind.FUNCTION_ROLE, null);
    }

    /** Returns whether the stack makes the operator, with a key and a secret. */
    boolean isUser() {
        return kind == Kind.USER;
    }

    boolean isFunctionRole() {
        return kind == Kind.FUNCTION_ROLE;
    }

    /** Returns the existing secret, if there is one. */
    @Nullable
    ISecret existing() {
        return secret;
    }
}
