/** Tests least privilege against a readable table of rights. */
@NullMarked
package io.github.spotspec.rights;

import org.jspecify.annotations.NullMarked;
