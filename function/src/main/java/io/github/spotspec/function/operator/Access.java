package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.request.Fields;
import java.time.Instant;

/** How a request comes by credentials of the operator. Implementations are thread-safe. */
@FunctionalInterface
public interface Access {
    /**
     * Reads and checks what the request brings to be let in, before any credentials are touched.
     *
     * @throws Refusal if that is not enough for what it asks
     */
    Way prepare(Fields fields);

    /** What a request brought, ready to be turned into credentials. */
    @FunctionalInterface
    interface Way {
        /**
         * Returns the credentials for this request, and for no other.
         *
         * @param keys the operator's own
         * @param caller the ARN of whoever asks
         * @param now when the request came
         * @throws Refusal if what it brought is not accepted; one that comes after an MFA code was taken has a session
         */
        Granted grant(OperatorKeys keys, String caller, Instant now, Deadline deadline);
    }

    /** Returns the access of a deployment in which no task needs MFA: with the operator's own key, whatever is brought. */
    static Access withoutMfa() {
        return fields -> (keys, caller, now, deadline) -> Granted.withoutMfa(keys);
    }
}
