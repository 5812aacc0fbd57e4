package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;

/** Forwards EC2's events from another region to the home region. */
@ParameterizedClass
@MethodSource("flags")
final class SpotEventForwarderTest {
    private static final String HOME_BUS = "arn:aws:events:us-west-2:111122223333:event-bus/default";
    private static final Map<Map<String, Object>, Synthesis> SYNTHESES = new HashMap<>();

    private final Synthesis synthesis;

    SpotEventForwarderTest(Map<String, Object> flags) {
        this.synthesis = SYNTHESES.computeIfAbsent(flags, SpotEventForwarderTest::synthesize);
    }

    static Stream<Map<String, Object>> flags() {
        return Stream.of(Map.of(), Synthesis.recommendedFlags());
    }

    private static Synthesis synthesize(Map<String, Object> flags) {
        Stack stack = new Stack(
                Synthesis.app(flags),
                "Test",
                StackProps.builder()
                        .env(Environment.builder()
                                .account(Intrinsics.ACCOUNT)
                                .region("us-east-1")
                                .build())
                        .build());
        new SpotEventForwarder(stack, "SpotEventForwarder", "us-west-2");
        return Synthesis.of(stack);
    }

    @Test
    void keepsLogicalIds() {
        // Renaming one would replace the resource in every stack that imports the construct.
        assertEquals(
                List.of(
                        "SpotEventForwarderNotices28A1D009 AWS::Events::Rule",
                        "SpotEventForwarderNoticesEventsRole5B59CA12 AWS::IAM::Role",
                        "SpotEventForwarderNoticesEventsRoleDefaultPolicyE8A88A42 AWS::IAM::Policy"),
                synthesis.logicalIds());
    }

    @Test
    void forwardsTheEventsThatTheKeeperReceives() {
        assertEquals(
                Deployments.byDefault()
                        .only("AWS::Events::Rule", "SpotKeeperNotices")
                        .get("EventPattern"),
                synthesis.only("AWS::Events::Rule").get("EventPattern"));
    }

    @Test
    void roleMayOnlyPutEventsOnTheHomeBus() {
        Resource role = synthesis.only("AWS::IAM::Role");
        Map<?, ?> target =
                (Map<?, ?>) ((List<?>) synthesis.only("AWS::Events::Rule").get("Targets")).get(0);

        assertEquals(HOME_BUS, target.get("Arn"));
        assertEquals("${" + role.id() + ".Arn}", target.get("RoleArn"));
        assertEquals(
                Set.of("Service events.amazonaws.com"),
                Policy.of(List.of(role.get("AssumeRolePolicyDocument")))
                        .statements()
                        .get(0)
                        .principals());
        synthesis.policyOfRole(role.id()).assertIs(allow("", "events:PutEvents").on(HOME_BUS));
    }

    @Test
    void rejectsForwarderInTheHomeRegion() {
        Stack home = new Stack(
                Synthesis.app(Map.of()),
                "Home",
                StackProps.builder()
                        .env(Environment.builder().region("us-west-2").build())
                        .build());

        assertRejected(
                () -> new SpotEventForwarder(home, "SpotEventForwarder", "us-west-2"), "'homeRegion'", "us-west-2");
    }
}
