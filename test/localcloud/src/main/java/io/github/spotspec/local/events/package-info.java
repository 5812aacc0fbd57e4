/** EventBridge: rules, the events that they match, and their targets. */
@NullMarked
package io.github.spotspec.local.events;

import org.jspecify.annotations.NullMarked;
