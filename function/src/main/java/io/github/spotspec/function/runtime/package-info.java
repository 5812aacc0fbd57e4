/** What every part of the function uses: SDK clients, the deadline and call budget of a request, JSON, the log and metrics. */
@NullMarked
package io.github.spotspec.function.runtime;

import org.jspecify.annotations.NullMarked;
