/**
 * The acceptance run: it deploys the service to an AWS account, checks what the documents promise, prints what held,
 * and deletes everything. It knows no local cloud. {@code AcceptanceIT} runs it against one.
 */
@NullMarked
package io.github.spotspec.acceptance;

import org.jspecify.annotations.NullMarked;
