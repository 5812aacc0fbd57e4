/**
 * End-to-end tests: the real CDK CLI deploys the real app to the local cloud, and the URL is called. Nothing here knows
 * the function's insides.
 */
@NullMarked
package io.github.spotspec.e2e;

import org.jspecify.annotations.NullMarked;
