/** Tests of the services as a client meets them: signed requests in, answers in their own protocol out. */
@NullMarked
package io.github.spotspec.local.service;

import org.jspecify.annotations.NullMarked;
