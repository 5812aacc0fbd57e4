/** Who sent a request, what a token covers, and how callers are authenticated. */
@NullMarked
package io.github.spotspec.function.caller;

import org.jspecify.annotations.NullMarked;
