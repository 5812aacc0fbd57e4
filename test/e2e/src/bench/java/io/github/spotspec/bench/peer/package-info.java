/** What somebody would write in Java who knows nothing of this project. */
@NullMarked
package io.github.spotspec.bench.peer;

import org.jspecify.annotations.NullMarked;
