package io.github.spotspec.function.caller;

import org.jspecify.annotations.Nullable;

/**
 * The authenticated sender of a request.
 *
 * @param name the ARN of an IAM principal, or {@code token:} followed by the id of a token
 * @param scope what the caller's token covers; null for an IAM principal, who may do everything that the deployment
 *     allows
 */
public record Caller(String name, @Nullable Scope scope) {}
