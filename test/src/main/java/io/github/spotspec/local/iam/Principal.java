package io.github.spotspec.local.iam;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who makes a request, once its signature is verified. */
public sealed interface Principal {
    /** Returns the ARN, as {@code aws:PrincipalArn} and GetCallerIdentity know it. */
    String arn();

    /** Returns the unique id. */
    String userId();

    /**
     * An IAM user, with a long-term key or with a session of GetSessionToken.
     *
     * @param name the user's name
     * @param mfaAt when the session was opened with an MFA code, or null if it was not
     * @param session whether the credentials are a session's
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
