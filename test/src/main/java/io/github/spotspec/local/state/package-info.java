/** What the smaller services hold: secrets, logs, objects and parameters. */
@NullMarked
package io.github.spotspec.local.state;

import org.jspecify.annotations.NullMarked;
