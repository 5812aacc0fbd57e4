/**
 * MFA: how a code becomes credentials, and credentials a session that only this deployment can open. Nothing of it is kept
 * from one request to the next but the keys of the seal. All that knows STS and JOSE is here, and neither is loaded before
 * a request brings a code or a session.
 */
@NullMarked
package io.github.spotspec.function.mfa;

import org.jspecify.annotations.NullMarked;
