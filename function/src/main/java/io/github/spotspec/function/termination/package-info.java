/** Cancels spot requests, terminates instances, and verifies both. */
@NullMarked
package io.github.spotspec.function.termination;

import org.jspecify.annotations.NullMarked;
