/** What runs before Lambda takes a SnapStart snapshot, so that a restored function answers sooner. */
@NullMarked
package io.github.spotspec.function.priming;

import org.jspecify.annotations.NullMarked;
