/**
 * The construct library: {@link io.github.spotspec.infra.SpotService} and its props. Also the app that this project's
 * own {@code cdk.json} runs. What is public here is meant for importers; what may still change is marked
 * {@link io.github.spotspec.infra.Beta}.
 */
@NullMarked
package io.github.spotspec.infra;

import org.jspecify.annotations.NullMarked;
