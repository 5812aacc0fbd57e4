/** An in-memory AWS, as small as the tests need: recorded calls, responses and faults. */
@NullMarked
package io.github.spotspec.function.fake;

import org.jspecify.annotations.NullMarked;
