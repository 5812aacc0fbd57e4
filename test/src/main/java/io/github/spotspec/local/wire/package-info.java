/** The wire: HTTP servers on loopback, signatures, and the protocols that AWS services speak. */
@NullMarked
package io.github.spotspec.local.wire;

import org.jspecify.annotations.NullMarked;
