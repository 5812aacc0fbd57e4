/** Identities, and the evaluation of their policies. */
@NullMarked
package io.github.spotspec.local.iam;

import org.jspecify.annotations.NullMarked;
