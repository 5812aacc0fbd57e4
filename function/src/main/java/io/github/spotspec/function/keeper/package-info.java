/**
 * The keeper: ends what is past its lease, and tells of interruptions. A function of its own, with a role of its own, so
 * that nothing that callers do can keep it from its work.
 */
@NullMarked
package io.github.spotspec.function.keeper;

import org.jspecify.annotations.NullMarked;
