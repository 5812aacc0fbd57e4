package io.github.spotspec.local.ec2;

import java.time.Duration;

/** How long EC2 takes to show what it made or changed: until then filters pass over it, and its id does not exist. */
@FunctionalInterface
public interface Visibility {
    /** Returns how long it takes for what is made or changed now in a region. */
    Duration delay(String region);
}
