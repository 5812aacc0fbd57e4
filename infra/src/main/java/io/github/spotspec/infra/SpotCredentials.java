package io.github.spotspec.infra;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.secretsmanager.ISecret;

/**
 * The operator, which is the identity that calls EC2 for the service, and the source of its credentials. Immutable and
 * thread-safe.
 *
 * <ul>
 *   <li>{@link #user()}, the default: an IAM user that the stack creates, with its access key in a secret
 *   <li>{@link #secret}: the owner of the access key in an existing secret
 *   <li>{@link #functionRole()}: the function's own role, without a user, a key, a secret or MFA
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
     * Uses an IAM user, which the stack creates, as the operator. The stack attaches the policies to the user, and
     * stores the user's access key in a secret that only the function may read.
     */
    public static SpotCredentials user() {
        return new SpotCredentials(Kind.USER, null);
    }

    /**
     * Uses the owner of the access key in an existing secret as the operator. The secret is a JSON object with
     * {@code accessKeyId} and {@code secretAccessKey}. Optional keys are {@code serialNumber}, the ARN of the
     * operator's MFA device, and {@code userData}, base64 for launches that send no user data.
     *
     * <p>The stack attaches policies only to identities that it creates. Attach {@link SpotService#getPolicies} to the
     * operator yourself, and no other policy. By default, tasks that cost or destroy need MFA, and the secret then
     * needs {@code serialNumber}. If the secret is encrypted with a customer managed key that {@code secret} does not
     * name, that key's policy must let the function's role decrypt.
     *
     * @param secret a secret in the service's home region; you may import it by its name or by a partial ARN
     */
    public static SpotCredentials secret(ISecret secret) {
        return new SpotCredentials(Kind.SECRET, Validate.argumentNotNull("secret", secret));
    }

    /**
     * Uses the function's own role as the operator, and attaches the policies to it. No long-term key exists that could
     * leak. But a role has no MFA device, so everyone who may call the URL may do all that the deployment allows.
     */
    public static SpotCredentials functionRole() {
        return new SpotCredentials(Kind.FUNCTION_ROLE, null);
    }

    /** Returns whether the stack creates the operator, with an access key and a secret. */
    boolean isUser() {
        return kind == Kind.USER;
    }

    boolean isFunctionRole() {
        return kind == Kind.FUNCTION_ROLE;
    }

    /** Returns the existing secret, or null if there is none. */
    @Nullable
    ISecret existing() {
        return secret;
    }
}
