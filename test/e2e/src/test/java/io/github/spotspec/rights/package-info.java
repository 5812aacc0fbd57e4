/** The proof of least privilege: who may do what, in every combination, by a table that people can read. */
@NullMarked
package io.github.spotspec.rights;

import org.jspecify.annotations.NullMarked;
