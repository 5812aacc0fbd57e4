package io.github.spotspec.local.iam;

import static io.github.spotspec.local.iam.PolicyTexts.policy;
import static io.github.spotspec.local.iam.PolicyTexts.statement;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.SigV4;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests users, access keys and policies. */
final class IdentitiesTest {
    private final Identities identities = new Identities("111122223333", InstantSource.system());

    @BeforeEach
    void createAnn() {
        identities.createUser("ann");
    }

    private static void assertRejected(String code, Executable act) {
        assertEquals(code, assertThrows(AwsError.class, act).code());
    }

    private Principal principal(AccessKey key) {
        return identities.principal(key.id());
    }

    @Test
    void userHasOwnArnAndId() {
        Principal ann = principal(identities.createAccessKey("ann"));
        identities.createUser("bob");
        Principal bob = principal(identities.createAccessKey("bob"));

        assertEquals("arn:aws:iam::111122223333:user/ann", ann.arn());
        assertEquals(identities.userArn("ann"), ann.arn());
        assertTrue(ann.userId().matches("AIDA[A-Z2-7]{17}"), ann.userId());
        assertNotEquals(ann.userId(), bob.userId());
    }

    @Test
    void rejectsDuplicateUser() {
        assertRejected("EntityAlreadyExists", () -> identities.createUser("ann"));
    }

    @Test
    void accessKeyAuthenticatesUser() {
        AccessKey key = identities.createAccessKey("ann");

        assertTrue(key.id().matches("AKIA[A-Z2-7]{16}"), key.id());
        assertEquals(40, key.secret().length());
        assertEquals(new SigV4.Key(key.secret(), null, null), identities.key(key.id()));
        assertEquals("ann", ((Principal.User) principal(key)).name());
    }

    @Test
    void limitsAccessKeysToTwo() {
        AccessKey first = identities.createAccessKey("ann");
        identities.createAccessKey("ann");

        assertRejected("LimitExceeded", () -> identities.createAccessKey("ann"));

        identities.deleteAccessKey("ann", first.id());
        assertNotNull(identities.key(identities.createAccessKey("ann").id()));
    }

    @Test
    void deletedKeyDoesNotAuthenticate() {
        AccessKey key = identities.createAccessKey("ann");
        identities.deleteAccessKey("ann", key.id());

        assertNull(identities.key(key.id()));
        assertRejected("InvalidClientTokenId", () -> identities.principal(key.id()));
        assertRejected("NoSuchEntity", () -> identities.deleteAccessKey("ann", key.id()));
    }

    @Test
    void deletesKeyOfNamedUserOnly() {
        AccessKey key = identities.createAccessKey("ann");
        identities.createUser("bob");

        assertRejected("NoSuchEntity", () -> identities.deleteAccessKey("bob", key.id()));
        assertNotNull(identities.key(key.id()));
    }

    @Test
    void rejectsUnknownEntities() {
        assertRejected("NoSuchEntity", () -> identities.createAccessKey("bob"));
        assertRejected("NoSuchEntity", () -> identities.putUserPolicy("bob", "p", policy()));
        assertRejected("NoSuchEntity", () -> identities.putRolePolicy("worker", "p", policy()));
        assertRejected("NoSuchEntity", () -> identities.deleteUser("bob"));
        assertRejected("NoSuchEntity", () -> identities.deleteRole("worker"));
        assertNull(identities.key("AKIANOBODY"));
    }

    @Test
    void deletesUserWithoutKeysAndPoliciesOnly() {
        AccessKey key = identities.createAccessKey("ann");
        String managed = identities.putManagedPolicy("m", policy(statement("Allow", "a:B", "*")));
        identities.putUserPolicy("ann", "p", policy(statement("Allow", "a:B", "*")));
        identities.attachUserPolicy("ann", managed);

        assertRejected("DeleteConflict", () -> identities.deleteUser("ann"));
        identities.deleteAccessKey("ann", key.id());
        assertRejected("DeleteConflict", () -> identities.deleteUser("ann"));
        identities.deleteUserPolicy("ann", "p");
        assertRejected("DeleteConflict", () -> identities.deleteUser("ann"));
        identities.detachUserPolicy("ann", managed);
        identities.deleteUser("ann");
        identities.deleteManagedPolicy(managed);

        assertEquals(List.of(), identities.names());
    }

    @Test
    void returnsInlineAndAttachedPolicies() {
        PolicyDocument inline = policy(statement("Allow", "a:B", "*"));
        PolicyDocument attached = policy(statement("Deny", "c:D", "*"));
        Principal ann = principal(identities.createAccessKey("ann"));

        identities.putUserPolicy("ann", "p", inline);
        identities.attachUserPolicy("ann", identities.putManagedPolicy("m", attached));
        assertEquals(List.of(inline, attached), identities.policies(ann));

        identities.putManagedPolicy("m", inline);
        assertEquals(List.of(inline, inline), identities.policies(ann));
    }

    @Test
    void attachesAndDetachesPolicyOnce() {
        String managed = identities.putManagedPolicy("m", policy(statement("Allow", "a:B", "*")));
        identities.attachUserPolicy("ann", managed);
        identities.attachUserPolicy("ann", managed);

        assertRejected("DeleteConflict", () -> identities.deleteManagedPolicy(managed));
        identities.detachUserPolicy("ann", managed);
        identities.deleteManagedPolicy(managed);
        assertRejected("NoSuchEntity", () -> identities.attachUserPolicy("ann", managed));
    }

    @Test
    void distinguishesTrustAndIdentityPolicies() {
        PolicyDocument trust = policy(PolicyTexts.granting("Allow", "\"*\"", "sts:AssumeRole"));
        PolicyDocument own = policy(statement("Allow", "a:B", "*"));

        assertRejected("MalformedPolicyDocument", () -> identities.putUserPolicy("ann", "p", trust));
        assertRejected("MalformedPolicyDocument", () -> identities.putManagedPolicy("m", trust));
        assertRejected("MalformedPolicyDocument", () -> identities.createRole("worker", own));
    }
}
