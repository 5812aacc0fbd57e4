/** Tests of signatures with the signer of the SDK. */
@NullMarked
package io.github.spotspec.local.wire;

import org.jspecify.annotations.NullMarked;
