/** An AWS in memory, as small as the tests need it: what it is asked, what it says, and how it fails. */
@NullMarked
package io.github.spotspec.function.fake;

import org.jspecify.annotations.NullMarked;
