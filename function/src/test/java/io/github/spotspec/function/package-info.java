@NullMarked
package io.github.spotspec.function;

import org.jspecify.annotations.NullMarked;
