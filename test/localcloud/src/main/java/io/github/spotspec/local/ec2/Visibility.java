package io.github.spotspec.local.ec2;

import java.time.Duration;

/**
 * The delay before EC2 shows something that it created or changed. Until then, filters skip it and its id does not
 * exist.
 */
@FunctionalInterface
public interface Visibility {
    /** Returns the delay for anything that is created or changed now in a region. */
    Duration delay(String region);
}
