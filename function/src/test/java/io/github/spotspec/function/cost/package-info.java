@NullMarked
package io.github.spotspec.function.cost;

import org.jspecify.annotations.NullMarked;
