package io.github.spotspec.function.config;

import org.jspecify.annotations.Nullable;

/**
 * The ARNs of the secrets that a function reads. Immutable and thread-safe.
 *
 * @param operator the secret with the operator's access key; null if the function's role is the operator
 * @param sessions the secret that seals MFA sessions; not null if any task needs MFA
 * @param signing the secret that signs tokens; null if the URL requires signed requests instead of tokens
 * @param revocations the secret that lists revoked tokens; not null if there is a signing secret
 */
public record SecretArns(
        @Nullable String operator,
        @Nullable String sessions,
        @Nullable String signing,
        @Nullable String revocations) {}
