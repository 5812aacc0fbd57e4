/** Tests of templates and stacks, with resource types that only record their operations. */
@NullMarked
package io.github.spotspec.local.cloudformation;

import org.jspecify.annotations.NullMarked;
