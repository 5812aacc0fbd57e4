package io.github.spotspec.function.credentials;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import java.util.Set;

/**
 * Resolves credentials with MFA. A request for a task that needs MFA carries a code, or the session that an earlier
 * code opened. Any other request may carry one, too. A dry run needs the same MFA as the operation itself, because EC2
 * rejects a dry run of what IAM does not allow. Credentials granted to one request are not kept for another. Immutable
 * and thread-safe.
 */
public final class MfaCredentialsResolver implements CredentialsResolver {
    /**
     * How long a session lasts if the request does not say: one hour, STS's default for roles. One hour is enough to do
     * a dry run, to launch, to check and to end, and limits what others can do with a session that they find.
     */
    private static final Duration DEFAULT_SESSION_DURATION = Duration.ofHours(1);

    private final Set<String> tasks;
    private final StsMfaClient sts;
    private final SessionCodec sessions;

    /**
     * Creates a resolver.
     *
     * @param tasks the names of the tasks that need MFA
     */
    public MfaCredentialsResolver(Set<String> tasks, StsMfaClient sts, SessionCodec sessions) {
        this.tasks = Set.copyOf(tasks);
        this.sts = sts;
        this.sessions = sessions;
    }

    /** Returns the exception for an operation that needs MFA and has none. */
    public static ServiceException required(String what) {
        return new ServiceException(
                ErrorCode.MFA_REQUIRED,
                what
                        + " needs MFA; send 'mfaCode', the six digits that the operator's MFA device shows now, or"
                        + " 'session' from the 'meta' of the answer to an earlier code.");
    }

    @Override
    public CredentialsRequest prepare(Fields fields) {
        String task = fields.require(Fields.TASK);
        String code = fields.get(Fields.MFA_CODE, "");
        String session = fields.get(Fields.SESSION);
        if (session != null) {
            if (!code.isEmpty()) {
                throw new ServiceException(
                        ErrorCode.INVALID_REQUEST,
                        "'mfaCode' and 'session' mean the same; send only one, because a code works only once.");
            }
            return (operatorCredentials, caller, now, deadline) ->
                    sessions.decode(session, caller, now, deadline).resolved(null);
        }
        if (!code.isEmpty()) {
            Integer seconds = fields.get(Fields.DURATION_SECONDS);
            Duration life = seconds == null ? DEFAULT_SESSION_DURATION : Duration.ofSeconds(seconds);
            return (operatorCredentials, caller, now, deadline) ->
                    open(operatorCredentials, code, life, caller, deadline);
        }
        if (tasks.contains(task)) {
            throw required("Task " + task);
        }
        return (operatorCredentials, caller, now, deadline) -> ResolvedCredentials.withoutMfa(operatorCredentials);
    }

    private ResolvedCredentials open(
            OperatorCredentials operatorCredentials, String code, Duration life, String caller, Deadline deadline) {
        // Get the cipher first, so that no code is used up for a session that cannot be sealed.
        SessionCipher cipher = sessions.cipher(deadline);
        MfaCredentials mfaCredentials = sts.getSessionToken(operatorCredentials, code, life, deadline);
        return mfaCredentials.resolved(sessions.encode(cipher, mfaCredentials, caller));
    }
}
