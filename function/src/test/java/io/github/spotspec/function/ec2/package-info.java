@NullMarked
package io.github.spotspec.function.ec2;

import org.jspecify.annotations.NullMarked;
