package io.github.spotspec.function.operator;

import io.github.spotspec.function.answer.Refusal;

/** Where the operator's keys come from. Implementations are thread-safe. */
public interface OperatorSource {
    /**
     * Returns the operator's keys.
     *
     * @throws Refusal if they cannot be had, or not in time
     */
    OperatorKeys keys(Deadline deadline);

    /**
     * Returns the operator's keys after AWS has refused these.
     *
     * @throws Refusal the same as {@code why} if there are no others
     */
    OperatorKeys insteadOf(OperatorKeys refused, Refusal why, Deadline deadline);
}
