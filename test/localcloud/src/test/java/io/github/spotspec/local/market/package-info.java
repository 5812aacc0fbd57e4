/** Tests of the simulated spot market. */
@NullMarked
package io.github.spotspec.local.market;

import org.jspecify.annotations.NullMarked;
