/**
 * The function that rotates the service's secrets. It carries out Secrets Manager's four steps for the operator's
 * access key and for random secrets. Only Secrets Manager invokes it.
 */
@NullMarked
package io.github.spotspec.function.rotation;

import org.jspecify.annotations.NullMarked;
