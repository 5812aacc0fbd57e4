/** Stacks: templates, their intrinsic functions, change sets, and the resource types. */
@NullMarked
package io.github.spotspec.local.cloudformation;

import org.jspecify.annotations.NullMarked;
