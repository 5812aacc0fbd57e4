/** The protocol layer: HTTP servers on loopback, signatures, and the protocols that AWS services use. */
@NullMarked
package io.github.spotspec.local.wire;

import org.jspecify.annotations.NullMarked;
