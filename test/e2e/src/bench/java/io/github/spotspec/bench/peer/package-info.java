/** A plain Java alternative to this project. */
@NullMarked
package io.github.spotspec.bench.peer;

import org.jspecify.annotations.NullMarked;
