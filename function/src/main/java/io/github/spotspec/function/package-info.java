/**
 * The Lambda function behind the URL. Data flows one way: event, authenticated caller, validated request, credentials,
 * task, answer. Only {@code edge} knows HTTP; only {@code ec2} and {@code operator} talk to AWS.
 */
@NullMarked
package io.github.spotspec.function;

import org.jspecify.annotations.NullMarked;
