package io.github.spotspec.bench;

import java.time.Duration;
import java.util.Map;

/** How far away AWS is, and how long its calls take at least. */
enum Latency {
    /** AWS is on this computer, and answers as fast as the endpoint can. Shows what the contestants themselves need. */
    NONE(Duration.ZERO),

    /** AWS is on this computer, and each EC2 call takes 50 ms. */
    EC2_50_MS(Duration.ZERO),

    /**
     * AWS is one millisecond away, and calls take as long as assumed for AWS. AWS publishes no such times. All times
     * here are assumptions, the same ones in each run.
     */
    AWS(Duration.ofMillis(1));

    /** The assumed times of EC2's calls in milliseconds. EC2 reads faster than it changes. */
    private static final Map<String, Integer> EC2_MILLIS = Map.ofEntries(
            Map.entry("CancelSpotInstanceRequests", 150),
            Map.entry("CreateFleet", 300),
            Map.entry("CreateLaunchTemplate", 150),
            Map.entry("CreateTags", 150),
            Map.entry("DeleteLaunchTemplate", 150),
            Map.entry("DescribeLaunchTemplates", 50),
            Map.entry("DescribeSpotPriceHistory", 150),
            Map.entry("DescribeSubnets", 50),
            Map.entry("GetSpotPlacementScores", 300),
            Map.entry("RunInstances", 300),
            Map.entry("TerminateInstances", 250));

    private static final int OTHER_EC2_MILLIS = 100;
    private static final int OTHER_SERVICE_MILLIS = 10;

    /** The additional time of a call to a region that is not the function's own. */
    private static final int OTHER_REGION_MILLIS = 100;

    private final Duration roundTrip;

    Latency(Duration roundTrip) {
        this.roundTrip = roundTrip;
    }

    /** Returns the time from a function to a host and back. */
    Duration roundTrip() {
        return roundTrip;
    }

    /**
     * Returns how long a call takes at least, without the round trip within the region.
     *
     * @param service the service's signing name, such as {@code ec2}
     * @param action the call, such as {@code DescribeInstances}
     */
    Duration callTime(String service, String action, String region) {
        return switch (this) {
            case NONE -> Duration.ZERO;
            case EC2_50_MS -> service.equals("ec2") ? Duration.ofMillis(50) : Duration.ZERO;
            case AWS -> {
                int distance = region.equals(BenchmarkAccount.HOME) ? 0 : OTHER_REGION_MILLIS;
                int millis = service.equals("ec2")
                        ? EC2_MILLIS.getOrDefault(action, OTHER_EC2_MILLIS)
                        : OTHER_SERVICE_MILLIS;
                yield Duration.ofMillis(distance + millis);
            }
        };
    }

    /** Describes it for the table. */
    String describe() {
        return switch (this) {
            case NONE ->
                "AWS is on this computer and answers at once; sweeps and launches by strategy have EC2 calls of"
                        + " 50 ms";
            case EC2_50_MS -> "AWS is on this computer; EC2 calls take 50 ms";
            case AWS ->
                "assumed for AWS: hosts are 1 ms away; EC2 calls take 50 to 300 ms, others 10 ms, and those to"
                        + " other regions 100 ms more";
        };
    }
}
