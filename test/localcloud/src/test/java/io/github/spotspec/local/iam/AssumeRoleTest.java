package io.github.spotspec.local.iam;

import static io.github.spotspec.local.iam.PolicyTexts.granting;
import static io.github.spotspec.local.iam.PolicyTexts.policy;
import static io.github.spotspec.local.iam.PolicyTexts.statement;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities.Session;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.SigV4;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests which principals can assume a role, and the sessions. */
final class AssumeRoleTest {
    private static final String ROLE = "arn:aws:iam::111122223333:role/worker";
    private static final String ACCOUNT = "{\"AWS\": \"arn:aws:iam::111122223333:root\"}";
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

    private final Identities identities = new Identities("111122223333", () -> NOW);
    private final Principal ann;

    AssumeRoleTest() {
        identities.createUser("ann");
        ann = identities.principal(identities.createAccessKey("ann").id());
    }

    private void createRoleTrusting(String principal) {
        identities.createRole("worker", policy(granting("Allow", principal, "sts:AssumeRole")));
    }

    private void putPolicyOfAnn(String effect, String role) {
        identities.putUserPolicy("ann", effect, policy(statement(effect, "sts:AssumeRole", role)));
    }

    private Session assume(String role) {
        return identities.assumeRole(role, "one", Duration.ofHours(1), ann, null, Map.of());
    }

    private Session assumeByService(String service) {
        return identities.assumeRole(ROLE, "one", Duration.ofHours(1), null, service, Map.of());
    }

    private void assertDenied(String role) {
        assertEquals(
                "AccessDenied", assertThrows(AwsError.class, () -> assume(role)).code());
    }

    @Test
    void trustedAccountNeedsPrincipalPolicy() {
        createRoleTrusting(ACCOUNT);

        assertDenied(ROLE);
        putPolicyOfAnn("Allow", ROLE);
        assertNotNull(assume(ROLE));
    }

    @Test
    void accountIdEqualsAccountArn() {
        createRoleTrusting("{\"AWS\": \"111122223333\"}");

        assertDenied(ROLE);
        putPolicyOfAnn("Allow", ROLE);
        assertNotNull(assume(ROLE));
    }

    @Test
    void trustedPrincipalNeedsNoPolicy() {
        createRoleTrusting("{\"AWS\": \"arn:aws:iam::111122223333:user/ann\"}");

        assertNotNull(assume(ROLE));
    }

    @Test
    void principalDenyOverridesTrust() {
        createRoleTrusting("{\"AWS\": \"arn:aws:iam::111122223333:user/ann\"}");
        putPolicyOfAnn("Deny", "*");

        assertDenied(ROLE);
    }

    @Test
    void deniesUntrustedPrincipal() {
        createRoleTrusting("{\"AWS\": \"arn:aws:iam::111122223333:user/bob\"}");
        putPolicyOfAnn("Allow", "*");

        assertDenied(ROLE);
    }

    @Test
    void deniesPrincipalOfUntrustedAccount() {
        createRoleTrusting("{\"AWS\": \"arn:aws:iam::444455556666:root\"}");
        putPolicyOfAnn("Allow", "*");

        assertDenied(ROLE);
    }

    @Test
    void trustDenyOverridesAllow() {
        identities.createRole(
                "worker",
                policy(granting("Allow", ACCOUNT, "sts:AssumeRole"), granting("Deny", ACCOUNT, "sts:AssumeRole")));
        putPolicyOfAnn("Allow", "*");

        assertDenied(ROLE);
    }

    @Test
    void evaluatesTrustCondition() {
        identities.createRole("worker", policy("""
                {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
                 "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"""));

        assertDenied(ROLE);
        assertNotNull(identities.assumeRole(
                ROLE, "one", Duration.ofHours(1), ann, null, Map.of("aws:SecureTransport", List.of("true"))));
    }

    @Test
    void hidesWhetherRoleExists() {
        createRoleTrusting(ACCOUNT);
        putPolicyOfAnn("Allow", "*");

        assertDenied("arn:aws:iam::111122223333:role/nobody");
        assertDenied("arn:aws:iam::444455556666:role/worker");
        assertDenied("worker");
    }

    @Test
    void serviceNeedsTrust() {
        createRoleTrusting("{\"Service\": \"lambda.amazonaws.com\"}");

        assertNotNull(assumeByService("lambda.amazonaws.com"));
        assertEquals(
                "AccessDenied",
                assertThrows(AwsError.class, () -> assumeByService("ec2.amazonaws.com"))
                        .code());
        putPolicyOfAnn("Allow", "*");
        assertDenied(ROLE);
    }

    @Test
    void sessionAuthenticatesAsRole() {
        PolicyDocument own = policy(statement("Allow", "a:B", "*"));
        createRoleTrusting("\"*\"");
        identities.putRolePolicy("worker", "p", own);
        Session session = assume(ROLE);
        Principal principal = identities.principal(session.accessKeyId());

        assertTrue(session.accessKeyId().matches("ASIA[A-Z2-7]{16}"), session.accessKeyId());
        assertEquals("arn:aws:sts::111122223333:assumed-role/worker/one", principal.arn());
        assertTrue(principal.userId().matches("AROA[A-Z2-7]{17}:one"), principal.userId());
        assertEquals(List.of(own), identities.policies(principal));
        assertEquals(NOW.plus(Duration.ofHours(1)), session.expires());
        assertEquals(
                new SigV4.Key(session.secretAccessKey(), session.token(), session.expires()),
                identities.key(session.accessKeyId()));
    }

    @Test
    void sessionEndsWithRole() {
        createRoleTrusting("\"*\"");
        Session session = assume(ROLE);
        identities.deleteRole("worker");
        // A new role of the same name is a different role.
        createRoleTrusting("\"*\"");

        assertNull(identities.key(session.accessKeyId()));
        assertThrows(AwsError.class, () -> identities.principal(session.accessKeyId()));
    }
}
