/** Reads and changes EC2 resources: clients per region, spot prices, and the mapping of EC2's errors to error codes. */
@NullMarked
package io.github.spotspec.function.ec2;

import org.jspecify.annotations.NullMarked;
