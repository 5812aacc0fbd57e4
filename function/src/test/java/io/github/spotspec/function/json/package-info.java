@NullMarked
package io.github.spotspec.function.json;

import org.jspecify.annotations.NullMarked;
