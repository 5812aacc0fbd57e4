/**
 * The function that rotates the service's secrets: Secrets Manager's four steps, for the operator's access key and for what is
 * only chance. Nobody but Secrets Manager calls it.
 */
@NullMarked
package io.github.spotspec.function.rotation;

import org.jspecify.annotations.NullMarked;
