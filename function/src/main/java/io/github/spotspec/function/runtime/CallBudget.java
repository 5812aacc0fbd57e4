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
 * How many calls of EC2 a request may still make, so that none uses up the rate that EC2 grants to the whole account. Like a
 * {@link Deadline}, it ends twice: first nothing more is begun, and later nothing more is asked. Thread-safe.
 *
 * <p>It is counted where calls leave: {@link Operator#authorize} hands it to the SDK with each call, and an interceptor in
 * EC2's clients takes one for each try. So it holds for pages and for what the SDK repeats by itself, too, and no task can
 * forget it, as it could if each counted its own loops. What {@link JdkHttpClient} sends again because a connection was closed
 * is one try.
 */
public final class CallBudget {
    /**
     * About the most that makes sense to ask for at once: the prices of all pools, which are some 25 pages in the largest
     * region, and up to three more since each operating system is asked by itself, in 35 regions.
     */
    private static final int MAX_CALLS = 1_000;

    /**
     * What is kept to look what came of what was begun: in each of 40 regions that end at the same time, one more round of
     * cancelling, terminating and looking, of at most ten calls. A launch, which is in one region, needs less.
     */
    private static final int RESERVED_CALLS = 400;

    private static final ExecutionAttribute<CallBudget> OF_CALL = new ExecutionAttribute<>("spotspec.allowance");

    private final AtomicInteger remaining;

    private CallBudget(int calls) {
        this.remaining = new AtomicInteger(calls);
    }

    /** Returns the allowance of a new request. */
    public static CallBudget forRequest() {
        return new CallBudget(MAX_CALLS);
    }

    /** Returns an allowance without an end, for what nobody asks for from outside. */
    static CallBudget unlimited() {
        return new CallBudget(Integer.MAX_VALUE);
    }

    /** Returns whether nothing more is to be begun. */
    public boolean isLow() {
        return remaining.get() <= RESERVED_CALLS;
    }

    /** Returns the refusal of what would take more calls. */
    public static ServiceException exhausted() {
        return new ServiceException(
                ErrorCode.TOO_MANY_CALLS,
                "It takes more calls of EC2 than one request may make, which is " + MAX_CALLS
                        + "; ask for less at a time: fewer regions, types, products, zones or ids, or a shorter window.");
    }

    /** Has a call taken from this allowance. */
    void attachTo(AwsRequestOverrideConfiguration.Builder call) {
        call.putExecutionAttribute(OF_CALL, this);
    }

    /** Returns what takes each try of a client's calls from the allowance that the call was made with. */
    public static ExecutionInterceptor interceptor() {
        return new ExecutionInterceptor() {
            @Override
            public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                CallBudget allowance = attributes.getAttribute(OF_CALL);
                if (allowance != null) {
                    allowance.spend();
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
