package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScoreTest {
    private static final String SCORE = "{'task':'score','types':['m7g.large','m6g.large','c7g.large']}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    ScoreTest() {
        function.ec2().catalog().score("us-west-2a", 3).score("us-west-2b", 9).score("us-east-1a", 9);
    }

    @Test
    void sortsZonesByScore() {
        FunctionUnderTest.Answer answer = function.send(SCORE);

        assertEquals("scored", answer.event());
        assertEquals(List.of("us-west-2b", "us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("usw2-az3", "usw2-az4"), answer.column("AvailabilityZoneId"));
        assertEquals(List.of("9", "3"), answer.column("Score"));
    }

    @Test
    void sendsSameQueryForTypesInAnyOrder() {
        function.send(SCORE);
        function.send(
                "{'task':'score','types':['c7g.large','m7g.large','m6g.large'],'regions':['us-east-1','us-west-2']}");

        List<AwsCall> calls = function.aws().calls("GetSpotPlacementScores");
        assertEquals(
                List.of("c7g.large", "m6g.large", "m7g.large"), calls.get(0).list("InstanceType"));
        assertEquals(calls.get(0).list("InstanceType"), calls.get(1).list("InstanceType"));
        assertEquals(List.of("us-east-1", "us-west-2"), calls.get(1).list("RegionName"));
        assertTrue(calls.getFirst().has("TargetCapacity=1"));
    }

    @Test
    void scoresWholeRegionsOnRequest() {
        FunctionUnderTest.Answer answer = function.send(
                "{'task':'score','types':['m7g.large','m6g.large','c7g.large'],'regions':'all','per':'region','count':'50'}");

        assertEquals(List.of("us-east-1", "us-west-2"), answer.column("Region"));
        assertEquals(List.of("9", "3"), answer.column("Score"));
        assertEquals(List.of("null", "null"), answer.column("AvailabilityZone"));
        AwsCall call = function.aws().calls("GetSpotPlacementScores").getFirst();
        assertTrue(call.has("SingleAvailabilityZone=false"), call.form());
        assertTrue(call.has("TargetCapacity=50"), call.form());
        assertEquals(0, function.aws().calls("DescribeAvailabilityZones").size());
    }

    @Test
    void rejectsFewerThanThreeTypes() {
        FunctionUnderTest.Answer answer = function.send("{'task':'score','types':['m7g.large','m6g.large']}");

        assertEquals("TooFewTypes", answer.error());
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void rejectsRequirementsMetByFewerThanThreeTypes() {
        function.ec2().catalog().type("m7g.large", 2, 8, "arm64").type("m6g.large", 2, 8, "arm64");

        assertEquals("TooFewTypes", function.send("{'task':'score','vcpu':2}").error());
    }

    @Test
    void scoresMoreThanAHundredTypes() {
        for (int i = 0; i < 108; i++) {
            function.ec2().catalog().type("c7g." + i + "xlarge", 16, 64, "arm64");
        }

        assertEquals(200, function.send("{'task':'score','vcpu':16}").status());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesUnknownTypes(boolean fails) {
        function.ec2().catalog().withoutType("us-west-2", "m7g.lagre");
        function.aws()
                .always(
                        "GetSpotPlacementScores",
                        fails
                                ? Fault.error(400, "InvalidParameterValue")
                                : (call, ec2) -> AwsResponse.of(call.action(), "<spotPlacementScoreSet/>"));

        FunctionUnderTest.Answer answer = function.send(SCORE.replace("m7g.large", "m7g.lagre"));

        assertEquals("UnknownType", answer.error(), answer.body());
        assertTrue(answer.details().contains("m7g.lagre"), answer.details());
        assertFalse(answer.details().contains("m6g.large"), answer.details());
    }

    @Test
    void skipsAndCountsRowsWithoutScore() {
        function.aws()
                .always(
                        "GetSpotPlacementScores",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<spotPlacementScoreSet><item><region>us-west-2</region></item>"
                                        + "<item><region>us-west-2</region><score>3</score></item></spotPlacementScoreSet>"));

        FunctionUnderTest.Answer answer = function.send(SCORE);

        assertEquals(List.of("3"), answer.column("Score"));
        assertEquals("1", String.valueOf(answer.meta().get("skippedRows")));
    }

    @Test
    void reportsLimitOfNewQueries() {
        function.aws().always("GetSpotPlacementScores", Fault.error(400, "MaxConfigLimitExceeded"));

        FunctionUnderTest.Answer answer = function.send(SCORE);

        assertEquals(429, answer.status());
        assertEquals("ScoreLimit", answer.error());
    }

    @Test
    void rejectsMoreThanTenRegions() {
        String[] regions = new String[11];
        for (int i = 0; i < regions.length; i++) {
            regions[i] = "xx-" + (char) ('a' + i) + "xxx-1";
        }

        FunctionUnderTest.Answer answer = new FunctionUnderTest(regions)
                .send("{'task':'score','types':['m7g.large','m6g.large','c7g.large'],'regions':'all'}");

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("10") && answer.details().contains("11"), answer.details());
    }
}
