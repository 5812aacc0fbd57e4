package io.github.spotspec.function.runtime;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Limits how many EC2 calls a request may make, so that no request uses up the call rate that EC2 grants to the whole
 * account. Like a {@link Deadline}, it has two limits: after the first the request starts no new operations, and after
 * the second it makes no calls at all. Thread-safe.
 *
 * <p>The budget is charged where calls are sent: {@link AwsCallContext#authorize} attaches it to each call, and an
 * interceptor in the EC2 clients charges it for each attempt. Therefore it also covers pages and the SDK's own retries,
 * and no task can forget it, as could happen if each task counted its own loops. A call that {@link JdkHttpClient}
 * sends again because a connection was closed counts as one attempt.
 */
public final class CallBudget {
    /**
     * Approximately the largest sensible request: the prices of all pools in 35 regions. The largest region has about
     * 25 pages, and up to three more because each operating system is queried separately.
     */
    private static final int MAX_CALLS = 1_000;

    /**
     * The calls that are reserved for checking the outcome of operations that have started. If a request ends instances
     * in 40 regions at the same time, each region needs one more round of cancelling, terminating and checking, of at
     * most ten calls. A launch needs fewer because it uses one region.
     */
    private static final int RESERVED_CALLS = 400;

    private static final ExecutionAttribute<CallBudget> OF_CALL = new ExecutionAttribute<>("spotspec.callBudget");

    private final AtomicInteger remaining;

    private CallBudget(int calls) {
        this.remaining = new AtomicInteger(calls);
    }

    /** Returns the budget of a new request. */
    public static CallBudget forRequest() {
        return new CallBudget(MAX_CALLS);
    }

    /** Returns an unlimited budget for operations that no request asks for. */
    static CallBudget unlimited() {
        return new CallBudget(Integer.MAX_VALUE);
    }

    /** Returns whether only the reserved calls are left, so that the request must not start new operations. */
    public boolean isLow() {
        return remaining.get() <= RESERVED_CALLS;
    }

    /** Returns the exception for a request that needs more calls than it may make. */
    public static ServiceException exhausted() {
        return new ServiceException(
                ErrorCode.TOO_MANY_CALLS,
                "The request needs more EC2 calls than the maximum of " + MAX_CALLS
                        + "; ask for less at a time: fewer regions, types, products, zones or ids, or a shorter"
                        + " window.");
    }

    /** Charges a call to this budget. */
    void attachTo(AwsRequestOverrideConfiguration.Builder call) {
        call.putExecutionAttribute(OF_CALL, this);
    }

    /** Returns an interceptor that charges each attempt of a client's calls to the budget attached to the call. */
    public static ExecutionInterceptor interceptor() {
        return new ExecutionInterceptor() {
            @Override
            public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                CallBudget budget = attributes.getAttribute(OF_CALL);
                if (budget != null) {
                    budget.spend();
                }
            }
        };
    }

    private void spend() {
        if (remaining.getAndUpdate(calls -> Math.max(0, calls - 1)) == 0) {
            throw exhausted();
        }
    }
}
