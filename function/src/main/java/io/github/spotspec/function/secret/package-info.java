/** Secrets in Secrets Manager, and the keys that are derived from them. */
@NullMarked
package io.github.spotspec.function.secret;

import org.jspecify.annotations.NullMarked;
