/** EventBridge: rules, what they match, and whom they tell. */
@NullMarked
package io.github.spotspec.local.events;

import org.jspecify.annotations.NullMarked;
