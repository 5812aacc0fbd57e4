package io.github.spotspec.function.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Session;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.secret.Secret;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Tests who can decode a session, until when, and that its contents stay hidden. */
final class SessionCodecTest {
    private static final String SERVICE = "Test/Spot@us-west-2";
    private static final String ALICE = "arn:aws:iam::111122223333:user/alice";
    private static final String TEXT = "first-session-secret";
    private static final Instant END = FakeClock.START.plus(Duration.ofHours(1));
    private static final MfaCredentials UPGRADED =
            new MfaCredentials("ASIA1", "upgraded-secret", "upgraded-token", END);

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final SessionCodec codec = codec(SERVICE);
    private final Deadline deadline = new Deadline(FakeClock.START.plusSeconds(30), time);

    private SessionCodec codec(String service) {
        return new SessionCodec(
                new Secret(
                        AwsClients.build(
                                SecretsManagerClient.builder(),
                                Region.US_WEST_2,
                                aws,
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("AKIAROLE", "role-secret"))),
                        FakeAws.SESSION_SECRET,
                        "sessions' secret"),
                service,
                time);
    }

    private String sealed() {
        return codec.encode(codec.cipher(deadline), UPGRADED, ALICE).token();
    }

    private void assertRejected(SessionCodec by, String session, String caller, Instant now) {
        ServiceException why =
                assertThrows(ServiceException.class, () -> by.decode(session, caller, now, deadline), "it was opened");
        assertEquals(ErrorCode.SESSION_REJECTED, why.errorCode());
        assertTrue(why.details().contains("'mfaCode'"), why.details());
    }

    @Test
    void decodesWhatItEncoded() {
        Session session = codec.encode(codec.cipher(deadline), UPGRADED, ALICE);

        assertEquals(END, session.expires());
        assertEquals(UPGRADED, codec.decode(session.token(), ALICE, END.minusMillis(1), deadline));
    }

    @Test
    void decodesForItsCallerUntilExpiryOnly() {
        String session = sealed();

        assertRejected(codec, session, ALICE, END);
        assertRejected(codec, session, ALICE.replace("alice", "bob"), FakeClock.START);
        assertRejected(codec("Test/Other@us-west-2"), session, ALICE, FakeClock.START);
    }

    @Test
    void rejectsEncryptedTextOtherThanSession() {
        String session = SessionCipher.of(TEXT, SERVICE).encrypt("nothing");

        assertRejected(codec, session, ALICE, FakeClock.START);
    }

    @Test
    void encryptsEqualTextsDifferently() {
        SessionCipher cipher = SessionCipher.of(TEXT, SERVICE);
        String one = cipher.encrypt("text");
        String other = cipher.encrypt("text");

        assertFalse(one.equals(other));
        assertEquals("text", cipher.decrypt(one));
        assertEquals("text", cipher.decrypt(other));
    }

    @Test
    void rejectsTextOfOtherCipher() {
        SessionCipher cipher = SessionCipher.of(TEXT, SERVICE);

        for (SessionCipher other : new SessionCipher[] {
            SessionCipher.of("second-session-secret", SERVICE), SessionCipher.of(TEXT, "Test/Other@us-west-2")
        }) {
            String sealed = other.encrypt("text");
            assertTrue(other.sealed(sealed));
            assertFalse(cipher.sealed(sealed));
            assertNull(cipher.decrypt(sealed));
            // This cipher's header on the other cipher's text.
            String mixed = cipher.encrypt("text").replaceFirst("\\..*", "") + sealed.substring(sealed.indexOf('.'));
            assertTrue(cipher.sealed(mixed));
            assertNull(cipher.decrypt(mixed));
        }
    }
}
