/** The boundary: Function URL events in; HTTP answers and log lines out. The only package that knows HTTP. */
@NullMarked
package io.github.spotspec.function.edge;

import org.jspecify.annotations.NullMarked;
