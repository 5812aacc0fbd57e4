/** The local cloud: a loopback AWS for this service. State is in memory and gone with the process. It knows only what the service uses: an unknown action, parameter, resource type or property is an error that names it. */
@NullMarked
package io.github.spotspec.local;

import org.jspecify.annotations.NullMarked;
