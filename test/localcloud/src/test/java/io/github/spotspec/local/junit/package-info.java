@NullMarked
package io.github.spotspec.local.junit;

import org.jspecify.annotations.NullMarked;
