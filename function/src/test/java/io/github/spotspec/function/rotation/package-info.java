/** Tests the rotation of secrets against a fake account. */
@NullMarked
package io.github.spotspec.function.rotation;

import org.jspecify.annotations.NullMarked;
