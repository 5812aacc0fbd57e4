/** A launch: what is asked, where it could be had, and how it is carried out once and not twice. */
@NullMarked
package io.github.spotspec.function.launch;

import org.jspecify.annotations.NullMarked;
