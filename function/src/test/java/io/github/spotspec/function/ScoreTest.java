package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Asked;
import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.fake.Said;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScoreTest {
    private static final String SCORE = "{'task':'score','types':['m7g.large','m6g.large','c7g.large']}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    ScoreTest() {
        function.ec2().catalogue().score("us-west-2a", 3).score("us-west-2b", 9).score("us-east-1a", 9);
    }

    @Test
    void sortsZonesByScore() {
        FunctionUnderTest.Answer answer = function.ask(SCORE);

        assertEquals("scored", answer.event());
        assertEquals(List.of("us-west-2b", "us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("usw2-az3", "usw2-az4"), answer.column("AvailabilityZoneId"));
        assertEquals(List.of("9", "3"), answer.column("Score"));
    }

    @Test
    void sendsSameQueryForTypesInAnyOrder() {
        function.ask(SCORE);
        function.ask(
                "{'task':'score','types':['c7g.large','m7g.large','m6g.large'],'regions':['us-east-1','us-west-2']}");

        List<Asked> asked = function.aws().asked("GetSpotPlacementScores");
        assertEquals(
                List.of("c7g.large", "m6g.large", "m7g.large"), asked.get(0).list("InstanceType"));
        assertEquals(asked.get(0).list("InstanceType"), asked.get(1).list("InstanceType"));
        assertEquals(List.of("us-east-1", "us-west-2"), asked.get(1).list("RegionName"));
        assertTrue(asked.getFirst().has("TargetCapacity=1"));
    }

    @Test
    void scoresWholeRegionsOnRequest() {
        FunctionUnderTest.Answer answer = function.ask(
                "{'task':'score','types':['m7g.large','m6g.large','c7g.large'],'regions':'all','per':'region','count':'50'}");

        assertEquals(List.of("us-east-1", "us-west-2"), answer.column("Region"));
        assertEquals(List.of("9", "3"), answer.column("Score"));
        assertEquals(List.of("null", "null"), answer.column("AvailabilityZone"));
        Asked asked = function.aws().asked("GetSpotPlacementScores").getFirst();
        assertTrue(asked.has("SingleAvailabilityZone=false"), asked.form());
        assertTrue(asked.has("TargetCapacity=50"), asked.form());
        assertEquals(0, function.aws().asked("DescribeAvailabilityZones").size());
    }

    @Test
    void rejectsFewerThanThreeTypes() {
        FunctionUnderTest.Answer answer = function.ask("{'task':'score','types':['m7g.large','m6g.large']}");

        assertEquals("TooFewTypes", answer.error());
        assertEquals(
                "EC2's score means something for at least 3 types, got 2; name more of those that would do.",
                answer.details());
        assertEquals(List.of(), function.aws().asked());
    }

    @Test
    void rejectsRequirementsMetByFewerThanThreeTypes() {
        function.ec2().catalogue().type("m7g.large", 2, 8, "arm64").type("m6g.large", 2, 8, "arm64");

        assertEquals("TooFewTypes", function.ask("{'task':'score','vcpu':2}").error());
    }

    @Test
    void scoresMoreThanAHundredTypes() {
        for (int i = 0; i < 108; i++) {
            function.ec2().catalogue().type("c7g." + i + "xlarge", 16, 64, "arm64");
        }

        assertEquals(200, function.ask("{'task':'score','vcpu':16}").status());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesUnknownTypes(boolean refuses) {
        function.ec2().catalogue().lacks("us-west-2", "m7g.lagre");
        function.aws()
                .always(
                        "GetSpotPlacementScores",
                        refuses
                                ? Fault.error(400, "InvalidParameterValue")
                                : (asked, ec2) -> Said.of(asked.action(), "<spotPlacementScoreSet/>"));

        FunctionUnderTest.Answer answer = function.ask(SCORE.replace("m7g.large", "m7g.lagre"));

        assertEquals("UnknownType", answer.error(), answer.body());
        assertTrue(answer.details().contains("m7g.lagre"), answer.details());
        assertFalse(answer.details().contains("m6g.large"), answer.details());
    }

    @Test
    void skipsAndCountsRowsWithoutScore() {
        function.aws()
                .always(
                        "GetSpotPlacementScores",
                        (asked, ec2) -> Said.of(
                                asked.action(),
                                "<spotPlacementScoreSet><item><region>us-west-2</region></item>"
                                        + "<item><region>us-west-2</region><score>3</score></item></spotPlacementScoreSet>"));

        FunctionUnderTest.Answer answer = function.ask(SCORE);

        assertEquals(List.of("3"), answer.column("Score"));
        assertEquals("1", String.valueOf(answer.meta().get("skippedRows")));
    }

    @Test
    void reportsLimitOfNewQueries() {
        function.aws().always("GetSpotPlacementScores", Fault.error(400, "MaxConfigLimitExceeded"));

        FunctionUnderTest.Answer answer = function.ask(SCORE);

        assertEquals(429, answer.status());
        assertEquals("ScoreLimit", answer.error());
        assertTrue(answer.details().contains("questions asked before may be asked again"), answer.details());
    }

    @Test
    void rejectsMoreThanTenRegions() {
        String[] regions = new String[11];
        for (int i = 0; i < regions.length; i++) {
            regions[i] = "xx-" + (char) ('a' + i) + "xxx-1";
        }

        FunctionUnderTest.Answer answer = new FunctionUnderTest(regions)
                .ask("{'task':'score','types':['m7g.large','m6g.large','c7g.large'],'regions':'all'}");

        assertEquals("InvalidValue", answer.error());
        assertEquals("EC2 scores at most 10 regions at a time, got 11.", answer.details());
    }
}
