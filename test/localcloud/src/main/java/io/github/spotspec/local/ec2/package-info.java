/** EC2's state: images, networks, instances and spot requests, and the effect of a pool's capacity on launches. */
@NullMarked
package io.github.spotspec.local.ec2;

import org.jspecify.annotations.NullMarked;
