package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.AvailabilityZone;
import software.amazon.awssdk.services.ec2.model.GetSpotPlacementScoresRequest;
import software.amazon.awssdk.services.ec2.model.GetSpotPlacementScoresResponse;
import software.amazon.awssdk.services.ec2.model.SpotPlacementScore;

/**
 * Reads placement scores from EC2's GetSpotPlacementScores: EC2's estimate, from 1 to 10, of how likely a request for
 * this many instances is to find capacity now. A score promises neither capacity nor fewer interruptions. Thread-safe.
 */
public final class PlacementScores {
    private final Ec2Clients ec2;
    private final Map<String, Map<String, String>> zoneNames = new ConcurrentHashMap<>();

    /**
     * A placement score.
     *
     * @param zone the zone's name in this account, or null for the score of a whole region
     * @param zoneId the zone's id, which is the same in every account, or null for the score of a whole region
     * @param score from 1 to 10
     */
    public record Score(
            String region, @Nullable String zone, @Nullable String zoneId, int score) implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", region);
            out.put("AvailabilityZone", zone);
            out.put("AvailabilityZoneId", zoneId);
            out.put("Score", score);
        }
    }

    /**
     * The scores that EC2 returned.
     *
     * @param skipped how many rows of the answer were skipped, because they lack a region or a score
     */
    public record Scores(List<Score> scores, int skipped) {}

    public PlacementScores(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the scores of regions, or of their zones.
     *
     * <p>EC2 answers about ten new queries a day. A repeated query must be worded identically to count as the same one,
     * so types and regions are sorted.
     *
     * @param home the region to call
     * @param count the number of instances
     * @throws ServiceException if EC2 does not answer
     */
    public Scores scores(
            String home,
            List<String> regions,
            List<String> types,
            int count,
            boolean zones,
            AwsCallContext callContext) {
        GetSpotPlacementScoresRequest.Builder request = GetSpotPlacementScoresRequest.builder()
                .instanceTypes(types.stream().sorted().toList())
                .regionNames(regions.stream().sorted().toList())
                .targetCapacity(count)
                .singleAvailabilityZone(zones)
                .overrideConfiguration(callContext::authorize);
        try {
            List<SpotPlacementScore> rows = Pages.all(
                    token -> ec2.in(home)
                            .getSpotPlacementScores(request.nextToken(token).build()),
                    GetSpotPlacementScoresResponse::nextToken,
                    GetSpotPlacementScoresResponse::spotPlacementScores);
            List<Score> scores = rows.stream()
                    .filter(score -> score.region() != null && score.score() != null)
                    .map(score -> new Score(
                            score.region(),
                            score.availabilityZoneId() == null
                                    ? null
                                    : zoneNames(score.region(), callContext).get(score.availabilityZoneId()),
                            score.availabilityZoneId(),
                            score.score()))
                    .toList();
            return new Scores(scores, rows.size() - scores.size());
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:GetSpotPlacementScores", home, e);
        }
    }

    private Map<String, String> zoneNames(String region, AwsCallContext callContext) {
        Map<String, String> names = zoneNames.get(region);
        if (names == null) {
            names = new HashMap<>();
            try {
                for (AvailabilityZone zone : ec2.in(region)
                        .describeAvailabilityZones(request -> request.overrideConfiguration(callContext::authorize))
                        .availabilityZones()) {
                    if (zone.zoneId() != null && zone.zoneName() != null) {
                        names.put(zone.zoneId(), zone.zoneName());
                    }
                }
            } catch (SdkException e) {
                throw Ec2Errors.toException("ec2:DescribeAvailabilityZones", region, e);
            }
            zoneNames.put(region, names);
        }
        return names;
    }
}
