/** Tests of the services with signed requests. */
@NullMarked
package io.github.spotspec.local.service;

import org.jspecify.annotations.NullMarked;
