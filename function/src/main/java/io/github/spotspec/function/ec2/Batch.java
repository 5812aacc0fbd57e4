package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.operator.Allowance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Calls of EC2 that take many ids. One id that EC2 or IAM refuses fails the call for all, so that then each is tried by
 * itself, as far as the request's {@link Allowance} goes.
 */
public final class Batch {
    private Batch() {}

    /**
     * Makes a call for all ids, or else one for each.
     *
     * @param allowance of the request; once it is scarce, the other ids are refused for that
     * @param call throws what the SDK throws
     * @return why it was refused for some, by id
     * @throws Refusal if it failed for a reason that is not an id's, such as throttling
     */
    public static Map<String, Refusal> call(
            String action, String region, List<String> ids, Allowance allowance, Consumer<List<String>> call) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        try {
            call.accept(ids);
            return Map.of();
        } catch (SdkException e) {
            Refusal refusal = Ec2Errors.refusal(action, region, e);
            if (!mayBeOfOne(refusal)) {
                throw refusal;
            }
            if (ids.size() == 1) {
                return Map.of(ids.getFirst(), refusal);
            }
        }
        Map<String, Refusal> refused = new LinkedHashMap<>();
        for (String id : ids) {
            refused.putAll(
                    allowance.isScarce()
                            ? Map.of(id, Allowance.refusal())
                            : call(action, region, List.of(id), allowance, call));
        }
        return refused;
    }

    private static boolean mayBeOfOne(Refusal refusal) {
        return refusal.reason() == Reason.NOT_AUTHORIZED || refusal.reason() == Reason.EC2_REFUSED;
    }
}
