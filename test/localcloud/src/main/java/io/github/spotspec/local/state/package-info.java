/** The state of the smaller services, such as secrets, logs, objects and parameters. */
@NullMarked
package io.github.spotspec.local.state;

import org.jspecify.annotations.NullMarked;
