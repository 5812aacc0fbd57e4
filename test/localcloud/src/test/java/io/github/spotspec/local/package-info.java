/** Tests of {@code ./local}, and helpers for tests of the local cloud, which start no process and open no port. */
@NullMarked
package io.github.spotspec.local;

import org.jspecify.annotations.NullMarked;
