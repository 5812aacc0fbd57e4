/**
 * The operator's credentials: from the secret or from the function's role, with or without MFA, and sealed for later
 * requests.
 */
@NullMarked
package io.github.spotspec.function.credentials;

import org.jspecify.annotations.NullMarked;
