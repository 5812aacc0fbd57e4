/** What the deployment decides: its settings, and the limits that every request is held to. */
@NullMarked
package io.github.spotspec.function.deployment;

import org.jspecify.annotations.NullMarked;
