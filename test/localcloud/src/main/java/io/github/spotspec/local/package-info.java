/**
 * The local cloud: an AWS on loopback for this service. Its state is in memory and ends with the process. It supports
 * only what the service uses: an unknown action, parameter, resource type or property causes an error that names it.
 */
@NullMarked
package io.github.spotspec.local;

import org.jspecify.annotations.NullMarked;
