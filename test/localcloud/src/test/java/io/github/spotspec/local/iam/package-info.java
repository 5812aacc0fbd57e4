/** Tests of identities and policies, which read as a specification of what IAM allows. */
@NullMarked
package io.github.spotspec.local.iam;

import org.jspecify.annotations.NullMarked;
