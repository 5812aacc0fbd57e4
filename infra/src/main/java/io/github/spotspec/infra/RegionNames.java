package io.github.spotspec.infra;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.regioninfo.RegionInfo;
import software.constructs.Construct;

/**
 * Checks region names. AWS builds them from a place and a direction, so a misspelled direction is an error. A place
 * that the CDK does not know causes only a warning, because AWS may have opened a region there by now.
 */
final class RegionNames {
    private static final Pattern NAME =
            Pattern.compile("[a-z]{2}-(north|south|east|west|central|north(east|west)|south(east|west))-[1-9]");

    /** The prefixes of region names in other partitions. */
    private static final Map<Pattern, String> OTHER_PARTITIONS = Map.of(
            Pattern.compile("cn-.*"), "aws-cn",
            Pattern.compile("us-gov-.*"), "aws-us-gov",
            Pattern.compile("[a-z]{2}-iso[a-z]?-.*"), "an isolated partition",
            Pattern.compile("eusc-.*"), "aws-eusc");

    /** The number of wrong characters up to which a name is still recognized. */
    private static final int MAX_TYPOS = 2;

    private RegionNames() {}

    /** Returns a region's name, which may be a token. */
    static String check(String prop, String region) {
        if (!Token.isUnresolved(region)) {
            checkPartition("'" + prop + "'", region);
            Validate.that(
                    NAME.matcher(region).matches(),
                    "'" + prop + "' must name a region such as us-west-2, got \"" + region + "\"" + didYouMean(region));
        }
        return region;
    }

    /** Checks that the stack's region can be the home region of a service, if the region is known. */
    static void checkHome(String home) {
        if (!Token.isUnresolved(home)) {
            checkPartition("the stack's region", home);
        }
    }

    /** Adds warnings about regions that the CDK does not know. */
    static void warnOfUnknown(Construct scope, Iterable<String> regions) {
        for (String region : regions) {
            if (!Token.isUnresolved(region) && !isKnown(region)) {
                Annotations.of(scope)
                        .addWarningV2(
                                "spotspec:unknownRegion",
                                "'regions' contains " + region + ", which this version of the CDK does not know"
                                        + didYouMean(region));
            }
        }
    }

    private static void checkPartition(String what, String region) {
        OTHER_PARTITIONS.forEach((names, partition) -> Validate.that(
                !names.matcher(region).matches(),
                what + " must be in the partition aws, got " + region + " in " + partition
                        + "; prices, endpoints and SnapStart differ in other partitions"));
    }

    private static boolean isKnown(String region) {
        @Nullable String partition = RegionInfo.get(region).getPartition();
        return partition != null;
    }

    private static String didYouMean(String region) {
        Optional<String> nearest = RegionInfo.getRegions().stream()
                .map(RegionInfo::getName)
                .filter(known -> distance(region, known) <= MAX_TYPOS)
                .min(Comparator.comparingInt((String known) -> distance(region, known))
                        .thenComparing(Comparator.naturalOrder()));
        return nearest.map(known -> "; did you mean " + known + "?").orElse("");
    }

    /**
     * Returns the number of insertions, deletions and substitutions that turn one text into the other (Levenshtein).
     */
    private static int distance(String from, String to) {
        int[] before = new int[to.length() + 1];
        Arrays.setAll(before, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int[] now = new int[to.length() + 1];
            now[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = before[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(changed, Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[to.length()];
    }
}
