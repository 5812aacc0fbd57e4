package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests where the function looks up ids, and how it reports missing ones. */
final class NamedIdsTest {
    private static final String NOWHERE = "i-0badbad0";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1", "eu-west-1");

    /** Returns requests that name an instance or a spot request. */
    static Stream<String> requests() {
        return Stream.of(
                "'task':'end','instanceIds':['i-0badbad0']",
                "'task':'end','spotInstanceRequestIds':['sir-0badbad0']",
                "'task':'end','instanceIds':['i-0badbad0'],'spotInstanceRequestIds':['sir-0badbad0']",
                "'task':'terminate','instanceIds':['i-0badbad0']",
                "'task':'cancel','spotInstanceRequestIds':['sir-0badbad0']",
                "'task':'extend','lease':'2h','instanceIds':['i-0badbad0']",
                "'task':'instances','instanceIds':['i-0badbad0']",
                "'task':'cost','instanceIds':['i-0badbad0']",
                "'task':'requests','spotInstanceRequestIds':['sir-0badbad0']");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void findsIdInEveryAllowedRegion(String request) {
        FakeInstance managed = function.ec2().managedInstance("eu-west-1a", "m7g.large");

        FunctionUnderTest.Answer answer =
                send(request.replace("sir-0badbad0", managed.request().id()).replace(NOWHERE, managed.id()));

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("eu-west-1"), answer.column("Region"), answer.body());
        assertFalse(answer.meta().containsKey("missing"), answer.body());
        assertEquals(
                request.contains("'end'") || request.contains("'terminate'"),
                !managed.isAlive(),
                "only end and terminate stop the instance");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void reportsIdThatIsNowhere(String request) {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");

        for (String body : List.of(
                request, request.replace("sir-0badbad0", foreign.request().id()).replace(NOWHERE, foreign.id()))) {
            FunctionUnderTest.Answer answer = send(body);
            assertEquals(404, answer.status(), answer.body());
            assertEquals("IdNotFound", answer.error());
            assertTrue(answer.details().contains("us-west-2, us-east-1, eu-west-1"), answer.details());
        }
        assertTrue(foreign.isAlive() && foreign.request().isAlive());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void looksUpIdOnlyInNamedRegions(String request) {
        FakeInstance managed = function.ec2().managedInstance("eu-west-1a", "m7g.large");
        String named = request.replace("sir-0badbad0", managed.request().id()).replace(NOWHERE, managed.id());

        assertEquals("IdNotFound", send(named + ",'region':'us-west-2'").error());
        assertTrue(managed.isAlive());
        assertEquals(200, send(named + ",'regions':['us-west-2','eu-west-1']").status());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void reportsFailedRegionInsteadOfMissingId(String request) {
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));
        function.aws().always("DescribeSpotInstanceRequests", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = send(request);

        assertEquals("NotAuthorized", answer.error(), answer.body());
        assertTrue(answer.details().contains("us-west-2, eu-west-1"), answer.details());
        assertTrue(answer.details().contains("in us-east-1"), answer.details());
    }

    @Test
    void processesFoundIdsAndReportsMissingOnes() {
        FakeInstance west = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");

        FunctionUnderTest.Answer answer =
                send("'task':'end','instanceIds':['" + west.id() + "','" + NOWHERE + "','" + east.id() + "']");

        assertEquals(List.of(west.id(), east.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of(NOWHERE), answer.meta().get("missing"));
        assertFalse(west.isAlive());
        assertFalse(east.isAlive());
    }

    @Test
    void namesFailedRegionNextToMissingIds() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer =
                send("'task':'terminate','instanceIds':['" + managed.id() + "','" + NOWHERE + "']");

        assertEquals(List.of(NOWHERE), answer.meta().get("missing"), answer.body());
        assertEquals(List.of("us-west-2", "eu-west-1"), answer.meta().get("regions"));
        assertTrue(answer.body().contains("\"region\":\"us-east-1\",\"error\":\"NotAuthorized\""), answer.body());
    }

    @Test
    void ignoresFailedRegionIfNothingIsMissing() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = send("'task':'extend','lease':'2h','instanceIds':['" + managed.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("failed"), answer.body());
    }

    @Test
    void retriesRegionThatFailedOnce() {
        FakeInstance managed = function.ec2().managedInstance("us-east-1a", "m7g.large");
        boolean[] failed = {false};
        function.aws().always("DescribeInstances", (body, ec2) -> {
            if (body.region().equals("us-east-1") && !failed[0]) {
                failed[0] = true;
                return Fault.denied().answer(body, ec2);
            }
            return ec2.answer(body);
        });

        assertEquals(
                200,
                send("'task':'terminate','instanceIds':['" + managed.id() + "']")
                        .status());
        assertFalse(managed.isAlive());
    }

    @ParameterizedTest
    @CsvSource({"terminate,TerminateInstances", "end,TerminateInstances", "extend,CreateTags"})
    void doesNotReportFailedIdsAsMissing(String task, String action) {
        FakeInstance west = function.ec2().managedInstance("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");
        function.aws().always(action, Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = send("'task':'" + task + "','instanceIds':['" + west.id() + "','" + east.id()
                + "']" + (task.equals("extend") ? ",'lease':'2h'" : ""));

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("missing"), answer.body());
        assertTrue(answer.body().contains("NotAuthorized"), answer.body());
        assertTrue(east.isAlive());
    }

    @Test
    void staysWithinCallBudgetInManyRegions() {
        List<String> regions = Stream.of("us-east", "us-west", "eu-west", "eu-north", "eu-south")
                .flatMap(area -> IntStream.rangeClosed(1, 8).mapToObj(number -> area + "-" + number))
                .toList();
        FunctionUnderTest wide = new FunctionUnderTest(regions.toArray(String[]::new));
        wide.setRemainingTime(Duration.ofHours(1));

        FunctionUnderTest.Answer answer =
                wide.send("{'task':'end','instanceIds':['i-0badbad0'],'spotInstanceRequestIds':['sir-0badbad0']}");

        assertEquals("IdNotFound", answer.error(), answer.body());
        assertTrue(wide.aws().calls().size() < 600, wide.aws().calls().size() + " calls");
    }

    private FunctionUnderTest.Answer send(String fields) {
        return function.send("{" + fields + "}");
    }
}
