/** Tests of identities and policies. */
@NullMarked
package io.github.spotspec.local.iam;

import org.jspecify.annotations.NullMarked;
