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
                "'task':'requests','spotInstanceRequestIds':['sir-0badbad0']");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void findsIdInEveryAllowedRegion(String request) {
        FakeInstance own = function.ec2().own("eu-west-1a", "m7g.large");

        FunctionUnderTest.Answer answer =
                ask(request.replace("sir-0badbad0", own.request().id()).replace(NOWHERE, own.id()));

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("eu-west-1"), answer.column("Region"), answer.body());
        assertFalse(answer.meta().containsKey("missing"), answer.body());
        assertEquals(
                request.contains("'end'") || request.contains("'terminate'"), !own.isAlive(), "only end and terminate stop the instance");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void reportsIdThatIsNowhere(String request) {
        FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");

        for (String asked : List.of(
                request, request.replace("sir-0badbad0", foreign.request().id()).replace(NOWHERE, foreign.id()))) {
            FunctionUnderTest.Answer answer = ask(asked);
            assertEquals(404, answer.status(), answer.body());
            assertEquals("IdNotFound", answer.error());
            assertTrue(answer.details().contains("us-west-2, us-east-1, eu-west-1"), answer.details());
        }
        assertTrue(foreign.isAlive() && foreign.request().isAlive());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void looksUpIdOnlyInNamedRegions(String request) {
        FakeInstance own = function.ec2().own("eu-west-1a", "m7g.large");
        String named = request.replace("sir-0badbad0", own.request().id()).replace(NOWHERE, own.id());

        assertEquals("IdNotFound", ask(named + ",'region':'us-west-2'").error());
        assertTrue(own.isAlive());
        assertEquals(200, ask(named + ",'regions':['us-west-2','eu-west-1']").status());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void reportsFailedRegionInsteadOfMissingId(String request) {
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));
        function.aws().always("DescribeSpotInstanceRequests", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = ask(request);

        assertEquals("NotAuthorized", answer.error(), answer.body());
        assertTrue(answer.details().contains("us-west-2, eu-west-1"), answer.details());
        assertTrue(answer.details().contains("in us-east-1 is not allowed"), answer.details());
    }

    @Test
    void processesFoundIdsAndReportsMissingOnes() {
        FakeInstance west = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().own("us-east-1a", "m7g.large");

        FunctionUnderTest.Answer answer =
                ask("'task':'end','instanceIds':['" + west.id() + "','" + NOWHERE + "','" + east.id() + "']");

        assertEquals(List.of(west.id(), east.id()), answer.column("InstanceId"), answer.body());
        assertEquals(List.of(NOWHERE), answer.meta().get("missing"));
        assertFalse(west.isAlive());
        assertFalse(east.isAlive());
    }

    @Test
    void namesFailedRegionNextToMissingIds() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer =
                ask("'task':'terminate','instanceIds':['" + own.id() + "','" + NOWHERE + "']");

        assertEquals(List.of(NOWHERE), answer.meta().get("missing"), answer.body());
        assertEquals(List.of("us-west-2", "eu-west-1"), answer.meta().get("regions"));
        assertTrue(answer.body().contains("\"region\":\"us-east-1\",\"error\":\"NotAuthorized\""), answer.body());
    }

    @Test
    void ignoresFailedRegionIfNothingIsMissing() {
        FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = ask("'task':'extend','lease':'2h','instanceIds':['" + own.id() + "']");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("failed"), answer.body());
    }

    @Test
    void retriesRegionThatFailedOnce() {
        FakeInstance own = function.ec2().own("us-east-1a", "m7g.large");
        boolean[] failed = {false};
        function.aws().always("DescribeInstances", (asked, ec2) -> {
            if (asked.region().equals("us-east-1") && !failed[0]) {
                failed[0] = true;
                return Fault.denied().answer(asked, ec2);
            }
            return ec2.answer(asked);
        });

        assertEquals(
                200,
                ask("'task':'terminate','instanceIds':['" + own.id() + "']").status());
        assertFalse(own.isAlive());
    }

    @ParameterizedTest
    @CsvSource({"terminate,TerminateInstances", "end,TerminateInstances", "extend,CreateTags"})
    void doesNotReportFailedIdsAsMissing(String task, String action) {
        FakeInstance west = function.ec2().own("us-west-2a", "m7g.large");
        FakeInstance east = function.ec2().own("us-east-1a", "m7g.large");
        function.aws().always(action, Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = ask("'task':'" + task + "','instanceIds':['" + west.id() + "','" + east.id()
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
        wide.hasLeft(Duration.ofHours(1));

        FunctionUnderTest.Answer answer =
                wide.ask("{'task':'end','instanceIds':['i-0badbad0'],'spotInstanceRequestIds':['sir-0badbad0']}");

        assertEquals("IdNotFound", answer.error(), answer.body());
        assertTrue(wide.aws().asked().size() < 600, wide.aws().asked().size() + " calls");
    }

    private FunctionUnderTest.Answer ask(String fields) {
        return function.ask("{" + fields + "}");
    }
}
