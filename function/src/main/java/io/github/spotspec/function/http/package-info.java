/** Function URL events and HTTP: the handler, requests, responses and their formats, the console, and the contract. */
@NullMarked
package io.github.spotspec.function.http;

import org.jspecify.annotations.NullMarked;
