/** The spot market as EC2 tells it: clients per region, prices, and EC2's errors in the service's words. */
@NullMarked
package io.github.spotspec.function.ec2;

import org.jspecify.annotations.NullMarked;
