/** Tests of the wire: signatures, held against the SDK's own signer. */
@NullMarked
package io.github.spotspec.local.wire;

import org.jspecify.annotations.NullMarked;
