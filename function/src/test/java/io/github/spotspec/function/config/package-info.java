@NullMarked
package io.github.spotspec.function.config;

import org.jspecify.annotations.NullMarked;
