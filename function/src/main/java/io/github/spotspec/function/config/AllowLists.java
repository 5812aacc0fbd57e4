package io.github.spotspec.function.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that launches may use, and the image that they use by default. An empty list allows all values. Immutable
 * and thread-safe.
 *
 * @param instanceTypes patterns of instance types, with {@code *} and {@code ?}
 * @param images image ids
 * @param imageOwners EC2's owner aliases, such as {@code amazon}, or the account ids of owners without an alias
 * @param subnets subnet ids
 * @param securityGroups security group ids
 * @param keyPairs names of key pairs
 * @param defaultImage the image of launches that do not name one: an image id, {@code resolve:ssm:} and the name of a
 *     public parameter, or a short name; null if every launch must name one
 */
public record AllowLists(
        List<String> instanceTypes,
        List<String> images,
        List<String> imageOwners,
        List<String> subnets,
        List<String> securityGroups,
        List<String> keyPairs,
        @Nullable String defaultImage) {
    /** The short name of the default image of a deployment that does not set one and allows any image. */
    public static final String DEFAULT_IMAGE = "al2023";

    /** Allows all values. */
    public static final AllowLists UNRESTRICTED =
            new AllowLists(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), DEFAULT_IMAGE);
}
