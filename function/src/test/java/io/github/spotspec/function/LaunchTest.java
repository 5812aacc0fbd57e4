package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a launch does, and when it is only a dry run. */
final class LaunchTest {
    private static final String LAUNCH = "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    LaunchTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2b", "m7g.large", "0.02")
                .price("us-east-1a", "m7g.large", "0.01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'dryRun':true", ",'dryRun':'true'", ",'dryRun':null"})
    void isDryRunUnlessDryRunIsFalse(String dryRun) {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + dryRun + "}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("launched", answer.event());
        assertEquals(true, answer.meta().get("dryRun"));
        assertEquals("2026-03-01T20:00:00Z", answer.meta().get("lease"), "the lease of an instance that launches now");
        assertEquals(List.of(), answer.data());
        assertEquals(List.of("m7g.large us-west-2b", "m7g.large us-west-2a"), answer.pools("candidates"));
        assertEquals(List.of(), function.ec2().instances());
        assertTrue(function.aws().calls("RunInstances").stream().allMatch(call -> call.has("DryRun=true")));
        assertEquals(1, function.aws().calls("RunInstances").size());
    }

    @Test
    void failsWhenEc2RejectsTheDryRun() {
        function.aws().always("RunInstances", Fault.denied());

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(403, answer.status());
        assertEquals("NotAuthorized", answer.error());
    }

    @Test
    void triesNextPoolInDryRun() {
        function.aws().next("RunInstances", Fault.error(400, "Unsupported"));
        assertEquals(200, function.send("{" + LAUNCH + "}").status());

        function.aws().always("RunInstances", Fault.error(400, "Unsupported"));
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");
        assertEquals("NoCapacity", answer.error());
        assertTrue(answer.details().contains("us-west-2b (spot: Unsupported)"), answer.details());
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "'false'"})
    void launchesWhenDryRunIsFalse(String dryRun) {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'dryRun':" + dryRun + "}");

        FakeInstance launched = function.ec2().instances().getFirst();
        assertEquals("launched", answer.event());
        assertEquals(false, answer.meta().containsKey("dryRun"));
        assertEquals(false, answer.meta().containsKey("lease"), "each instance has its own lease");
        assertEquals("1", String.valueOf(answer.meta().get("asked")));
        assertEquals("1", String.valueOf(answer.meta().get("launched")));
        assertEquals(List.of("us-west-2"), answer.meta().get("regions"));
        Map<?, ?> row = answer.row(0);
        assertEquals(launched.id(), row.get("InstanceId"));
        assertEquals(launched.request().id(), row.get("SpotInstanceRequestId"));
        assertEquals("us-west-2b", row.get("AvailabilityZone"));
        assertEquals("0.02", row.get("SpotPrice"));
        assertEquals("2026-03-01T20:00:00Z", row.get("Lease"));
        assertEquals("8h", row.get("LeaseLeft"));
        assertEquals("lowest-price", row.get("Allocation"));
    }

    @Test
    void launchesInTheGivenRegion() {
        function.send("{" + LAUNCH + ",'region':'us-east-1','dryRun':false}");

        assertEquals("us-east-1a", function.ec2().instances().getFirst().zone());
    }

    @Test
    void listsAndEndsLaunchedInstances() {
        function.send("{" + LAUNCH + ",'count':2,'dryRun':false}");

        assertEquals(2, function.send("{'task':'instances'}").data().size());
        assertEquals(2, function.send("{'task':'requests'}").data().size());
        assertEquals(
                "0",
                String.valueOf(function.send("{'task':'end','all':true}").meta().get("left")));
        assertEquals(List.of(), function.ec2().alive());
    }

    @Test
    void makesTwoCallsForWarmLaunchInKnownPools() {
        function.send("{" + LAUNCH + ",'dryRun':false}");
        function.aws().clearCalls();
        function.advanceClock(Duration.ofSeconds(30));

        function.send("{" + LAUNCH + ",'dryRun':false,'idempotencyKey':'again'}");

        assertEquals(
                List.of("DescribeInstances", "RunInstances"),
                function.aws().calls().stream().map(AwsCall::action).toList());
    }

    @Test
    void launchesFromOnePoolBeforeReadingPrices() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + ",'zones':['us-west-2a'],'dryRun':false}");

        assertEquals(List.of("us-west-2a"), answer.column("AvailabilityZone"));
        assertEquals(List.of("null"), answer.column("SpotPrice"));
        List<String> calls =
                function.aws().calls().stream().map(AwsCall::action).toList();
        assertTrue(calls.indexOf("RunInstances") < calls.indexOf("DescribeSpotPriceHistory"), calls::toString);
    }

    @Test
    void choosesTypesByRequirements() {
        function.ec2().catalog().type("m7g.large", 2, 8, "arm64").type("c7g.large", 2, 4, "arm64");

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'launch','ami':'ami-0123456789abcdef0','vcpu':2,'memoryGiB':'8-','dryRun':false}");

        assertEquals(List.of("m7g.large"), answer.column("InstanceType"));
    }

    @Test
    void choosesOnlyTypesThatCanStartTheImage() {
        function.ec2()
                .catalog()
                .architecture("ami-0123456789abcdef0", "x86_64")
                .type("m7g.large", 2, 8, "arm64")
                .type("m7i.large", 2, 8, "x86_64")
                .price("us-west-2a", "m7i.large", "0.5");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'launch','ami':'ami-0123456789abcdef0','vcpu':2,'dryRun':false}");

        assertEquals(List.of("m7i.large"), answer.column("InstanceType"), answer.body());
    }

    @Test
    void rejectsArchitectureThatTheImageLacks() {
        function.ec2().catalog().architecture("ami-0123456789abcdef0", "x86_64");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'launch','ami':'ami-0123456789abcdef0','architecture':'arm64'}");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'architecture'"), answer.details());
        assertTrue(answer.details().contains("arm64") && answer.details().contains("x86_64"), answer.details());
    }

    @Test
    void cachesImageOfPublicParameterForFiveMinutes() {
        String parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
        function.aws().parameters().put(parameter, "ami-0123456789abcdef0");
        String launch = "{'task':'launch','types':['m7g.large'],'ami':'resolve:ssm:" + parameter + "','dryRun':false}";

        function.send(launch);
        function.advanceClock(Duration.ofSeconds(299));
        function.send(launch);
        assertEquals(1, function.aws().parameters().reads());
        function.advanceClock(Duration.ofSeconds(1));
        function.send(launch);
        assertEquals(2, function.aws().parameters().reads());
        assertTrue(function.aws().calls("RunInstances").stream()
                .allMatch(call -> call.has("ImageId=ami-0123456789abcdef0")));
    }

    @Test
    void reportsMissingParameterOrImage() {
        FunctionUnderTest.Answer parameter =
                function.send("{'task':'launch','types':['m7g.large'],'ami':'resolve:ssm:/aws/service/nothing'}");
        FunctionUnderTest.Answer image = function.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0badbad0'}");

        assertEquals("Ec2Refused", parameter.error());
        assertTrue(parameter.details().contains("/aws/service/nothing"), parameter.details());
        assertEquals("Ec2Refused", image.error());
        assertTrue(image.details().contains("InvalidAMIID.NotFound"), image.details());
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void reportsMissingMarketplaceSubscription(String dryRun) {
        function.ec2().catalog().marketplace("ami-0123456789abcdef0");
        function.aws().always("RunInstances", Fault.error(401, "OptInRequired"));

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':" + dryRun + "}");

        assertEquals("Ec2Refused", answer.error(), answer.body());
        assertTrue(answer.details().contains("ami-0123456789abcdef0"), answer.details());
        assertTrue(answer.details().contains("https://aws.amazon.com/marketplace"), answer.details());
        assertEquals(1, function.aws().calls("RunInstances").size(), "the operator's key is not read again");
    }

    @Test
    void reportsRejectedOperatorForOtherImages() {
        function.aws().always("RunInstances", Fault.error(401, "AuthFailure"));

        assertEquals(
                "OperatorRejected",
                function.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}")
                        .error());
    }

    @Test
    void rejectsTypeThatNoPoolHas() {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'launch','types':['m9z.large'],'ami':'ami-0123456789abcdef0'}");

        assertEquals(400, answer.status());
        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("m9z.large"), answer.details());
    }

    @Test
    void requiresTypes() {
        FunctionUnderTest.Answer answer = function.send("{'task':'launch','ami':'ami-0123456789abcdef0'}");

        assertEquals("MissingField", answer.error());
        assertTrue(answer.details().contains("'types'"), answer.details());
        assertFalse(answer.details().contains("null"));
    }
}
