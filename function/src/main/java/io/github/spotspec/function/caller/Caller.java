package io.github.spotspec.function.caller;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The authenticated sender of a request.
 *
 * @param name the ARN of an IAM principal, or {@code token:} followed by the id of a token
 * @param scope what the caller's token covers; null for an IAM principal, who may do everything that the deployment
 *     allows
 * @param expires when the caller's token expires; null for an IAM principal
 */
public record Caller(
        String name, @Nullable Scope scope, @Nullable Instant expires) {
    /** Returns an IAM principal. */
    static Caller principal(String arn) {
        return new Caller(arn, null, null);
    }
}
