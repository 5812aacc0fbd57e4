/**
 * Tokens: how the minter makes and revokes them, and how the URL's function knows them. They are JWTs (RFC 7519), signed with
 * HS256. All that knows how they look is here.
 */
@NullMarked
package io.github.spotspec.function.token;

import org.jspecify.annotations.NullMarked;
