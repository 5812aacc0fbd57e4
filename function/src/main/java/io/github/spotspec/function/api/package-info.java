/**
 * The parts of requests and answers: fields and their syntax, rows, error codes. Imports no other package of the
 * function.
 */
@NullMarked
package io.github.spotspec.function.api;

import org.jspecify.annotations.NullMarked;
