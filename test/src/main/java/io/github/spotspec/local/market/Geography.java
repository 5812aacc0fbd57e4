package io.github.spotspec.local.market;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.regions.Region;

/** The commercial regions by their real names, and their zones. */
public final class Geography {
    /** Zones as a new account sees them; every other region has a, b and c. */
    private static final Map<String, String> LETTERS = Map.of(
            "us-east-1", "abcdef",
            "us-west-2", "abcd",
            "us-west-1", "ac",
            "ap-northeast-1", "acd",
            "ap-northeast-2", "abcd",
            "ca-central-1", "abd");

    private Geography() {}

    /** An availability zone; its id is the same for every account, its name is not. */
    public record Zone(String name, String id) {}

    /** Returns all commercial regions. */
    public static List<String> regions() {
        return Region.regions().stream()
                .filter(region -> !region.isGlobalRegion())
                .map(Region::id)
                .filter(id ->
                        Stream.of("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-").noneMatch(id::startsWith))
                .sorted()
                .toList();
    }

    /** Returns a region's zones; none for a region that does not exist. */
    public static List<Zone> zones(String region) {
        if (!regions().contains(region)) {
            return List.of();
        }
        String letters = LETTERS.getOrDefault(region, "abc");
        return Stream.iterate(0, i -> i < letters.length(), i -> i + 1)
                .map(i -> new Zone(region + letters.charAt(i), code(region) + "-az" + (letters.length() - i)))
                .toList();
    }

    /** Returns a region's short code, such as {@code usw2} or {@code apne1}. */
    private static String code(String region) {
        String[] parts = region.split("-");
        String direction = parts[1].replace("north", "n")
                .replace("south", "s")
                .replace("east", "e")
                .replace("west", "w")
                .replace("central", "c");
        return parts[0] + direction + parts[2];
    }
}
