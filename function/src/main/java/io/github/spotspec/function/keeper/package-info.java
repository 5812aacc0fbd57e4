/**
 * The keeper, which ends what is past its lease and publishes interruption notices. It is a separate function with its
 * own role, so that nothing that callers do can keep it from its work.
 */
@NullMarked
package io.github.spotspec.function.keeper;

import org.jspecify.annotations.NullMarked;
