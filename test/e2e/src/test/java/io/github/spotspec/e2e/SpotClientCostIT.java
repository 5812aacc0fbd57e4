package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Meter;
import io.github.spotspec.local.market.SpotMarket;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code spot cost}. Compares its amounts with the local cloud's market, from which the test computes them
 * without a price history.
 */
final class SpotClientCostIT extends SpotClientBase {
    /** Amounts are rounded to a millionth. */
    private static final BigDecimal ROUNDING = new BigDecimal("0.000001");

    /** Answers show times to the second, so the seconds of a running instance are known to about one. */
    private static final BigDecimal ONE_SECOND = new BigDecimal("0.00004");

    private final SpotMarket market;

    SpotClientCostIT(LocalDeployment service) {
        super(service);
        market = service.cloud().state().market();
    }

    @Test
    void showsCostsOfLivingAndEndedInstances() throws Exception {
        // Its day begins before midnight at any time of the day.
        Instance running = launch("us-west-2", Duration.ofHours(25));
        Instance ended = launch("us-east-1", Duration.ofMinutes(90));
        assertEquals(DONE, signed().run("end", ended.id()).status());

        JsonNode answer = json("cost", "--region", "all", "--json");

        JsonNode row = row(answer, running);
        Instant at = Instant.parse(answer.path("meta").path("at").asText());
        assertAmount(cost(running, Instant.EPOCH, at), row.path("Cost"), ONE_SECOND);
        assertAmount(cost(running, at.truncatedTo(ChronoUnit.DAYS), at), row.path("CostToday"), ONE_SECOND);
        assertTrue(amount(row, "CostToday").compareTo(amount(row, "Cost")) < 0, row.toString());
        assertTrue(amount(row, "CostAtLeaseEnd").compareTo(amount(row, "Cost")) > 0, row.toString());
        JsonNode past = row(answer, ended);
        assertAmount(new Meter(market).cost(ended), past.path("Cost"), ROUNDING);
        assertEquals(past.path("Cost"), past.path("CostAtLeaseEnd"), past.toString());
        assertEquals(service.callerArn(), row.path("Caller").asText());

        // EC2 also shows what other tests have ended.
        JsonNode meta = answer.path("meta");
        for (String amount : Set.of("CostToday", "Cost", "CostAtLeaseEnd")) {
            assertTotal(rows(answer), amount, meta);
            for (JsonNode total : meta.path("byCaller")) {
                assertTotal(rows(answer).filter(one -> one.path("Caller").equals(total.path("caller"))), amount, total);
            }
            for (JsonNode total : meta.path("byRegion")) {
                assertTotal(rows(answer).filter(one -> one.path("Region").equals(total.path("region"))), amount, total);
            }
        }
        assertTrue(meta.path("byCaller").findValuesAsText("caller").contains(service.callerArn()), meta.toString());
        assertTrue(
                meta.path("byRegion").findValuesAsText("region").containsAll(Set.of("us-west-2", "us-east-1")),
                meta.toString());
    }

    @Test
    void printsTableWithTotalsByCallerAndCsvWithRowForEachInstance() throws Exception {
        Instance here = launch("us-west-2", Duration.ZERO);
        Instance elsewhere = launch("us-east-1", Duration.ZERO);

        SpotClient.Result table = signed().run("cost", "--region", "all");
        assertEquals(DONE, table.status(), table.err());
        assertTrue(
                table.lines().getFirst().matches("ID +(NAME +)?TYPE +STATE +TODAY +COST +AT-END +CALLER"), table.out());
        assertTrue(table.out().contains(here.id()), table.out());
        assertTrue(table.out().contains(elsewhere.id()), table.out());
        int byRegion = table.lines().indexOf("by region:");
        assertTrue(byRegion > 0, table.out());
        assertTrue(
                table.lines().stream().skip(byRegion + 2).anyMatch(line -> line.startsWith("us-east-1 ")), table.out());
        SpotClient.Result wide = signed().run("cost", "--wide");
        assertTrue(wide.lines().stream().anyMatch(line -> line.startsWith(service.callerArn() + " ")), wide.out());

        SpotClient.Result csv = signed().run("cost", "--region", "all", "--csv");
        assertEquals(DONE, csv.status(), csv.err());
        for (Instance instance : List.of(here, elsewhere)) {
            assertEquals(
                    1,
                    csv.lines().stream()
                            .filter(line -> line.contains(instance.id()))
                            .count(),
                    csv.out());
        }
        assertTrue(csv.lines().getFirst().contains(",CostToday,"), csv.out());

        JsonNode named = json("cost", elsewhere.id(), "--json");
        assertEquals(1, named.path("data").size(), "ids are looked up in all regions: " + named);
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        SpotClient.Result documented = spot.runCommand(DocumentedCommand.of("spot cost --region all"));
        assertEquals(DONE, documented.status(), documented.err());
        assertTrue(documented.out().contains(",CostToday,"), documented.out());
        SpotClient.Result first = spot.runCommand(DocumentedCommand.of("spot cost"));
        assertEquals(DONE, first.status(), first.err());
        assertTrue(first.out().contains(elsewhere.id()), "the default is all regions: " + first.out());
    }

    @Test
    void rejectsRegionThatIsNotAllowed() throws Exception {
        SpotClient.Result rejected = signed().run("cost", "--region", "ap-south-1");

        assertEquals(REFUSED, rejected.status(), rejected.out());
        assertTrue(rejected.err().startsWith("RegionNotAllowed: "), rejected.err());
    }

    private JsonNode json(String... command) throws Exception {
        SpotClient.Result ran = signed().run(command);
        assertEquals(DONE, ran.status(), ran.err());
        return new SpotUrl.Answer(200, ran.out()).json();
    }

    private Instance launch(String region, Duration ago) throws Exception {
        SpotClient.Result launched =
                signed().run("launch", "m7g.large", "--ami", RequestBody.ARM_IMAGE, "--region", region, "--no-dry-run");
        assertEquals(DONE, launched.status(), launched.err());
        Instance instance = service.alive().getLast();
        service.instanceStore().backdate(instance, ago);
        return instance;
    }

    /** Returns what the seconds of a running Spot Instance in a period cost. */
    private BigDecimal cost(Instance instance, Instant from, Instant to) {
        SpotMarket.Pool pool = Objects.requireNonNull(market.pool(
                instance.launchSpecification().region(),
                instance.launchSpecification().type(),
                instance.launchSpecification().subnet().zone(),
                instance.launchSpecification().image().platform()));
        BigDecimal cost = BigDecimal.ZERO;
        for (Instant hour = instance.launched(); hour.isBefore(to); hour = hour.plusSeconds(3_600)) {
            Instant begin = hour.isBefore(from) ? from : hour;
            Instant end = hour.plusSeconds(3_600).isAfter(to) ? to : hour.plusSeconds(3_600);
            BigDecimal seconds = BigDecimal.valueOf(Math.max(0, begin.until(end, ChronoUnit.SECONDS)));
            cost = cost.add(market.at(pool, hour)
                    .price()
                    .multiply(seconds)
                    .divide(BigDecimal.valueOf(3_600), MathContext.DECIMAL64));
        }
        return cost;
    }

    private static JsonNode row(JsonNode answer, Instance instance) {
        return rows(answer)
                .filter(row -> row.path("InstanceId").asText().equals(instance.id()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(answer.toString()));
    }

    private static Stream<JsonNode> rows(JsonNode answer) {
        return StreamSupport.stream(answer.path("data").spliterator(), false);
    }

    private static BigDecimal amount(JsonNode row, String column) {
        return new BigDecimal(row.path(column).asText());
    }

    /** Fails unless a total is the sum of the known amounts of rows. */
    private static void assertTotal(Stream<JsonNode> rows, String column, JsonNode totals) {
        List<BigDecimal> known = rows.filter(row -> !row.path(column).isNull())
                .map(row -> amount(row, column))
                .toList();
        assertAmount(
                known.stream().reduce(BigDecimal.ZERO, BigDecimal::add),
                totals.path(column.substring(0, 1).toLowerCase(Locale.ROOT) + column.substring(1)),
                ROUNDING.multiply(BigDecimal.valueOf(1 + known.size())));
    }

    private static void assertAmount(BigDecimal expected, JsonNode actual, BigDecimal tolerance) {
        BigDecimal difference =
                expected.subtract(new BigDecimal(actual.asText())).abs();
        assertTrue(difference.compareTo(tolerance) <= 0, expected + " " + actual);
    }
}
