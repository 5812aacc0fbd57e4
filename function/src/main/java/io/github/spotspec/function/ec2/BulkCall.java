package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.CallBudget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Calls an EC2 action with many ids. If EC2 or IAM rejects one id, the whole call fails; each id is then tried
 * separately, as far as the request's {@link CallBudget} allows. Ids that EC2 does not know yet are retried. Not
 * thread-safe.
 */
public final class BulkCall {
    private final String action;
    private final String region;
    private final AwsCallContext callContext;
    private final Consumer<List<String>> call;
    private final Map<String, ServiceException> failures = new LinkedHashMap<>();

    /**
     * Creates a bulk call.
     *
     * @param callContext its call budget pays for the calls; once the budget is low, the remaining ids fail for that
     *     reason
     * @param call throws what the SDK throws
     */
    public BulkCall(String action, String region, AwsCallContext callContext, Consumer<List<String>> call) {
        this.action = action;
        this.region = region;
        this.callContext = callContext;
        this.call = call;
    }

    /**
     * Makes the call for all ids, or otherwise one call for each id. Repeats it for ids that EC2 does not know, while
     * they may be the ids of new resources.
     *
     * @return why it failed for some ids, by id
     * @throws ServiceException if it failed for a reason that is not specific to an id, such as throttling
     */
    public Map<String, ServiceException> callUntilVisible(List<String> ids) {
        List<String> unknown = callWithoutWaiting(ids);
        VisibilityWait wait = new VisibilityWait(callContext);
        while (!unknown.isEmpty() && wait.pauseUnlessOver()) {
            unknown = callWithoutWaiting(unknown);
        }
        return withUnknown(unknown);
    }

    /**
     * Makes the call for all ids, or otherwise one call for each id, and does not wait for ids that EC2 does not know.
     *
     * @return why it failed for some ids, by id
     * @throws ServiceException if it failed for a reason that is not specific to an id, such as throttling
     */
    public Map<String, ServiceException> callOnce(List<String> ids) {
        return withUnknown(callWithoutWaiting(ids));
    }

    private Map<String, ServiceException> withUnknown(List<String> unknown) {
        unknown.forEach(id -> failures.put(
                id,
                new ServiceException(
                        ErrorCode.ID_NOT_FOUND, action + " in " + region + " failed: EC2 does not know " + id + ".")));
        return failures;
    }

    /**
     * Makes the call for all ids, and does not wait for ids that EC2 does not show yet. If EC2 names ids that it does
     * not know, repeats the call for the others. If EC2 rejects the call, makes one call for each id.
     *
     * @return the ids that EC2 does not know
     * @throws ServiceException if it failed for a reason that is not specific to an id, such as throttling
     */
    public List<String> callWithoutWaiting(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        try {
            call.accept(ids);
            return List.of();
        } catch (SdkException e) {
            List<String> unknown = new ArrayList<>(Ec2Errors.notFound(e, ids));
            if (!unknown.isEmpty()) {
                unknown.addAll(onEach(
                        List.of(ids.stream().filter(id -> !unknown.contains(id)).toList())));
                return unknown;
            }
            ServiceException failure = Ec2Errors.toException(action, region, e);
            if (!Ec2Errors.mayConcernOneResource(failure)) {
                throw failure;
            }
            if (ids.size() == 1) {
                failures.put(ids.getFirst(), failure);
                return List.of();
            }
        }
        return onEach(ids.stream().map(List::of).toList());
    }

    private List<String> onEach(List<List<String>> parts) {
        List<String> unknown = new ArrayList<>();
        for (List<String> part : parts) {
            if (callContext.callBudget().isLow()) {
                part.forEach(id -> failures.put(id, CallBudget.exhausted()));
            } else {
                unknown.addAll(callWithoutWaiting(part));
            }
        }
        return unknown;
    }
}
