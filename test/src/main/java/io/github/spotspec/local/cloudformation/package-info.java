/** Stacks: templates, their intrinsic functions, change sets, and what each resource type makes. */
@NullMarked
package io.github.spotspec.local.cloudformation;

import org.jspecify.annotations.NullMarked;
