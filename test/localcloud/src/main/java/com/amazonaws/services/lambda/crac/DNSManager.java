package com.amazonaws.services.lambda.crac;

/**
 * Replaces a class of AWS's runtime client that has native code, and that {@link ContextImpl} calls before a snapshot.
 * Only {@link io.github.spotspec.local.lambda.JavaRuntime} uses it, whose class path has this class before AWS's.
 */
final class DNSManager {
    private DNSManager() {}

    /** Does nothing, because the local cloud takes no snapshot that could contain old addresses. */
    static void clearCache() {}
}
