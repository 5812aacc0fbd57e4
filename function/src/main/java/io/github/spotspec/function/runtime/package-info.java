/**
 * Common parts of the functions: SDK clients and their errors, parallel calls, caches, a request's deadline and call
 * budget, the clock, JSON, hashes, the log and metrics.
 */
@NullMarked
package io.github.spotspec.function.runtime;

import org.jspecify.annotations.NullMarked;
