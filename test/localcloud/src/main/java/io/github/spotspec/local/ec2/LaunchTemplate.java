package io.github.spotspec.local.ec2;

import java.time.Instant;
import java.util.Map;

/**
 * A launch template. It has one version, because this cloud has no action that creates another.
 *
 * @param createdBy the ARN of the principal that created it
 * @param visible the time from which EC2 shows it
 * @param data the parameters of a launch, by their names in RunInstances
 */
public record LaunchTemplate(
        String id,
        String name,
        String region,
        String createdBy,
        Instant created,
        Instant visible,
        Map<String, String> tags,
        Map<String, String> data) {
    /** The number of the only version. */
    public static final String VERSION = "1";
}
