/** The rotation of secrets, in front of an account that tests look into. */
@NullMarked
package io.github.spotspec.function.rotation;

import org.jspecify.annotations.NullMarked;
