/** The identity that acts on EC2: its keys, read from the secret. */
@NullMarked
package io.github.spotspec.function.operator;

import org.jspecify.annotations.NullMarked;
