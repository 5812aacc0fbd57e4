package io.github.spotspec.function.fake;

import org.jspecify.annotations.Nullable;

/** A secret in Secrets Manager, with its current value and the one before. Thread-safe. */
public final class FakeSecret {
    private String value;
    private @Nullable String before;
    private int reads;

    FakeSecret(String value) {
        this.value = value;
    }

    /** Gives it a new value; the current one becomes the one before. */
    public synchronized void holds(String now) {
        before = value;
        value = now;
    }

    public synchronized int reads() {
        return reads;
    }

    synchronized Said answer(String body) {
        reads++;
        String asked = body.contains("AWSPREVIOUS") ? before : value;
        return asked == null
                ? new Said(400, "{\"__type\":\"ResourceNotFoundException\"}")
                : new Said(
                        200,
                        "{\"ARN\":\"arn\",\"Name\":\"n\",\"SecretString\":\"" + FakePriceList.escaped(asked) + "\"}");
    }
}
