/** The tasks of the service, one class per task, and the registry that lists them. */
@NullMarked
package io.github.spotspec.function.task;

import org.jspecify.annotations.NullMarked;
