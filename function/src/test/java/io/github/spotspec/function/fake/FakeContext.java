package io.github.spotspec.function.fake;

import io.github.spotspec.function.priming.StubContext;
import java.util.function.IntSupplier;

/** The Lambda context of an invocation in a test. */
public final class FakeContext extends StubContext {
    private final IntSupplier remainingMillis;

    /** Creates the context of an invocation whose remaining time the test controls. */
    public FakeContext(IntSupplier remainingMillis) {
        this.remainingMillis = remainingMillis;
    }

    /** Creates the context of an invocation for which no time passes. */
    public FakeContext(int remainingMillis) {
        this(() -> remainingMillis);
    }

    @Override
    public String getAwsRequestId() {
        return "request-1";
    }

    @Override
    public String getFunctionName() {
        return "spot";
    }

    @Override
    public int getRemainingTimeInMillis() {
        return remainingMillis.getAsInt();
    }
}
