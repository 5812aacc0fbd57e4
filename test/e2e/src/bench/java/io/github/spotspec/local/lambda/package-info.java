/** Execution environments as the benchmark starts them. */
@NullMarked
package io.github.spotspec.local.lambda;

import org.jspecify.annotations.NullMarked;
