/** Tests of the execution environments that functions run in, each with AWS's runtime client in a child process. */
@NullMarked
package io.github.spotspec.local.lambda;

import org.jspecify.annotations.NullMarked;
