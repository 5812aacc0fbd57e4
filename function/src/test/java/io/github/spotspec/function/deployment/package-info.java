@NullMarked
package io.github.spotspec.function.deployment;

import org.jspecify.annotations.NullMarked;
