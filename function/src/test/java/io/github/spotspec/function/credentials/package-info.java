@NullMarked
package io.github.spotspec.function.credentials;

import org.jspecify.annotations.NullMarked;
