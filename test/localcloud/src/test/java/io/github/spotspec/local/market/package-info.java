/** Tests of the simulated spot market: that it can be relied on, and that it is like a market. */
@NullMarked
package io.github.spotspec.local.market;

import org.jspecify.annotations.NullMarked;
