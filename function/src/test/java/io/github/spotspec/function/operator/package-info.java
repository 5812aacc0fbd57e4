@NullMarked
package io.github.spotspec.function.operator;

import org.jspecify.annotations.NullMarked;
