/** Tests of execution environments. */
@NullMarked
package io.github.spotspec.local.lambda;

import org.jspecify.annotations.NullMarked;
