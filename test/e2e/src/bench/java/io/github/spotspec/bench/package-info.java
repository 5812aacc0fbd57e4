/** The benchmark: one class for each row of its table, and what they share. It is run by {@code mvn -Pbench verify}. */
@NullMarked
package io.github.spotspec.bench;

import org.jspecify.annotations.NullMarked;
