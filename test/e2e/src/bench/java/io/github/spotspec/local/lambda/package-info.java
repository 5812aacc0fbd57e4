/** Execution environments for the benchmark. */
@NullMarked
package io.github.spotspec.local.lambda;

import org.jspecify.annotations.NullMarked;
