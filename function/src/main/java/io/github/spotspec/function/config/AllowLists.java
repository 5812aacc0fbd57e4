package io.github.spotspec.function.config;

import java.util.List;

/**
 * The values that launches may use. An empty list allows all values. Immutable and thread-safe.
 *
 * @param instanceTypes patterns of instance types, with {@code *} and {@code ?}
 * @param images image ids
 * @param imageOwners EC2's owner aliases, such as {@code amazon}, or the account ids of owners without an alias
 * @param subnets subnet ids
 * @param securityGroups security group ids
 * @param keyPairs names of key pairs
 */
public record AllowLists(
        List<String> instanceTypes,
        List<String> images,
        List<String> imageOwners,
        List<String> subnets,
        List<String> securityGroups,
        List<String> keyPairs) {
    /** Allows all values. */
    public static final AllowLists ALL =
            new AllowLists(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
}
