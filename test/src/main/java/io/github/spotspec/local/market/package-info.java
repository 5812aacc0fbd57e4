/** The simulated spot market: types, zones, and prices that move, all a function of seed and time. */
@NullMarked
package io.github.spotspec.local.market;

import org.jspecify.annotations.NullMarked;
