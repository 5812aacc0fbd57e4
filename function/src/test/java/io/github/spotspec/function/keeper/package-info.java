@NullMarked
package io.github.spotspec.function.keeper;

import org.jspecify.annotations.NullMarked;
