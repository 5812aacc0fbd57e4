package io.github.spotspec.function.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.runtime.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Tests the sources of the operator's credentials, the fallback after a rejection, and that no text shows them. */
final class CredentialsTest {
    private static final OperatorCredentials FIRST = keys("AKIAFIRST");
    private static final OperatorCredentials SECOND = keys("AKIASECOND");
    private final ServiceException rejected = new ServiceException(ErrorCode.OPERATOR_REJECTED, "AWS rejects the key.");

    private final FakeClock time = new FakeClock();
    private final Deadline deadline = new Deadline(FakeClock.START.plusSeconds(30), time);
    private final FakeSource source = new FakeSource();
    private final SecretCredentialsProvider provider = new SecretCredentialsProvider(source, time);

    private static OperatorCredentials keys(String id) {
        return new OperatorCredentials(AwsBasicCredentials.create(id, "a-secret"), "a-device", "user-data");
    }

    /** A secret with values that tests change. */
    private static final class FakeSource implements SecretCredentialsProvider.Source {
        private OperatorCredentials current = FIRST;
        private @Nullable OperatorCredentials previous;
        private boolean previousIsUnreadable;
        private final List<String> reads = new ArrayList<>();

        @Override
        public OperatorCredentials read(Deadline deadline) {
            reads.add("current");
            return current;
        }

        @Override
        public @Nullable OperatorCredentials readPrevious(Deadline deadline) {
            reads.add("previous");
            if (previousIsUnreadable) {
                throw new ServiceException(ErrorCode.SECRET_UNREADABLE, "The secret cannot be used.");
            }
            return previous;
        }
    }

    @Test
    void readsTheSecretOnceInFiveMinutes() {
        provider.credentials(deadline);
        time.sleep(Duration.ofMinutes(5).minusMillis(1));
        source.current = SECOND;
        assertSame(FIRST, provider.credentials(deadline));
        assertEquals(1, source.reads.size());

        time.sleep(Duration.ofMillis(1));
        assertSame(SECOND, provider.credentials(deadline));
    }

    @Test
    void replacesRejectedKeyByCurrentSecret() {
        provider.credentials(deadline);
        source.current = SECOND;

        assertSame(SECOND, provider.replacementFor(FIRST, rejected, deadline));
        assertSame(SECOND, provider.credentials(deadline), "and keeps it");
        assertEquals(List.of("current", "current"), source.reads);
    }

    @Test
    void doesNotReadSecretAgainAfterAnotherRequestDid() {
        provider.credentials(deadline);
        source.current = SECOND;
        provider.replacementFor(FIRST, rejected, deadline);

        assertSame(SECOND, provider.replacementFor(FIRST, rejected, deadline));
        assertEquals(2, source.reads.size());
    }

    @Test
    void usesPreviousKeyWhileNewOneIsRejected() {
        source.previous = SECOND;

        assertSame(SECOND, provider.replacementFor(FIRST, rejected, deadline));
    }

    @Test
    void throwsRejectionWithoutAnotherKey() {
        assertSame(rejected, failureOfReplacement(rejected), "none before");

        source.previous = keys("AKIAFIRST");
        assertSame(rejected, failureOfReplacement(rejected), "the same before");

        source.previousIsUnreadable = true;
        assertSame(rejected, failureOfReplacement(rejected), "unreadable");
    }

    @Test
    void usesPreviousKeyOnlyAfterRejection() {
        source.previous = SECOND;
        ServiceException other = new ServiceException(ErrorCode.MFA_NOT_ENROLLED, "There is no device.");

        assertSame(other, failureOfReplacement(other));
        assertFalse(source.reads.contains("previous"));
    }

    private ServiceException failureOfReplacement(ServiceException why) {
        return assertThrows(ServiceException.class, () -> provider.replacementFor(FIRST, why, deadline));
    }

    @Test
    void roleHasOneKeyAndNoDevice() {
        RoleCredentialsProvider role = new RoleCredentialsProvider(FIRST::awsCredentials);

        OperatorCredentials keys = role.credentials(deadline);

        assertSame(FIRST.awsCredentials(), keys.awsCredentials());
        assertNull(keys.serialNumber());
        assertNull(keys.userData());
        assertSame(rejected, assertThrows(ServiceException.class, () -> role.replacementFor(keys, rejected, deadline)));
    }

    @Test
    void reportsRoleWithoutCredentials() {
        RoleCredentialsProvider role = new RoleCredentialsProvider(() -> {
            throw SdkClientException.create("no credentials: a-secret");
        });

        ServiceException why = assertThrows(ServiceException.class, () -> role.credentials(deadline));

        assertEquals(ErrorCode.OPERATOR_REJECTED, why.errorCode());
        assertFalse(why.details().contains("a-secret"), why.details());
    }

    @Test
    void toStringHidesCredentials() {
        MfaCredentials upgraded = new MfaCredentials("ASIA1", "a-secret", "a-token", FakeClock.START);

        for (Object credentials :
                List.of(FIRST, upgraded, ResolvedCredentials.withoutMfa(FIRST), upgraded.resolved(null))) {
            String text = credentials.toString();
            assertTrue(text.startsWith(credentials.getClass().getSimpleName()), text);
            for (String part : List.of("AKIA", "ASIA", "a-secret", "a-token", "user-data", "a-device")) {
                assertFalse(text.contains(part), text);
            }
        }
    }
}
