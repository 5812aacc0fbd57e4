/** The benchmark, with one class for each row of its table. {@code mvn -Pbench verify} runs it. */
@NullMarked
package io.github.spotspec.bench;

import org.jspecify.annotations.NullMarked;
