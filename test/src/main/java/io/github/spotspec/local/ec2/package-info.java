/** EC2's state: images, networks, instances, spot requests, and the room that pools have. */
@NullMarked
package io.github.spotspec.local.ec2;

import org.jspecify.annotations.NullMarked;
