package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExtendTest {
    private static final String LATER = "2026-03-03T12:00:00Z";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");
    private final FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");

    @Test
    void setsLeaseOfInstanceAndSpotRequestFromNow() {
        FunctionUnderTest.Answer answer = extend("90m");

        assertEquals("extended", answer.event());
        assertEquals("2026-03-01T13:30:00Z", managed.tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:30:00Z", managed.request().tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:00:00Z", answer.row(0).get("PreviousLease"));
        assertEquals("2026-03-01T13:30:00Z", answer.row(0).get("Lease"));
        assertEquals("90m", answer.row(0).get("LeaseLeft"));
    }

    @Test
    void roundsLeaseUpToFullMinute() {
        function.advanceClock(Duration.ofSeconds(1));

        extend("1h");

        assertEquals("2026-03-01T13:01:00Z", managed.tags().get("spotspec:lease"));
    }

    @Test
    void rejectsLeaseLongerThanMaximum() {
        assertEquals("extended", extend("7d").event());

        FunctionUnderTest.Answer answer = extend("169h");

        assertEquals(403, answer.status());
        assertEquals("LeaseNotAllowed", answer.error());
        assertTrue(answer.details().contains("169h") && answer.details().contains("7d"), answer.details());
    }

    @Test
    void requiresLeaseAndIds() {
        assertEquals(
                "MissingField",
                function.send("{'task':'extend','instanceIds':['" + managed.id() + "']}")
                        .error());
        assertEquals(
                "MissingField", function.send("{'task':'extend','lease':'1h'}").error());
    }

    @Test
    void rejectsShorterLease() {
        FakeInstance other =
                function.ec2().managedInstance("us-east-1a", "m7g.large").tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'extend','lease':'2h','instanceIds':['" + managed.id() + "','" + other.id() + "']}");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("LeaseShorter", answer.error());
        assertTrue(answer.details().contains(other.id()) && answer.details().contains(LATER), answer.details());
        assertFalse(answer.details().contains(managed.id()), answer.details());
        assertTrue(function.aws().calls("CreateTags").isEmpty(), "no lease is changed");
    }

    @Test
    void shortensLeaseOnRequest() {
        managed.tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer =
                function.send("{'task':'extend','lease':'2h','shorten':true,'instanceIds':['" + managed.id() + "']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("2026-03-01T14:00:00Z", managed.tags().get("spotspec:lease"));
        assertEquals(LATER, answer.row(0).get("PreviousLease"));
    }

    @Test
    void acceptsUnchangedLease() {
        managed.tag("spotspec:lease", "2026-03-01T14:00:00Z");

        assertEquals("extended", extend("2h").event());
    }

    @Test
    void replacesInvalidLeaseTag() {
        managed.tag("spotspec:lease", "tomorrow");

        assertEquals("LeaseShorter", extend("2h").error(), "it counts as the longest lease");
        extend("2h", true);

        assertEquals("2026-03-01T14:00:00Z", managed.tags().get("spotspec:lease"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminated", "shutting-down"})
    void rejectsEndedInstance(String state) {
        managed.state(state).tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("InstanceEnded", answer.error());
        assertTrue(answer.details().contains(managed.id()) && answer.details().contains(state), answer.details());
        assertTrue(function.aws().calls("CreateTags").isEmpty());
    }

    @Test
    void extendsOthersWhenOneHasEnded() {
        managed.state("terminated");
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'extend','lease':'2h','instanceIds':['" + managed.id() + "','" + other.id() + "']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("null", "2h"), answer.column("LeaseLeft"), answer.body());
        assertEquals(List.of("InstanceEnded"), failed(answer, "error"));
        assertEquals(List.of(managed.id()), failed(answer, "id"));
        assertEquals("2026-03-01T13:00:00Z", managed.tags().get("spotspec:lease"));
    }

    @Test
    void reportsForeignAndMissingIdsWithoutTaggingThem() {
        FakeInstance foreign = function.ec2().foreignInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'extend','lease':'2h','instanceIds':['" + foreign.id()
                + "','" + managed.id() + "','i-0badbad0']}");

        assertEquals(List.of(managed.id()), answer.column("InstanceId"));
        assertEquals(List.of(foreign.id(), "i-0badbad0"), answer.meta().get("missing"));
        assertEquals(null, foreign.tags().get("spotspec:lease"));
    }

    @Test
    void extendsOnDemandInstance() {
        managed.onDemand();

        extend("2h");

        assertEquals("2026-03-01T14:00:00Z", managed.tags().get("spotspec:lease"));
    }

    @Test
    void extendsOtherRegionsWhenOneFails() {
        function.aws().always("CreateTags", Fault.error("us-east-1", 403, "UnauthorizedOperation"));
        FakeInstance east = function.ec2().managedInstance("us-east-1a", "m7g.large");

        FunctionUnderTest.Answer answer = function.send("{'task':'extend','regions':'all','lease':'2h','instanceIds':['"
                + east.id() + "','" + managed.id() + "']}");

        assertEquals(List.of(managed.id()), answer.column("InstanceId"));
        assertTrue(answer.body().contains("\"NotAuthorized\""), answer.body());
        assertTrue(answer.body().contains("ec2:CreateTags in us-east-1"), answer.body());
    }

    @Test
    void reportsInstanceWhoseLeaseCannotBeChanged() {
        FakeInstance other = function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.aws().always("CreateTags", Fault.forId(other.id(), 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'extend','lease':'2h','instanceIds':['" + managed.id() + "','" + other.id() + "']}");

        assertEquals(List.of("2026-03-01T14:00:00Z", "2026-03-01T13:00:00Z"), answer.column("Lease"), answer.body());
        assertEquals("2026-03-01T14:00:00Z", managed.tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:00:00Z", other.request().tags().get("spotspec:lease"));
        assertTrue(
                answer.meta().get("refused") instanceof List<?> failures
                        && failures.getFirst() instanceof Map<?, ?> entry
                        && other.id().equals(entry.get("id"))
                        && "NotAuthorized".equals(entry.get("error")),
                answer.body());
    }

    @Test
    void extendsInstanceWhenItsSpotRequestCannotBeTagged() {
        function.aws().always("CreateTags", Fault.forId(managed.request().id(), 503, "RequestLimitExceeded"));

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals(List.of("2026-03-01T14:00:00Z"), answer.column("Lease"), answer.body());
        assertEquals("2026-03-01T14:00:00Z", managed.tags().get("spotspec:lease"));
        assertTrue(answer.body().contains(managed.request().id()), answer.body());
    }

    private static List<String> failed(FunctionUnderTest.Answer answer, String member) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get("refused")))
                .stream()
                        .map(one -> String.valueOf(((Map<?, ?>) one).get(member)))
                        .toList();
    }

    private FunctionUnderTest.Answer extend(String lease) {
        return extend(lease, false);
    }

    private FunctionUnderTest.Answer extend(String lease, boolean shorten) {
        return function.send("{'task':'extend','lease':'" + lease + "','shorten':" + shorten + ",'instanceIds':['"
                + managed.id() + "']}");
    }
}
