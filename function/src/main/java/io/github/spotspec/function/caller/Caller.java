package io.github.spotspec.function.caller;

import org.jspecify.annotations.Nullable;

/**
 * Whoever asks, once it is known for sure.
 *
 * @param name the ARN of an IAM principal, or {@code token:} and a token's id
 * @param scope what the caller's token covers, or null for a principal, who may do all that the deployment does
 */
public record Caller(String name, @Nullable Scope scope) {}
