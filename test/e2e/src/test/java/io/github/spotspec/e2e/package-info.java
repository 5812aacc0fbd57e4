/**
 * End-to-end tests. The CDK CLI deploys the app to the local cloud, and the tests call the URL. They use no internals
 * of the function.
 */
@NullMarked
package io.github.spotspec.e2e;

import org.jspecify.annotations.NullMarked;
