/** What the tests of the local cloud share. They start no process, open no port and wait for no clock. */
@NullMarked
package io.github.spotspec.local;

import org.jspecify.annotations.NullMarked;
