package io.github.spotspec.local.market;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.regions.Region;

/**
 * The commercial regions by their real names, with their Availability Zones and some Local Zones and Wavelength Zones.
 */
public final class Geography {
    /** The letters of the zones that a new account sees. Every other region has a, b and c. */
    private static final Map<String, String> LETTERS = Map.of(
            "us-east-1", "abcdef",
            "us-west-2", "abcd",
            "us-west-1", "ac",
            "ap-northeast-1", "acd",
            "ap-northeast-2", "abcd",
            "ca-central-1", "abd");

    /**
     * The zones that are not Availability Zones. The account has opted in to the Local Zones of Los Angeles, and to no
     * other zone.
     */
    private static final Map<String, List<EdgeZone>> EDGE_ZONES = Map.of(
            "us-west-2",
            List.of(
                    new EdgeZone(
                            new Zone("us-west-2-lax-1a", "usw2-lax1-az1"), "local-zone", "us-west-2-lax-1", 0, true),
                    new EdgeZone(
                            new Zone("us-west-2-lax-1b", "usw2-lax1-az2"), "local-zone", "us-west-2-lax-1", 1, true),
                    new EdgeZone(
                            new Zone("us-west-2-den-1a", "usw2-den1-az1"), "local-zone", "us-west-2-den-1", 2, false),
                    new EdgeZone(
                            new Zone("us-west-2-wl1-las-wlz-1", "usw2-wl1-las-wlz1"),
                            "wavelength-zone",
                            "us-west-2-wl1-las-wlz-1",
                            0,
                            false)));

    private Geography() {}

    /** An Availability Zone. Its id is the same for every account, but its name is not. */
    public record Zone(String name, String id) {}

    /**
     * A Local Zone or Wavelength Zone.
     *
     * @param type EC2's name for this kind of zone
     * @param group the zone group that an account opts in to
     * @param parent the index of the parent Availability Zone in {@link #zones}
     */
    public record EdgeZone(Zone zone, String type, String group, int parent, boolean optedIn) {}

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

    /** Returns the Local Zones and Wavelength Zones of a region that exist here. */
    public static List<EdgeZone> edgeZones(String region) {
        return EDGE_ZONES.getOrDefault(region, List.of());
    }

    /** Returns a region's Availability Zones, or an empty list if the region does not exist. */
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
