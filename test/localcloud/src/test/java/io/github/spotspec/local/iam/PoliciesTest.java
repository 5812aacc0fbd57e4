package io.github.spotspec.local.iam;

import static io.github.spotspec.local.iam.PolicyTexts.access;
import static io.github.spotspec.local.iam.PolicyTexts.conditional;
import static io.github.spotspec.local.iam.PolicyTexts.granting;
import static io.github.spotspec.local.iam.PolicyTexts.policy;
import static io.github.spotspec.local.iam.PolicyTexts.statement;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests decisions by identity policies and resource policies. */
final class PoliciesTest {
    private static final Principal ANN =
            new Principal.User("ann", "arn:aws:iam::111122223333:user/ann", "AIDAANN", false, null);
    private static final Principal SESSION = new Principal.RoleSession(
            "worker",
            "arn:aws:iam::111122223333:role/worker",
            "arn:aws:sts::111122223333:assumed-role/worker/one",
            "AROAWORKER:one");
    private static final Principal GUEST = new Principal.RoleSession(
            "guest",
            "arn:aws:iam::444455556666:role/guest",
            "arn:aws:sts::444455556666:assumed-role/guest/one",
            "AROAGUEST:one");
    private static final AuthorizationRequest RUN =
            access("ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*");
    private static final AuthorizationRequest INVOKE =
            access("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:f:live");

    private static boolean allowedByIdentity(AuthorizationRequest access, String... statements) {
        return PolicyEvaluator.allow(ANN, List.of(policy(statements)), List.of(), access);
    }

    private static boolean allowedByResource(Principal principal, String... statements) {
        return PolicyEvaluator.allow(principal, List.of(), List.of(policy(statements)), INVOKE);
    }

    @Test
    void deniesByDefault() {
        assertFalse(PolicyEvaluator.allow(ANN, List.of(), List.of(), RUN));
        assertFalse(allowedByIdentity(RUN, statement("Allow", "ec2:DescribeInstances", "*")));
    }

    @Test
    void anonymousGetsPublicRightsOnly() {
        String everybody = granting("Allow", "\"*\"", "lambda:InvokeFunction");
        String ann = granting("Allow", "{\"AWS\": \"" + ANN.arn() + "\"}", "lambda:InvokeFunction");

        assertTrue(PolicyEvaluator.allowAnybody(List.of(policy(everybody)), INVOKE));
        assertFalse(PolicyEvaluator.allowAnybody(List.of(), INVOKE));
        assertFalse(PolicyEvaluator.allowAnybody(List.of(policy(ann)), INVOKE));
        assertFalse(PolicyEvaluator.allowAnybody(
                List.of(policy(granting("Allow", "\"*\"", "lambda:InvokeFunctionUrl"))), INVOKE));
        assertFalse(PolicyEvaluator.allowAnybody(
                List.of(policy(everybody, granting("Deny", "\"*\"", "lambda:InvokeFunction"))), INVOKE));
    }

    @Test
    void allowGrantsAccess() {
        assertTrue(allowedByIdentity(RUN, statement("Allow", "ec2:RunInstances", "*")));
    }

    @Test
    void explicitDenyWins() {
        String allow = statement("Allow", "*", "*");

        assertFalse(allowedByIdentity(RUN, allow, statement("Deny", "ec2:RunInstances", "*")));
        assertFalse(allowedByIdentity(RUN, statement("Deny", "ec2:RunInstances", "*"), allow));
        assertTrue(allowedByIdentity(RUN, allow, statement("Deny", "ec2:TerminateInstances", "*")));
    }

    @Test
    void denyInOtherPolicyWins() {
        PolicyDocument allow = policy(statement("Allow", "*", "*"));
        PolicyDocument deny = policy(statement("Deny", "ec2:*", "*"));

        assertFalse(PolicyEvaluator.allow(ANN, List.of(allow, deny), List.of(), RUN));
    }

    @Test
    void allowNeedsItsConditionKey() {
        String spotOnly = conditional("Allow", "ec2:RunInstances", """
                {"StringEquals": {"ec2:InstanceMarketType": "spot"}}""");

        assertFalse(allowedByIdentity(RUN, spotOnly));
        assertTrue(allowedByIdentity(access("ec2:RunInstances", "x", "ec2:InstanceMarketType", "spot"), spotOnly));
    }

    @Test
    void negatedDenyAppliesWithoutKey() {
        String allow = statement("Allow", "ec2:*", "*");
        String deny = conditional("Deny", "ec2:RunInstances", """
                {"StringNotEquals": {"ec2:InstanceMarketType": "spot"}}""");

        assertFalse(allowedByIdentity(RUN, allow, deny));
        assertFalse(
                allowedByIdentity(access("ec2:RunInstances", "x", "ec2:InstanceMarketType", "on-demand"), allow, deny));
        assertTrue(allowedByIdentity(access("ec2:RunInstances", "x", "ec2:InstanceMarketType", "spot"), allow, deny));
    }

    @Test
    void mfaDenyNeedsIfExistsForLongTermKeys() {
        String allow = statement("Allow", "*", "*");
        String lax = conditional("Deny", "*", """
                {"Bool": {"aws:MultiFactorAuthPresent": "false"}}""");
        String strict = lax.replace("Bool", "BoolIfExists");
        AuthorizationRequest withMfa = access("ec2:RunInstances", "x", "aws:MultiFactorAuthPresent", "true");
        AuthorizationRequest withoutMfa = access("ec2:RunInstances", "x", "aws:MultiFactorAuthPresent", "false");

        // Requests with a long-term key do not have this condition key.
        assertTrue(allowedByIdentity(RUN, allow, lax));
        assertFalse(allowedByIdentity(RUN, allow, strict));
        assertFalse(allowedByIdentity(withoutMfa, allow, strict));
        assertTrue(allowedByIdentity(withMfa, allow, strict));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"*\"",
                "{\"AWS\": \"*\"}",
                "{\"AWS\": \"arn:aws:iam::111122223333:user/ann\"}",
                "{\"AWS\": [\"arn:aws:iam::111122223333:user/bob\", \"arn:aws:iam::111122223333:user/ann\"]}"
            })
    void resourcePolicyAllowsNamedPrincipal(String principal) {
        assertTrue(allowedByResource(ANN, granting("Allow", principal, "lambda:InvokeFunction")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"AWS\": \"arn:aws:iam::111122223333:user/bob\"}",
                "{\"AWS\": \"arn:aws:iam::111122223333:user/*\"}",
                "{\"AWS\": \"arn:aws:iam::111122223333:root\"}",
                "{\"AWS\": \"111122223333\"}",
                "{\"Service\": \"lambda.amazonaws.com\"}",
                "{\"Federated\": \"*\"}"
            })
    void resourcePolicyAllowsNobodyElse(String principal) {
        assertFalse(allowedByResource(ANN, granting("Allow", principal, "lambda:InvokeFunction")));
    }

    @Test
    void resourceStatementWithoutPrincipalAllowsNobody() {
        assertFalse(allowedByResource(ANN, statement("Allow", "*", "*")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"arn:aws:iam::111122223333:role/worker", "arn:aws:sts::111122223333:assumed-role/worker/one"})
    void sessionMatchesRoleAndSessionArn(String arn) {
        assertTrue(allowedByResource(SESSION, granting("Allow", "{\"AWS\": \"" + arn + "\"}", "lambda:*")));
        assertFalse(allowedByResource(SESSION, granting("Allow", "{\"AWS\": \"" + arn + "x\"}", "lambda:*")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"*\"",
                "{\"AWS\": \"arn:aws:iam::111122223333:user/ann\"}",
                "{\"AWS\": \"arn:aws:iam::111122223333:root\"}",
                "{\"AWS\": \"111122223333\"}"
            })
    void resourceDenyOverridesIdentityAllow(String principal) {
        List<PolicyDocument> own = List.of(policy(statement("Allow", "*", "*")));

        assertFalse(PolicyEvaluator.allow(ANN, own, List.of(policy(granting("Deny", principal, "lambda:*"))), INVOKE));
    }

    @Test
    void denyOfOthersDoesNotApply() {
        List<PolicyDocument> own = List.of(policy(statement("Allow", "*", "*")));

        for (String other : List.of("arn:aws:iam::111122223333:user/bob", "arn:aws:iam::444455556666:root")) {
            PolicyDocument deny = policy(granting("Deny", "{\"AWS\": \"" + other + "\"}", "lambda:*"));
            assertTrue(PolicyEvaluator.allow(ANN, own, List.of(deny), INVOKE), other);
        }
    }

    @Test
    void identityDenyOverridesResourceAllow() {
        List<PolicyDocument> own = List.of(policy(statement("Deny", "lambda:*", "*")));

        assertFalse(PolicyEvaluator.allow(ANN, own, List.of(policy(granting("Allow", "\"*\"", "lambda:*"))), INVOKE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"*\"",
                "{\"AWS\": \"arn:aws:iam::444455556666:role/guest\"}",
                "{\"AWS\": \"arn:aws:iam::444455556666:root\"}",
                "{\"AWS\": \"444455556666\"}"
            })
    void bothAccountsMustAllow(String principal) {
        List<PolicyDocument> own = List.of(policy(statement("Allow", "lambda:*", "*")));
        List<PolicyDocument> granted = List.of(policy(granting("Allow", principal, "lambda:*")));

        assertTrue(PolicyEvaluator.allowAcrossAccounts(GUEST, own, granted, INVOKE));
        assertFalse(PolicyEvaluator.allowAcrossAccounts(GUEST, List.of(), granted, INVOKE));
        assertFalse(PolicyEvaluator.allowAcrossAccounts(GUEST, own, List.of(), INVOKE));
    }

    @Test
    void grantToOtherAccountDoesNotAllow() {
        List<PolicyDocument> own = List.of(policy(statement("Allow", "lambda:*", "*")));
        List<PolicyDocument> granted = List.of(policy(granting("Allow", "{\"AWS\": \"777788889999\"}", "lambda:*")));

        assertFalse(PolicyEvaluator.allowAcrossAccounts(GUEST, own, granted, INVOKE));
    }

    @Test
    void resourcePolicyAllowsService() {
        String events = granting("Allow", "{\"Service\": \"events.amazonaws.com\"}", "lambda:InvokeFunction");
        String deny = granting("Deny", "{\"Service\": \"events.amazonaws.com\"}", "lambda:*");

        assertTrue(PolicyEvaluator.allowService("events.amazonaws.com", List.of(policy(events)), INVOKE));
        assertFalse(PolicyEvaluator.allowService("scheduler.amazonaws.com", List.of(policy(events)), INVOKE));
        assertFalse(PolicyEvaluator.allowService("events.amazonaws.com", List.of(policy(events, deny)), INVOKE));
        assertFalse(PolicyEvaluator.allowService("events.amazonaws.com", List.of(), INVOKE));
        assertFalse(PolicyEvaluator.allowService(
                "events.amazonaws.com",
                List.of(policy(events)),
                access("lambda:UpdateFunctionCode", INVOKE.resource())));
    }
}
