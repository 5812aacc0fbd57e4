package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.fake.AwsResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that requests may name zones by id, and that answers show the id of each zone. */
final class ZoneIdsTest {
    private static final String LAUNCH = "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    ZoneIdsTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2b", "m7g.large", "0.02")
                .subnet("subnet-0000000a", "us-west-2a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'task':'price'", "'task':'history','types':['m7g.large']", LAUNCH + ",'dryRun':false"})
    void acceptsZoneByIdAndShowsIt(String request) {
        FunctionUnderTest.Answer answer = function.send("{" + request + ",'zones':['usw2-az4']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("usw2-az4"), answer.column("AvailabilityZoneId"));
    }

    @ParameterizedTest
    @CsvSource({"instances", "requests"})
    void listsShowZoneId(String task) {
        function.ec2().managedInstance("us-west-2a", "m7g.large");

        assertEquals(
                List.of("usw2-az4"), function.send("{'task':'" + task + "'}").column("AvailabilityZoneId"));
    }

    @Test
    void candidatesAndAttemptsShowZoneId() {
        function.ec2().launches().capacity("us-west-2b", "m7g.large", 0);

        assertEquals(
                List.of("usw2-az3", "usw2-az4"),
                zoneIds(function.send("{" + LAUNCH + "}"), "candidates").toList());
        assertEquals(
                List.of("usw2-az3", "usw2-az4"),
                zoneIds(function.send("{" + LAUNCH + ",'dryRun':false}"), "attempts")
                        .toList());
    }

    @Test
    void candidatesShowZoneIdOfSubnet() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'subnetIds':['subnet-0000000a']}");

        assertEquals(List.of("usw2-az4"), zoneIds(answer, "candidates").toList());
    }

    @Test
    void showsPriceWithoutZoneId() {
        function.aws()
                .always(
                        "DescribeSpotPriceHistory",
                        (call, ec2) -> new AwsResponse(
                                200,
                                AwsResponse.prices(
                                                "",
                                                AwsResponse.priceRecord(
                                                        "us-west-2a",
                                                        "m7g.large",
                                                        "Linux/UNIX",
                                                        "0.03",
                                                        "2026-03-01T10:00:00Z"))
                                        .body()
                                        .replaceAll("<availabilityZoneId>.*?</availabilityZoneId>", "")));

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large']}");

        assertEquals(List.of("us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("null"), answer.column("AvailabilityZoneId"));
    }

    private static Stream<String> zoneIds(FunctionUnderTest.Answer answer, String name) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get(name), answer.body()))
                .stream().map(pool -> String.valueOf(((Map<?, ?>) pool).get("AvailabilityZoneId")));
    }
}
