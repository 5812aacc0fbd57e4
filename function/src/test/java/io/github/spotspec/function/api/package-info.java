@NullMarked
package io.github.spotspec.function.api;

import org.jspecify.annotations.NullMarked;
