@NullMarked
package io.github.spotspec.infra;

import org.jspecify.annotations.NullMarked;
