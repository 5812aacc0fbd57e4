/** The APIs of the services, one class per service. */
@NullMarked
package io.github.spotspec.local.service;

import org.jspecify.annotations.NullMarked;
