package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Asked;
import io.github.spotspec.function.fake.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScoreTest {
    private static final String SCORE = "{'task':'score','types':['m7g.large','m6g.large','c7g.large']}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    ScoreTest() {
        function.ec2().catalogue().score("us-west-2a", 3).score("us-west-2b", 9).score("us-east-1a", 9);
    }

    @Test
    void theBestZoneComesFirstAndIsNamed() {
        FunctionUnderTest.Answer answer = function.ask(SCORE);

        assertEquals("scored", answer.event());
        assertEquals(List.of("us-west-2b", "us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("usw2-az3", "usw2-az4"), answer.column("AvailabilityZoneId"));
        assertEquals(List.of("9", "3"), answer.column("Score"));
    }

    @Test
    void theSameQuestionIsPutInTheSameWordsSinceEc2CountsNewOnes() {
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
    void regionsAsAWholeAreScoredOnRequest() {
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
    void fewerThanThreeTypesAreRefusedSinceTheirScoreMeansNothing() {
        FunctionUnderTest.Answer answer = function.ask("{'task':'score','types':['m7g.large','m6g.large']}");

        assertEquals("TooFewTypes", answer.error());
        assertEquals(
                "EC2's score means something for at least 3 types, got 2; name more of those that would do.",
                answer.details());
        assertEquals(List.of(), function.aws().asked());
    }

    @Test
    void fewerThanThreeTypesThatHaveWhatIsNeededAreRefusedAsWell() {
        function.ec2().catalogue().type("m7g.large", 2, 8, "arm64").type("m6g.large", 2, 8, "arm64");

        assertEquals("TooFewTypes", function.ask("{'task':'score','vcpu':2}").error());
    }

    @Test
    void theLimitOfNewQuestionsIsReportedAsSuch() {
        function.aws().always("GetSpotPlacementScores", Fault.error(400, "MaxConfigLimitExceeded"));

        FunctionUnderTest.Answer answer = function.ask(SCORE);

        assertEquals(429, answer.status());
        assertEquals("ScoreLimit", answer.error());
        assertTrue(answer.details().contains("questions asked before may be asked again"), answer.details());
    }

    @Test
    void atMostTenRegionsAreScored() {
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
