package io.github.spotspec.function;

import static io.github.spotspec.function.fake.AwsResponse.priceRecord;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HistoryTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    /** Sets prices for four hours: one hour at 0.01 since before the window, half an hour at 0.03, the rest at 0.02. */
    private void setFourHoursOfPrices() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "",
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.02", "2026-03-01T09:30:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.01", "2026-02-28T00:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z")));
    }

    @Test
    void weighsEachPriceByItsDuration() {
        setFourHoursOfPrices();

        Map<?, ?> row = function.send("{'task':'history','types':['m7g.large'],'last':'4h'}")
                .row(0);

        // (60 x 0.01 + 30 x 0.03 + 150 x 0.02) / 240; the middle of the 240 minutes is in the 150 at 0.02.
        assertEquals("0.018750", row.get("Mean"));
        assertEquals("0.02", row.get("Median"));
        assertEquals("0.01", row.get("Minimum"));
        assertEquals("0.03", row.get("Maximum"));
        assertEquals("us-west-2a", row.get("AvailabilityZone"));
        assertEquals("Linux/UNIX", row.get("ProductDescription"));
    }

    @Test
    void computesMedianOverTime() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "",
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.01", "2026-03-01T00:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.08", "2026-03-01T11:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.09", "2026-03-01T11:30:00Z")));

        assertEquals(
                "0.01",
                function.send("{'task':'history','types':['m7g.large'],'last':'12h'}")
                        .row(0)
                        .get("Median"));
    }

    @Test
    void returnsUnchangedPriceAsEveryFigure() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "", priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.0123", "2026-01-01T00:00:00Z")));

        Map<?, ?> row =
                function.send("{'task':'history','types':['m7g.large']}").row(0);

        assertEquals(
                List.of("0.0123", "0.012300", "0.0123", "0.0123"),
                List.of(
                        String.valueOf(row.get("Minimum")),
                        String.valueOf(row.get("Mean")),
                        String.valueOf(row.get("Median")),
                        String.valueOf(row.get("Maximum"))));
    }

    @Test
    void sortsPointsByTimeAndOmitsThemOnRequest() {
        setFourHoursOfPrices();

        List<?> points = (List<?>) function.send("{'task':'history','types':['m7g.large'],'last':'4h'}")
                .row(0)
                .get("Points");

        assertEquals(
                List.of(
                        Map.of("SpotPrice", "0.01", "Timestamp", "2026-02-28T00:00:00Z"),
                        Map.of("SpotPrice", "0.03", "Timestamp", "2026-03-01T09:00:00Z"),
                        Map.of("SpotPrice", "0.02", "Timestamp", "2026-03-01T09:30:00Z")),
                points);
        assertFalse(function.send("{'task':'history','types':['m7g.large'],'last':'4h','points':false}")
                .row(0)
                .containsKey("Points"));
    }

    @Test
    void returnsOneRowPerPool() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.01")
                .price("us-west-2b", "m7g.large", "0.02")
                .price("us-west-2a", "m6g.large", "0.03")
                .price("us-west-2a", "m7g.large", "Windows", "0.04");

        assertEquals(
                4,
                function.send("{'task':'history','types':['m7g.large','m6g.large'],'products':'all'}")
                        .data()
                        .size());
    }

    @Test
    void showsLinuxByDefaultExceptInTheEnvelope() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.01")
                .price("us-west-2a", "m7g.large", "Windows", "0.04");

        assertEquals(
                List.of("Linux/UNIX"),
                function.send("{'task':'history','types':['m7g.large']}").column("ProductDescription"));
        assertEquals(
                List.of("Linux/UNIX", "Windows"),
                function.send("{'attributes':{'task':'history','type':'m7g.large'}}")
                        .column("ProductDescription"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 2026-02-28T12:00:00Z | 2026-03-01T12:00:00Z",
                "'last':'90d' | 2025-12-01T12:00:00Z | 2026-03-01T12:00:00Z",
                "'from':'2026-02-01T00:00:00Z' | 2026-02-01T00:00:00Z | 2026-03-01T12:00:00Z",
                "'StartTime':'2026-02-01T00:00:00Z','EndTime':'2026-02-02T00:00:00Z' | 2026-02-01T00:00:00Z |"
                        + " 2026-02-02T00:00:00Z",
                "'to':'2026-02-02T00:00:00Z' | 2026-02-01T00:00:00Z | 2026-02-02T00:00:00Z",
                "'to':'2027-02-02T00:00:00Z','last':'1h' | 2026-03-01T11:00:00Z | 2026-03-01T12:00:00Z"
            },
            quoteCharacter = '`')
    void usesTheLastDayByDefault(String fields, String from, String to) {
        String more = fields.equals("''") ? "" : "," + fields;

        FunctionUnderTest.Answer answer = function.send("{'task':'history','types':['m7g.large']" + more + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(from, answer.meta().get("from"));
        assertEquals(to, answer.meta().get("to"));
        AwsCall call = function.aws().calls().getFirst();
        assertEquals(from, call.get("StartTime"));
        assertEquals(to, call.get("EndTime"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'last':'91d'",
                "'from':'2025-11-30T00:00:00Z'",
                "'to':'2025-12-01T13:00:00Z'",
                "'to':'-1000000000-01-01T00:00:00Z'",
                "'from':'-1000000000-01-01T00:00:00Z'",
                "'from':'yesterday'"
            })
    void rejectsTimesMoreThanNinetyDaysAgo(String fields) {
        FunctionUnderTest.Answer answer = function.send("{'task':'history','types':['m7g.large']," + fields + "}");

        assertEquals("InvalidValue", answer.error(), answer.body());
        assertEquals(List.of(), function.aws().calls());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'last':'1h','from':'2026-02-28T00:00:00Z'",
                "'from':'2026-03-01T13:00:00Z'",
                "'from':'2026-03-01T10:00:00Z','to':'2026-03-01T10:00:00Z'",
                "'from':'2026-03-01T10:00:00Z','to':'2026-03-01T09:00:00Z'",
                "'to':'2026-02-28T00:00:00Z','StartTime':'2026-02-28T00:00:00Z'"
            })
    void rejectsContradictoryTimes(String fields) {
        assertEquals(
                "InvalidRequest",
                function.send("{'task':'history','types':['m7g.large']," + fields + "}")
                        .error());
    }

    @Test
    void requiresTypes() {
        FunctionUnderTest.Answer answer = function.send("{'task':'history'}");

        assertEquals("MissingField", answer.error());
        assertTrue(answer.details().contains("'types'"), answer.details());
    }

    @Test
    void queriesOnlyRegionsOfTheGivenZones() {
        function.send("{'task':'history','types':['m7g.large'],'regions':'all','zones':['us-east-1a','us-east-1b']}");

        assertEquals(
                List.of("us-east-1"),
                function.aws().calls("DescribeSpotPriceHistory").stream()
                        .map(AwsCall::region)
                        .toList());
    }

    @Test
    void acceptsZonesByNameAndById() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.02")
                .price("us-west-2b", "m7g.large", "0.03")
                .price("us-west-2c", "m7g.large", "0.04");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'history','types':['m7g.large'],'zones':['us-west-2a','usw2-az4','usw2-az3']}");

        assertEquals(
                List.of("us-west-2a", "us-west-2b"),
                answer.column("AvailabilityZone").stream().sorted().toList());
        assertEquals(List.of("0", "0"), answer.column("Changes"), "no price change is counted twice");
    }
}
