/** Ending things for good: cancel, terminate, look whether it is true, and say what is left. */
@NullMarked
package io.github.spotspec.function.ending;

import org.jspecify.annotations.NullMarked;
