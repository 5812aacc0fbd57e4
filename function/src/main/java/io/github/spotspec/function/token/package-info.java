/**
 * Tokens: how the minter makes and revokes them, and how the URL's function verifies them. They are JWTs (RFC 7519),
 * signed with HS256. Only this package knows their format.
 */
@NullMarked
package io.github.spotspec.function.token;

import org.jspecify.annotations.NullMarked;
