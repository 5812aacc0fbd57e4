/**
 * The parts of requests and answers: fields and their syntax, rows, error codes. Imports only {@code runtime} from the
 * function's other packages.
 */
@NullMarked
package io.github.spotspec.function.api;

import org.jspecify.annotations.NullMarked;
