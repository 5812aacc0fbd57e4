package io.github.spotspec.function.mfa;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.operator.Access;
import io.github.spotspec.function.operator.Deadline;
import io.github.spotspec.function.operator.Granted;
import io.github.spotspec.function.operator.OperatorKeys;
import io.github.spotspec.function.request.Fields;
import java.time.Duration;
import java.util.Set;

/**
 * Access with MFA. A request for a task that needs it brings a code, or the session that an earlier code opened; any other
 * request may. A rehearsal needs what the act needs, since EC2 lets nobody rehearse what IAM would not let him do. Nothing
 * that one request was granted is kept for another. Immutable and thread-safe.
 */
public final class Mfa implements Access {
    /**
     * How long a session lasts if the request does not say: an hour, as STS has it for roles. That is enough to rehearse, to
     * launch, to look and to end, and little for whoever finds a session that was left lying about.
     */
    private static final Duration USUAL_LIFE = Duration.ofHours(1);

    private final Set<String> tasks;
    private final SessionTokens tokens;
    private final SealedSessions sessions;

    /**
     * Makes the access.
     *
     * @param tasks the names of the tasks that need MFA
     */
    public Mfa(Set<String> tasks, SessionTokens tokens, SealedSessions sessions) {
        this.tasks = Set.copyOf(tasks);
        this.tokens = tokens;
        this.sessions = sessions;
    }

    /** Returns the refusal of whatever needs MFA and has none. */
    public static Refusal required(String what) {
        return new Refusal(
                Reason.MFA_REQUIRED,
                what
                        + " needs MFA: give 'mfaCode', the six digits that the operator's MFA device shows now, or 'session',"
                        + " which the answer to an earlier code has in its meta.");
    }

    @Override
    public Way prepare(Fields fields) {
        String task = fields.require(Fields.TASK);
        String code = fields.get(Fields.MFA_CODE, "");
        String session = fields.get(Fields.SESSION);
        if (session != null) {
            if (!code.isEmpty()) {
                throw new Refusal(
                        Reason.INVALID_REQUEST,
                        "'mfaCode' and 'session' mean the same; give one of them. A code is good only once.");
            }
            return (keys, caller, now, deadline) ->
                    sessions.open(session, caller, now, deadline).granted(null);
        }
        if (!code.isEmpty()) {
            Integer seconds = fields.get(Fields.DURATION_SECONDS);
            Duration life = seconds == null ? USUAL_LIFE : Duration.ofSeconds(seconds);
            return (keys, caller, now, deadline) -> open(keys, code, life, caller, deadline);
        }
        if (tasks.contains(task)) {
            throw required("Task " + task);
        }
        return (keys, caller, now, deadline) -> Granted.withoutMfa(keys);
    }

    private Granted open(OperatorKeys keys, String code, Duration life, String caller, Deadline deadline) {
        // The seal is made ready first, so that no code is used up for a session that cannot be sealed.
        Seal seal = sessions.seal(deadline);
        Upgraded upgraded = tokens.get(keys, code, life, deadline);
        return upgraded.granted(sessions.close(seal, upgraded, caller));
    }
}
