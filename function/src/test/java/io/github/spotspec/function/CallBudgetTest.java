package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how often a request may call EC2, whatever its task and its remaining time. */
final class CallBudgetTest {
    private static final int MAX_CALLS = 1_000;
    private static final String PRICE = "{'task':'price','types':['m7g.large']";
    private static final List<String> ZONES = List.of("us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d");
    private static final Fault ENDLESS = (call, ec2) -> nextPage(call);

    private final FunctionUnderTest function = withoutTimeLimit();

    /** Returns a function that does not run out of time. */
    private static FunctionUnderTest withoutTimeLimit() {
        FunctionUnderTest function = FunctionUnderTest.withRegions("'allowOnDemand':true", "us-west-2", "us-east-1");
        function.setRemainingTime(Duration.ofHours(10));
        return function;
    }

    private static AwsResponse nextPage(AwsCall call) {
        return AwsResponse.prices(call.hasParameter("NextToken") ? call.text("NextToken") + "." : "more");
    }

    private int calls() {
        return function.aws().calls().size();
    }

    @ParameterizedTest
    @ValueSource(strings = {PRICE + "}", "{'task':'history','types':['m7g.large']}"})
    void rejectsRequestWithEndlessPages(String body) {
        function.aws().always("DescribeSpotPriceHistory", ENDLESS);

        FunctionUnderTest.Answer answer = function.send(body);

        assertEquals(400, answer.status(), answer.body());
        assertEquals("TooManyCalls", answer.error());
        assertEquals(MAX_CALLS, calls());
        assertTrue(function.log().contains("\"reason\":\"TooManyCalls\""), function.log());
    }

    @Test
    void givesEveryRequestItsOwnBudget() {
        function.aws().always("DescribeSpotPriceHistory", ENDLESS);
        function.send(PRICE + "}");
        function.aws().always("DescribeSpotPriceHistory", Fault.none());

        assertEquals(200, function.send(PRICE + "}").status());
    }

    @Test
    void countsRetriesOfTheSdk() {
        function.aws().next("DescribeSpotPriceHistory", Fault.failure(), Fault.failure());
        function.aws().always("DescribeSpotPriceHistory", ENDLESS);

        assertEquals("TooManyCalls", function.send(PRICE + "}").error());
        assertEquals(MAX_CALLS, calls());
    }

    @Test
    void sharesOneBudgetWhenRepeatedWithAnotherKey() {
        function.aws().always("DescribeSpotPriceHistory", (call, ec2) -> {
            if (calls() == MAX_CALLS / 2) {
                function.aws().secret().setValue("{\"accessKeyId\":\"AKIASECOND\",\"secretAccessKey\":\"second\"}");
                return AwsResponse.error(401, "AuthFailure", "no");
            }
            return nextPage(call);
        });

        assertEquals("TooManyCalls", function.send(PRICE + "}").error());
        assertEquals(MAX_CALLS, calls());
        assertEquals("AKIASECOND", function.aws().calls().getLast().accessKeyId());
    }

    @Test
    void returnsOtherRegionsWhenOneExceedsTheBudget() {
        CountDownLatch answered = new CountDownLatch(1);
        function.aws().always("DescribeSpotPriceHistory", (call, ec2) -> {
            if (call.region().equals("us-east-1")) {
                answered.countDown();
                return AwsResponse.prices(
                        "",
                        AwsResponse.priceRecord(
                                "us-east-1a", "m7g.large", "Linux/UNIX", "0.02", "2026-03-01T10:00:00Z"));
            }
            answered.await();
            return nextPage(call);
        });

        FunctionUnderTest.Answer answer = function.send(PRICE + ",'regions':'all'}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("us-east-1"), answer.column("Region"));
        Map<?, ?> failed =
                (Map<?, ?>) ((List<?>) Objects.requireNonNull(answer.meta().get("failed"))).getFirst();
        assertEquals("us-west-2", failed.get("region"));
        assertEquals("TooManyCalls", failed.get("error"));
    }

    @Test
    void stopsTryingPoolsWithoutCapacity() {
        offerPoolsWithoutCapacity(function);

        FunctionUnderTest.Answer answer = launch(function, 1);

        assertEquals("TooManyCalls", answer.error(), answer.body());
        assertTrue(calls() < MAX_CALLS, calls() + " calls");
    }

    @Test
    void reportsInstancesLaunchedBeforeTheBudgetRanOut() {
        offerPoolsWithoutCapacity(function);
        function.ec2().launches().capacity("us-west-2b", "c7g.t0", 1);

        FunctionUnderTest.Answer answer = launch(function, 2);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(alive(function), answer.column("InstanceId"));
        assertEquals("1", String.valueOf(answer.meta().get("launched")));
        assertEquals("2", String.valueOf(answer.meta().get("asked")));
    }

    @Test
    @Tag("long")
    void reportsLaunchWhoseResponseIsLostAtBudgetEnd() {
        offerPoolsWithoutCapacity(function);
        launch(function, 1);
        int last = launchCalls(function).getLast();
        for (int lost : List.of(last, last - 1, last - 2)) {
            FunctionUnderTest again = withoutTimeLimit();
            offerPoolsWithoutCapacity(again);
            again.aws().always("RunInstances", (call, ec2) -> {
                if (again.aws().calls().size() == lost) {
                    setCapacity(again, 1);
                    return Fault.lostAnswer().answer(call, ec2);
                }
                return ec2.answer(call);
            });

            FunctionUnderTest.Answer answer = launch(again, 1);

            assertEquals(1, alive(again).size(), "EC2 launched it");
            assertEquals(200, answer.status(), answer.body());
            assertEquals(alive(again), answer.column("InstanceId"));
        }
    }

    /** Returns the positions of the launches among all calls. */
    private static List<Integer> launchCalls(FunctionUnderTest function) {
        List<AwsCall> calls = function.aws().calls();
        List<Integer> runs = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).action().equals("RunInstances")) {
                runs.add(i + 1);
            }
        }
        return runs;
    }

    private static List<String> pools() {
        return IntStream.range(0, 100).mapToObj(type -> "c7g.t" + type).toList();
    }

    /** Offers more pools without capacity, on spot and on demand, than a request may try. */
    private static void offerPoolsWithoutCapacity(FunctionUnderTest function) {
        for (String type : pools()) {
            for (String zone : ZONES) {
                // The pool that comes first is the cheapest.
                function.ec2()
                        .catalog()
                        .price(zone, type, type.equals("c7g.t0") && zone.endsWith("b") ? "0.001" : "0.01");
            }
        }
        setCapacity(function, 0);
    }

    private static void setCapacity(FunctionUnderTest function, int instances) {
        for (String type : pools()) {
            for (String zone : ZONES) {
                function.ec2().launches().capacity(zone, type, instances).onDemandCapacity(zone, type, instances);
            }
        }
    }

    private static FunctionUnderTest.Answer launch(FunctionUnderTest function, int count) {
        return function.send("{'task':'launch','types':['" + String.join("','", pools())
                + "'],'ami':'ami-0123456789abcdef0','dryRun':false,'onNoCapacity':'onDemand','count':" + count + "}");
    }

    private static List<String> alive(FunctionUnderTest function) {
        return function.ec2().alive().stream().map(FakeInstance::id).toList();
    }

    @Test
    void checksTerminationUntilTheBudgetRunsOut() {
        FakeInstance stubborn =
                function.ec2().managedInstance("us-west-2a", "m7g.large").ignoresTermination();
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'end','all':true}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(
                Map.of(stubborn.id(), "false", other.id(), "true"),
                answer.data().stream()
                        .map(row -> (Map<?, ?>) row)
                        .collect(Collectors.toMap(
                                row -> String.valueOf(row.get("InstanceId")),
                                row -> String.valueOf(row.get("Ended")))));
        assertEquals("1", String.valueOf(answer.meta().get("left")));
        assertTrue(calls() < MAX_CALLS, calls() + " calls");
    }

    @Test
    @Tag("long")
    void namesInstancesNotEndedWhenTheBudgetRanOut() {
        FakeEc2 ec2 = function.ec2();
        FakeInstance kept = ec2.managedInstance("us-west-2a", "m7g.large");
        IntStream.range(0, 700).forEach(i -> ec2.managedInstance("us-west-2a", "m7g.large"));
        // It fails the call for all, so that the function terminates each one separately.
        function.aws().always("TerminateInstances", Fault.forId(kept.id(), 400, "OperationNotPermitted"));

        FunctionUnderTest.Answer answer = function.send("{'task':'end','all':true}");

        assertEquals(200, answer.status(), answer.body());
        assertTrue(calls() < MAX_CALLS, calls() + " calls");
        assertEquals(alive(function), failedIds(answer));
        assertEquals(
                String.valueOf(alive(function).size()),
                String.valueOf(answer.meta().get("left")));
        assertTrue(alive(function).size() > 1, "the budget ran out before the end");
        assertTrue(answer.body().contains("\"error\":\"TooManyCalls\""));

        function.aws().clearCalls();
        FunctionUnderTest.Answer next = function.send("{'task':'end','all':true}");
        assertEquals(List.of(kept.id()), failedIds(next));
        assertFalse(next.body().contains("TooManyCalls"), next.body());
    }

    private static List<String> failedIds(FunctionUnderTest.Answer answer) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get("refused")))
                .stream()
                        .map(one -> String.valueOf(((Map<?, ?>) one).get("id")))
                        .toList();
    }
}
