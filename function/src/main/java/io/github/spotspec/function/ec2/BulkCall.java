package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.Operator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One call of EC2 that takes many ids. One id that EC2 or IAM refuses fails the call for all, so that then each is tried by
 * itself, as far as the request's {@link CallBudget} goes. Ids that EC2 does not know yet are tried again. Not thread-safe.
 */
public final class BulkCall {
    private final String action;
    private final String region;
    private final Operator operator;
    private final Consumer<List<String>> call;
    private final Map<String, ServiceException> refused = new LinkedHashMap<>();

    /**
     * Makes a batch.
     *
     * @param operator whose allowance it is; once it is scarce, the other ids are refused for that
     * @param call throws what the SDK throws
     */
    public BulkCall(String action, String region, Operator operator, Consumer<List<String>> call) {
        this.action = action;
        this.region = region;
        this.operator = operator;
        this.call = call;
    }

    /**
     * Makes the call for all ids, or else one for each, and repeats it for ids that EC2 does not know, as long as they may be
     * those of things launched a moment ago.
     *
     * @return why it was refused for some, by id
     * @throws ServiceException if it failed for a reason that is not an id's, such as throttling
     */
    public Map<String, ServiceException> onVisible(List<String> ids) {
        List<String> unknown = on(ids);
        VisibilityWait wait = new VisibilityWait(operator);
        while (!unknown.isEmpty() && wait.again()) {
            unknown = on(unknown);
        }
        unknown.forEach(id -> refused.put(
                id,
                new ServiceException(ErrorCode.ID_NOT_FOUND, action + " in " + region + ": EC2 has no " + id + ".")));
        return refused;
    }

    /**
     * Makes the call for all ids, or else one for each, once.
     *
     * @return the ids that EC2 does not know
     * @throws ServiceException if it failed for a reason that is not an id's, such as throttling
     */
    public List<String> on(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        try {
            call.accept(ids);
            return List.of();
        } catch (SdkException e) {
            List<String> unknown = new ArrayList<>(unknown(e, ids));
            if (!unknown.isEmpty()) {
                unknown.addAll(onEach(
                        List.of(ids.stream().filter(id -> !unknown.contains(id)).toList())));
                return unknown;
            }
            ServiceException refusal = Ec2Errors.toException(action, region, e);
            if (!mayBeOfOne(refusal)) {
                throw refusal;
            }
            if (ids.size() == 1) {
                refused.put(ids.getFirst(), refusal);
                return List.of();
            }
        }
        return onEach(ids.stream().map(List::of).toList());
    }

    private List<String> onEach(List<List<String>> parts) {
        List<String> unknown = new ArrayList<>();
        for (List<String> part : parts) {
            if (operator.callBudget().isLow()) {
                part.forEach(id -> refused.put(id, CallBudget.exhausted()));
            } else {
                unknown.addAll(on(part));
            }
        }
        return unknown;
    }

    /** Returns the ids that an error says do not exist; none if it says something else. */
    private static List<String> unknown(SdkException e, List<String> ids) {
        if (!Ec2Errors.code(e).endsWith(".NotFound")) {
            return List.of();
        }
        Set<String> words = new HashSet<>(List.of(String.valueOf(e.getMessage()).split("[^A-Za-z0-9-]+", -1)));
        return ids.stream().filter(words::contains).toList();
    }

    private static boolean mayBeOfOne(ServiceException refusal) {
        return refusal.errorCode() == ErrorCode.NOT_AUTHORIZED || refusal.errorCode() == ErrorCode.EC2_REFUSED;
    }
}
