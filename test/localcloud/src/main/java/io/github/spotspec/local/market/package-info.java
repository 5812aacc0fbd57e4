/** The simulated spot market: types, zones and changing prices, all a function of the seed and the time. */
@NullMarked
package io.github.spotspec.local.market;

import org.jspecify.annotations.NullMarked;
