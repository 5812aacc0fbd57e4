package io.github.spotspec.function.ec2;

import io.github.spotspec.function.answer.Refusal;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryResponse;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.SpotPrice;

/** Current spot prices, from EC2's DescribeSpotPriceHistory. Thread-safe. */
public final class SpotPrices {
    /** EC2's product descriptions, as its API reference lists them. */
    public static final List<String> PRODUCTS = List.of(
            "Linux/UNIX",
            "Red Hat Enterprise Linux",
            "SUSE Linux",
            "Windows",
            "Linux/UNIX (Amazon VPC)",
            "Red Hat Enterprise Linux (Amazon VPC)",
            "SUSE Linux (Amazon VPC)",
            "Windows (Amazon VPC)");

    /** A whole region without a filter is about 25 pages; far beyond that, something is wrong. */
    private static final int MOST_PAGES = 200;

    private final Ec2Regions ec2;

    /**
     * Which pools to price; an empty list means all.
     *
     * @param dryRun whether EC2 is only to say if the operator may ask
     */
    public record Query(List<String> types, List<String> products, List<String> zones, boolean dryRun) {}

    private record Pool(String zone, String type, String product) {}

    public SpotPrices(Ec2Regions ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the price of every pool in a region that fits the query, each pool once; nothing for a dry run.
     *
     * @throws Refusal if EC2 does not answer the question
     */
    public List<PoolPrice> current(String region, Query query, AwsCredentialsProvider operator, Instant now) {
        try {
            return read(region, query, operator, now);
        } catch (SdkException e) {
            if (query.dryRun() && Ec2Errors.isDryRunSuccess(e)) {
                return List.of();
            }
            throw Ec2Errors.refusal("ec2:DescribeSpotPriceHistory", region, e);
        }
    }

    private List<PoolPrice> read(String region, Query query, AwsCredentialsProvider operator, Instant now) {
        Ec2Client client = ec2.in(region);
        DescribeSpotPriceHistoryRequest.Builder request = DescribeSpotPriceHistoryRequest.builder()
                .instanceTypesWithStrings(query.types())
                .productDescriptions(query.products())
                // From now on means: what is in effect now, and not how it came to that.
                .startTime(now)
                .maxResults(1_000)
                .dryRun(query.dryRun() ? true : null)
                .overrideConfiguration(call -> call.credentialsProvider(operator));
        if (!query.zones().isEmpty()) {
            request.filters(Filter.builder()
                    .name("availability-zone")
                    .values(query.zones())
                    .build());
        }
        Map<Pool, PoolPrice> latest = new LinkedHashMap<>();
        String token = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            DescribeSpotPriceHistoryResponse response =
                    client.describeSpotPriceHistory(request.nextToken(token).build());
            for (SpotPrice record : response.spotPriceHistory()) {
                keepLatest(latest, region, record);
            }
            token = response.nextToken();
            // A page may be empty and still not be the last.
            if (token == null || token.isEmpty()) {
                return List.copyOf(latest.values());
            }
        }
        throw new IllegalStateException("more than " + MOST_PAGES + " pages of spot prices in " + region);
    }

    /** EC2 promises no order, so the time of a record decides. */
    private static void keepLatest(Map<Pool, PoolPrice> latest, String region, SpotPrice record) {
        Pool pool =
                new Pool(record.availabilityZone(), record.instanceTypeAsString(), record.productDescriptionAsString());
        PoolPrice price = new PoolPrice(
                region,
                pool.zone(),
                pool.type(),
                pool.product(),
                new BigDecimal(record.spotPrice()),
                record.timestamp());
        latest.merge(pool, price, (before, after) -> after.since().isAfter(before.since()) ? after : before);
    }
}
