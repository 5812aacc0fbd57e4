package io.github.spotspec.function.fake;

/** Secrets Manager with one secret. Thread-safe. */
public final class FakeSecret {
    private String value = "{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\"}";
    private int reads;

    public synchronized void holds(String now) {
        value = now;
    }

    public synchronized int reads() {
        return reads;
    }

    synchronized Said answer() {
        reads++;
        return new Said(
                200, "{\"ARN\":\"arn\",\"Name\":\"n\",\"SecretString\":\"" + FakePriceList.escaped(value) + "\"}");
    }
}
