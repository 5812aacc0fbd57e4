@NullMarked
package io.github.spotspec.function.request;

import org.jspecify.annotations.NullMarked;
