/**
 * The construct library: {@link io.github.spotspec.infra.SpotService} and its props. The package also contains the app
 * that this project's own {@code cdk.json} runs. Public types are for importers. {@link io.github.spotspec.infra.Beta}
 * marks what may still change.
 */
@NullMarked
package io.github.spotspec.infra;

import org.jspecify.annotations.NullMarked;
