/** What a caller asks: the fields of both request forms, read and checked, as typed values. */
@NullMarked
package io.github.spotspec.function.request;

import org.jspecify.annotations.NullMarked;
