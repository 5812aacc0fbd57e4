package io.github.spotspec.local.lambda;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.wire.AwsError;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ConcurrencyTest {
    private static final String ONE = "arn:aws:lambda:us-west-2:111122223333:function:one";
    private static final String OTHER = "arn:aws:lambda:us-west-2:111122223333:function:other";
    private static final String ABROAD = "arn:aws:lambda:us-east-1:111122223333:function:one";

    private final Concurrency concurrency = new Concurrency();

    private void reserve(String function, int executions) {
        concurrency.reserve(function, OptionalInt.of(executions));
    }

    private void assertThrottled(String function) {
        AwsError error = assertThrows(AwsError.class, () -> concurrency.enter(function));
        assertEquals(429, error.status());
        assertEquals("TooManyRequestsException", error.code());
    }

    @Test
    void limitsConcurrentExecutions() {
        reserve(ONE, 2);
        concurrency.enter(ONE);
        concurrency.enter(ONE);

        assertThrottled(ONE);
        concurrency.enter(OTHER);
        concurrency.leave(ONE);
        concurrency.enter(ONE);
        assertThrottled(ONE);
    }

    @Test
    void zeroReservationStopsFunction() {
        reserve(ONE, 0);
        assertThrottled(ONE);

        concurrency.reserve(ONE, OptionalInt.empty());

        assertDoesNotThrow(() -> concurrency.enter(ONE));
    }

    @Test
    void keepsHundredExecutionsUnreserved() {
        reserve(ONE, 900);

        AwsError error = assertThrows(AwsError.class, () -> reserve(OTHER, 1));

        assertEquals("InvalidParameterValueException", error.code());
        assertDoesNotThrow(() -> reserve(ABROAD, 900));
        assertDoesNotThrow(() -> reserve(ONE, 899));
        assertDoesNotThrow(() -> reserve(OTHER, 1));
    }

    @Test
    void functionsOfARegionShareTheQuota() {
        concurrency.quota(2);
        concurrency.enter(ONE);
        concurrency.enter(OTHER);

        assertThrottled(ONE);
        assertThrottled(OTHER);
        assertDoesNotThrow(() -> concurrency.enter(ABROAD));
        concurrency.leave(OTHER);
        assertDoesNotThrow(() -> concurrency.enter(ONE));
    }

    @Test
    void reservedConcurrencyIsTakenFromTheQuotaOfTheOthers() {
        concurrency.quota(102);
        reserve(ONE, 1);
        for (int i = 0; i < 101; i++) {
            concurrency.enter(OTHER);
        }

        assertThrottled(OTHER);
        assertDoesNotThrow(() -> concurrency.enter(ONE));
        assertThrottled(ONE);
    }

    @Test
    void smallQuotaStaysUnreserved() {
        concurrency.quota(10);

        AwsError error = assertThrows(AwsError.class, () -> reserve(ONE, 1));

        assertEquals("InvalidParameterValueException", error.code());
        assertDoesNotThrow(() -> reserve(ONE, 0));
        assertThrottled(ONE);
    }
}
