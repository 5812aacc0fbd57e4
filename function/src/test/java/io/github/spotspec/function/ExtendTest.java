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
    private final FakeInstance own = function.ec2().own("us-west-2a", "m7g.large");

    @Test
    void setsLeaseOfInstanceAndSpotRequestFromNow() {
        FunctionUnderTest.Answer answer = extend("90m");

        assertEquals("extended", answer.event());
        assertEquals("2026-03-01T13:30:00Z", own.tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:30:00Z", own.request().tags().get("spotspec:lease"));
        assertEquals("2026-03-01T13:00:00Z", answer.row(0).get("PreviousLease"));
        assertEquals("2026-03-01T13:30:00Z", answer.row(0).get("Lease"));
        assertEquals("90m", answer.row(0).get("LeaseLeft"));
    }

    @Test
    void roundsLeaseUpToFullMinute() {
        function.waits(Duration.ofSeconds(1));

        extend("1h");

        assertEquals("2026-03-01T13:01:00Z", own.tags().get("spotspec:lease"));
    }

    @Test
    void rejectsLeaseLongerThanMaximum() {
        assertEquals("extended", extend("7d").event());

        FunctionUnderTest.Answer answer = extend("169h");

        assertEquals(403, answer.status());
        assertEquals("LeaseNotAllowed", answer.error());
        assertEquals("A lease of 169h is longer than this deployment's longest, 7d.", answer.details());
    }

    @Test
    void requiresLeaseAndIds() {
        assertEquals(
                "MissingField",
                function.ask("{'task':'extend','instanceIds':['" + own.id() + "']}")
                        .error());
        assertEquals(
                "MissingField", function.ask("{'task':'extend','lease':'1h'}").error());
    }

    @Test
    void refusesToShortenLease() {
        FakeInstance other = function.ec2().own("us-east-1a", "m7g.large").tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer =
                function.ask("{'task':'extend','lease':'2h','instanceIds':['" + own.id() + "','" + other.id() + "']}");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("LeaseShorter", answer.error());
        assertTrue(answer.details().contains(other.id() + " has until " + LATER), answer.details());
        assertFalse(answer.details().contains(own.id()), answer.details());
        assertTrue(function.aws().asked("CreateTags").isEmpty(), "no lease is changed");
    }

    @Test
    void shortensLeaseOnRequest() {
        own.tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer =
                function.ask("{'task':'extend','lease':'2h','shorten':true,'instanceIds':['" + own.id() + "']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
        assertEquals(LATER, answer.row(0).get("PreviousLease"));
    }

    @Test
    void acceptsUnchangedLease() {
        own.tag("spotspec:lease", "2026-03-01T14:00:00Z");

        assertEquals("extended", extend("2h").event());
    }

    @Test
    void replacesLeaseTagThatIsNoTime() {
        own.tag("spotspec:lease", "tomorrow");

        assertEquals("LeaseShorter", extend("2h").error(), "it counts as the longest lease");
        extend("2h", true);

        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminated", "shutting-down"})
    void refusesToExtendEndedInstance(String state) {
        own.state(state).tag("spotspec:lease", LATER);

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals(409, answer.status(), answer.body());
        assertEquals("InstanceEnded", answer.error());
        assertTrue(answer.details().startsWith(own.id() + " in us-west-2 is " + state), answer.details());
        assertTrue(function.aws().asked("CreateTags").isEmpty());
    }

    @Test
    void extendsOthersWhenOneHasEnded() {
        own.state("terminated");
        FakeInstance other = function.ec2().own("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer =
                function.ask("{'task':'extend','lease':'2h','instanceIds':['" + own.id() + "','" + other.id() + "']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("null", "2h"), answer.column("LeaseLeft"), answer.body());
        assertEquals(List.of("InstanceEnded"), refused(answer, "error"));
        assertEquals(List.of(own.id()), refused(answer, "id"));
        assertEquals("2026-03-01T13:00:00Z", own.tags().get("spotspec:lease"));
    }

    @Test
    void reportsForeignAndMissingIdsWithoutTaggingThem() {
        FakeInstance foreign = function.ec2().foreign("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = function.ask("{'task':'extend','lease':'2h','instanceIds':['" + foreign.id()
                + "','" + own.id() + "','i-0badbad0']}");

        assertEquals(List.of(own.id()), answer.column("InstanceId"));
        assertEquals(List.of(foreign.id(), "i-0badbad0"), answer.meta().get("missing"));
        assertEquals(null, foreign.tags().get("spotspec:lease"));
    }

    @Test
    void extendsOnDemandInstance() {
        own.onDemand();

        extend("2h");

        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
    }

    @Test
    void extendsOtherRegionsWhenOneFails() {
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
    void reportsInstanceWhoseLeaseCannotBeChanged() {
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
    void extendsInstanceWhenItsSpotRequestCannotBeTagged() {
        function.aws().always("CreateTags", Fault.about(own.request().id(), 503, "RequestLimitExceeded"));

        FunctionUnderTest.Answer answer = extend("2h");

        assertEquals(List.of("2026-03-01T14:00:00Z"), answer.column("Lease"), answer.body());
        assertEquals("2026-03-01T14:00:00Z", own.tags().get("spotspec:lease"));
        assertTrue(answer.body().contains(own.request().id()), answer.body());
    }

    private static List<String> refused(FunctionUnderTest.Answer answer, String member) {
        return ((List<?>) Objects.requireNonNull(answer.meta().get("refused")))
                .stream()
                        .map(one -> String.valueOf(((Map<?, ?>) one).get(member)))
                        .toList();
    }

    private FunctionUnderTest.Answer extend(String lease) {
        return extend(lease, false);
    }

    private FunctionUnderTest.Answer extend(String lease, boolean shorten) {
        return function.ask("{'task':'extend','lease':'" + lease + "','shorten':" + shorten + ",'instanceIds':['"
                + own.id() + "']}");
    }
}
