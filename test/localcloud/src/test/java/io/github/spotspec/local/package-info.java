/** Helpers for tests of the local cloud. They start no process and open no port. */
@NullMarked
package io.github.spotspec.local;

import org.jspecify.annotations.NullMarked;
