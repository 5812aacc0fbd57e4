/**
 * Tests of apps that import the construct. They deploy to the local cloud, which is not AWS: it knows only what the
 * construct uses. This package is the only public API of the library; all other packages may change at any time.
 */
@NullMarked
package io.github.spotspec.local.junit;

import org.jspecify.annotations.NullMarked;
