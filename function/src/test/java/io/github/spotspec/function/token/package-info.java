@NullMarked
package io.github.spotspec.function.token;

import org.jspecify.annotations.NullMarked;
