/** What the function does before Lambda takes a snapshot of it, so that a restored one has nothing left to start. */
@NullMarked
package io.github.spotspec.function.snapshot;

import org.jspecify.annotations.NullMarked;
