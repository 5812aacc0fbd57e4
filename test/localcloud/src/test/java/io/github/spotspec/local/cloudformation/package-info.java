/** Tests of templates and stacks, with resource types that only remember what became of them. */
@NullMarked
package io.github.spotspec.local.cloudformation;

import org.jspecify.annotations.NullMarked;
