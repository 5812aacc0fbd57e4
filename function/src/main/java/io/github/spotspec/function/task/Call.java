package io.github.spotspec.function.task;

import java.time.Instant;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * What an act needs beside its request.
 *
 * @param operator the credentials for this call, and for no other
 * @param now when the request came
 * @param deadline when the answer must be ready
 */
public record Call(AwsCredentialsProvider operator, Instant now, Instant deadline) {}
