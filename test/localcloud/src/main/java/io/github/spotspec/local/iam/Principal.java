package io.github.spotspec.local.iam;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The sender of a request whose signature is verified. */
public sealed interface Principal {
    /** Returns the ARN, as in {@code aws:PrincipalArn} and GetCallerIdentity. */
    String arn();

    /** Returns the account that it belongs to. */
    default String account() {
        return arn().split(":")[4];
    }

    /** Returns the unique id. */
    String userId();

    /**
     * An IAM user, with a long-term key or with a session of GetSessionToken.
     *
     * @param name the user's name
     * @param mfaAt when the session was opened with an MFA code, or null if it was opened without one
     * @param session whether the credentials are those of a session
     */
    record User(
            String name,
            String arn,
            String userId,
            boolean session,
            @Nullable Instant mfaAt) implements Principal {}

    /**
     * A session of a role.
     *
     * @param role the role's name
     * @param roleArn the role's own ARN, which policies name
     */
    record RoleSession(String role, String roleArn, String arn, String userId) implements Principal {}
}
