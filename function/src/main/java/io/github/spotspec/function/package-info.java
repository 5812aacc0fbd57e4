/**
 * The Lambda function behind the URL. Data flows one way: event, authenticated caller, validated request, credentials,
 * task, answer. Only {@code http} knows HTTP. The calls to AWS are in {@code ec2}, {@code launch} and
 * {@code termination}, and in {@code credentials} and {@code secret}.
 */
@NullMarked
package io.github.spotspec.function;

import org.jspecify.annotations.NullMarked;
