/** The settings document that the construct passes to the function, and the limits in it. */
@NullMarked
package io.github.spotspec.function.config;

import org.jspecify.annotations.NullMarked;
