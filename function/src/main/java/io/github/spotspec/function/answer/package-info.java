/** What the service says: answers, their rows, and refusals with a stable reason word. */
@NullMarked
package io.github.spotspec.function.answer;

import org.jspecify.annotations.NullMarked;
