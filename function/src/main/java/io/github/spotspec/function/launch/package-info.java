/** Launches instances: the parameters, the ranking of pools, and the calls that launch once and not twice. */
@NullMarked
package io.github.spotspec.function.launch;

import org.jspecify.annotations.NullMarked;
