/** The state of the local account, as the layers above see it. */
@NullMarked
package io.github.spotspec.local.account;

import org.jspecify.annotations.NullMarked;
