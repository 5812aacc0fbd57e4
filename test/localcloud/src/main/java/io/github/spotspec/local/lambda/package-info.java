/** The Lambda host: functions in child processes with a runtime client, and their URLs. */
@NullMarked
package io.github.spotspec.local.lambda;

import org.jspecify.annotations.NullMarked;
