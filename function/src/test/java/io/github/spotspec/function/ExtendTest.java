package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ExtendTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");

    @Test
    void theLeaseOfTheInstanceAndItsRequestLastsSoLongFromNow() {
        FunctionUnderTest.Answer answer = extend("90m");

        assertEquals("extended", answer.event());
        assertEquals("2026-03-01T13:30:00Z", own.tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:30:00Z", own.request().tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:00:00Z", answer.row(0).get("PreviousLease"));
        assertEquals("2026-03-01T13:30:00Z", answer.row(0).get("Lease"));
        assertEquals("90m", answer.row(0).get("LeaseLeft"));
    }

    @Test
    void aLeaseEndsOnAFullMinute() {
        function.waits(Duration.ofSeconds(1));

        extend("1h");

        assertEquals("2026-03-01T13:01:00Z", own.tags().get("spotspec:lease"));
    }

    @Test
    void theDeploymentsLongestLeaseIsTheLongest() {
        assertEquals("extended", extend("7d").event());

        FunctionUnderTest.Answer answer = extend("169h");

        assertEquals(403, answer.status());
        assertEquals("LeaseNotAllowed", answer.error());
        assertEquals("A lease of 169h is longer than this deployment's longest, 7d.", answer.details());
    }

    @Test
    void aLeaseIsNotGuessed() {
        assertEquals(
                "MissingField",
                function.ask("{'task':'extend','instanceIds':['" + own.id() + "']}")
                        .error());
        assertEquals(
                "MissingField", function.ask("{'task':'extend','lease':'1h'}").error());
    }

    @Test
    void whatHasEndedIsNotExtended() {
        own.state("terminated");

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals("terminated", answer.row(0).get("State"));
        assertEquals("2026-03-01T13:00:00Z", answer.row(0).get("Lease"));
        assertTrue(function.aws().asked("CreateTags").isEmpty());
    }

    @Test
    void foreignAndMissingIdsAreReportedAndNeverTagged() {
        FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.ask("{'task':'extend','lease':'2h','instanceIds':['" + foreign.id()
                + "','" + own.id() + "','i-0badbad0']}");

        assertEquals(List.of(own.id()), answer.column("InstanceId"));
        assertEquals(List.of(foreign.id(), "i-0badbad0"), answer.meta().get("missing"));
        assertEquals(null, foreign.tags().get("spotspec:lease"));
    }

    @Test
    void anOnDemandInstanceHasALeaseAsWell() {
        own.onDemand();

        extend("2h");

        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
    }

    @Test
    void aRegionThatRefusesIsNamedAndTheOthersAreExtended() {
        function.aws().always("CreateTags", Fault.error("us-east-1", 403, "UnauthorizedOperation"));
        FakeInstance east = function.ec2().own("us-east-1a", "m7g.large");

        FunctionUnderTest.Answer answer = function.ask("{'task':'extend','regions':'all','lease':'2h','instanceIds':['"
                + east.id() + "','" + own.id() + "']}");

        assertEquals(List.of(own.id()), answer.column("InstanceId"));
        assertTrue(
                answer.body().contains("ec2:CreateTags in us-east-1 is not allowed to the operator by IAM."),
                answer.body());
    }

    @Test
    void whatCannotBeMovedIsSaidAndKeepsItsLease() {
        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");
        function.aws().always("CreateTags", Fault.about(other.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer =
                function.ask("{'task':'extend','lease':'2h','instanceIds':['" + own.id() + "','" + other.id() + "']}");

        assertEquals(List.of("2026-03-01T14:00:00Z", "2026-03-01T13:00:00Z"), answer.column("Lease"), answer.body());
        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:00:00Z", other.request().tags().get("spotspec:lease"));
        assertTrue(
                answer.meta().get("refused") instanceof List<?> refused
                        && refused.getFirst() instanceof Map<?, ?> entry
                        && other.id().equals(entry.get("id"))
                        && "NotAuthorized".equals(entry.get("error")),
                answer.body());
    }

    @Test
    void aRequestThatCannotBeTaggedDoesNotKeepItsInstanceFromLivingLonger() {
        function.aws().always("CreateTags", Fault.about(own.request().id(), 503, "RequestLimitExceeded"));

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals(List.of("2026-03-01T14:00:00Z"), answer.column("Lease"), answer.body());
        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
        assertTrue(answer.body().contains(own.request().id()), answer.body());
    }

    private FunctionUnderTest.Answer extend(String lease) {
        return function.ask("{'task':'extend','lease':'" + lease + "','instanceIds':['" + own.id() + "']}");
    }
}
