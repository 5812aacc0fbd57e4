/** Common parts of the function: SDK clients, a request's deadline and call budget, JSON, the log and metrics. */
@NullMarked
package io.github.spotspec.function.runtime;

import org.jspecify.annotations.NullMarked;
