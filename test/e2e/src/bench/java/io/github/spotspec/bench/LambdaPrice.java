package io.github.spotspec.bench;

/**
 * What Lambda charges for arm64, the construct's default, in us-east-1 without the free tier ("AWS Lambda pricing", as
 * published in 2026). SnapStart costs nothing more for Java.
 */
final class LambdaPrice {
    private static final double USD_PER_GIB_SECOND = 0.0000133334;
    private static final double USD_PER_MILLION_REQUESTS = 0.20;
    private static final double MIB_PER_GIB = 1_024;
    private static final double MILLION = 1_000_000;
    private static final double MILLIS_PER_SECOND = 1_000;

    private LambdaPrice() {}

    /** Returns what a million requests of this duration cost in US dollars. Lambda rounds each up to a millisecond. */
    static double ofMillion(int memoryMiB, double millis) {
        double seconds = MILLION * Math.ceil(millis) / MILLIS_PER_SECOND;
        return USD_PER_MILLION_REQUESTS + seconds * memoryMiB / MIB_PER_GIB * USD_PER_GIB_SECOND;
    }

    /** Returns what some requests of this duration cost in US dollars. */
    static double of(int requests, int memoryMiB, double millis) {
        return requests / MILLION * ofMillion(memoryMiB, millis);
    }
}
