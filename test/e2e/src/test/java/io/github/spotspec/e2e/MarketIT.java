package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.SpotMarket;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Compares the answers of the service with the simulated market. */
@ExtendWith(SharedDeployment.class)
final class MarketIT {
    private static final SpotMarket MARKET = new SpotMarket(LocalDeployment.SEED);

    private final LocalDeployment service;

    MarketIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() {
        service.clear();
    }

    @Test
    void priceCallsEc2OncePerRegion() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("price")
                .with("regions", "all")
                .with("types", List.of("m7i.large", "m7i.xlarge"))
                .toString());

        assertEquals(200, answer.status());
        assertEquals(LocalDeployment.REGIONS.size(), service.calls("ec2:DescribeSpotPriceHistory"));
    }

    @Test
    void cachesPrices() throws Exception {
        String ask = RequestBody.to("price").with("types", "c7i.large").toString();
        String first = service.send(ask).text();

        assertEquals(first, service.send(ask).text());
        assertEquals(1, service.calls("ec2:DescribeSpotPriceHistory"));
    }

    @Test
    void listsCheapestPoolsWithOnDemandPrice() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("price")
                .with("types", List.of("r7g.large", "m7g.xlarge"))
                .with("products", "Linux/UNIX")
                .with("maxPrice", "0.09")
                .with("sort", "price")
                .with("limit", 3)
                .with("with", "onDemand")
                .toString());

        assertEquals(200, answer.status(), answer.text());
        List<BigDecimal> shown = new ArrayList<>();
        for (JsonNode row : answer.json().path("data")) {
            BigDecimal spot = new BigDecimal(row.path("SpotPrice").asText());
            BigDecimal onDemand = MARKET.onDemand(
                    "us-west-2",
                    Objects.requireNonNull(
                            Catalog.all().get(row.path("InstanceType").asText())));
            shown.add(spot);
            assertEquals(
                    0,
                    onDemand.compareTo(new BigDecimal(row.path("OnDemandPrice").asText())));
            assertEquals(
                    onDemand.subtract(spot)
                            .multiply(BigDecimal.valueOf(100))
                            .divide(onDemand, 1, RoundingMode.HALF_UP)
                            .doubleValue(),
                    row.path("SavingPercent").asDouble());
        }
        List<BigDecimal> expected = MARKET.pools("us-west-2").stream()
                .filter(pool ->
                        List.of("r7g.large", "m7g.xlarge").contains(pool.type().name())
                                && pool.product().equals("Linux/UNIX"))
                .map(pool -> MARKET.at(pool, Instant.now()).price())
                .filter(price -> price.compareTo(new BigDecimal("0.09")) <= 0)
                .sorted()
                .toList();
        assertTrue(expected.size() > 3, "the market must have more pools than the limit");
        assertEquals(expected.subList(0, 3), shown);
        assertEquals(expected.size(), answer.json().path("meta").path("matched").asInt());
    }

    @Test
    void findsTypesByRequirements() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("price")
                .with("vcpu", "2-4")
                .with("memoryGiB", 16)
                .with("architecture", "arm64")
                .with("products", "Linux/UNIX")
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertFalse(answer.json().path("data").isEmpty());
        for (JsonNode row : answer.json().path("data")) {
            Catalog.Type type = Objects.requireNonNull(
                    Catalog.all().get(row.path("InstanceType").asText()));
            assertTrue(
                    type.arm() && type.vcpus() >= 2 && type.vcpus() <= 4 && type.memoryMiB() == 16 * 1024, type.name());
        }
    }

    @Test
    void findsTypesByGpusAndStorage() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("price")
                .with("gpus", "1-")
                .with("gpuModel", "t4")
                .with("localStorageGB", "125-900")
                .with("burstable", false)
                .with("exclude", "*.16xlarge")
                .with("products", "Linux/UNIX")
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals(
                Set.of("g4dn.xlarge", "g4dn.2xlarge", "g4dn.4xlarge", "g4dn.8xlarge", "g4dn.12xlarge"),
                Set.copyOf(answer.json().path("data").findValuesAsText("InstanceType")));
    }

    @Test
    void historySummarizesMarket() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("history")
                .with("types", "m6g.large")
                .with("zones", "us-west-2b")
                .with("products", "Linux/UNIX")
                .with("last", "30d")
                .toString());

        assertEquals(200, answer.status(), answer.text());
        assertEquals("history", answer.json().path("event").asText());
        JsonNode row = answer.json().path("data").path(0);
        Instant from = Instant.parse(answer.json().path("meta").path("from").asText());
        Instant to = Instant.parse(answer.json().path("meta").path("to").asText());
        assertEquals(Duration.ofDays(30), Duration.between(from, to));
        SpotMarket.Pool pool =
                Objects.requireNonNull(MARKET.pool("us-west-2", "m6g.large", "us-west-2b", "Linux/UNIX"));
        List<SpotMarket.Price> prices = MARKET.history(pool, from, to).reversed();
        assertEquals(prices.size(), row.path("Points").size());
        assertEquals(
                prices.stream()
                        .map(SpotMarket.Price::price)
                        .min(Comparator.naturalOrder())
                        .orElseThrow()
                        .toPlainString(),
                row.path("Minimum").asText());
        assertEquals(
                prices.stream()
                        .map(SpotMarket.Price::price)
                        .max(Comparator.naturalOrder())
                        .orElseThrow()
                        .toPlainString(),
                row.path("Maximum").asText());
        assertEquals(mean(prices, from, to), new BigDecimal(row.path("Mean").asText()));
    }

    @Test
    void rejectsHistoryBeyondNinetyDays() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("history")
                .with("types", "m6g.large")
                .with("from", Instant.now().minus(Duration.ofDays(91)).toString())
                .toString());

        assertEquals("InvalidValue", answer.error());
    }

    @Test
    void rejectsScoreOfTwoTypesWithoutCall() throws Exception {
        SpotUrl.Answer answer = service.send(RequestBody.to("score")
                .with("types", List.of("m7g.large", "c7g.large"))
                .toString());

        assertEquals("TooFewTypes", answer.error());
        assertEquals(0, service.calls("ec2:GetSpotPlacementScores"));
    }

    @Test
    void reportsScoreLimitForNewRequestsOnly() throws Exception {
        List<String> types = List.of("m7g.large", "c7g.large", "r7g.large", "m6g.large");
        SpotUrl.Answer answer = service.send(
                RequestBody.to("score").with("types", types).with("count", 1).toString());
        assertScores(answer);
        for (int count = 2; answer.status() == 200 && count < 20; count++) {
            answer = service.send(RequestBody.to("score")
                    .with("types", types)
                    .with("count", count)
                    .toString());
        }

        assertEquals(429, answer.status());
        assertEquals("ScoreLimit", answer.error());
        // EC2 counts only new configurations, so the first one still succeeds.
        assertEquals(
                200,
                service.send(RequestBody.to("score")
                                .with("types", types.reversed())
                                .with("count", 1)
                                .toString())
                        .status());
    }

    private static void assertScores(SpotUrl.Answer answer) {
        assertEquals("scored", answer.json().path("event").asText(), answer.text());
        List<Integer> scores = new ArrayList<>();
        for (JsonNode row : answer.json().path("data")) {
            scores.add(row.path("Score").asInt());
            assertTrue(row.path("AvailabilityZone").asText().matches("us-west-2[a-d]"), row.toString());
            assertTrue(row.path("AvailabilityZoneId").asText().matches("usw2-az[1-4]"), row.toString());
        }
        assertEquals(4, scores.size(), answer.text());
        assertTrue(scores.stream().allMatch(score -> score >= 1 && score <= 10), scores.toString());
        assertEquals(
                scores.stream().sorted(Comparator.reverseOrder()).toList(),
                scores,
                "the highest score must come first");
    }

    private static BigDecimal mean(List<SpotMarket.Price> prices, Instant from, Instant to) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < prices.size(); i++) {
            Instant start =
                    prices.get(i).since().isBefore(from) ? from : prices.get(i).since();
            Instant end = i + 1 < prices.size() ? prices.get(i + 1).since() : to;
            sum = sum.add(prices.get(i)
                    .price()
                    .multiply(BigDecimal.valueOf(Duration.between(start, end).toMillis())));
        }
        return sum.divide(BigDecimal.valueOf(Duration.between(from, to).toMillis()), 6, RoundingMode.HALF_UP);
    }
}
