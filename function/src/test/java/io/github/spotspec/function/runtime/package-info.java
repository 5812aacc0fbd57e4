@NullMarked
package io.github.spotspec.function.runtime;

import org.jspecify.annotations.NullMarked;
