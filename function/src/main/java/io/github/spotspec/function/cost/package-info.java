/** Computes what instances have cost, from EC2's price history and the price list. */
@NullMarked
package io.github.spotspec.function.cost;

import org.jspecify.annotations.NullMarked;
