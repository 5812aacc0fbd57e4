package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeSts;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what an MFA code and a session allow, and to which caller. */
final class MfaTest {
    private static final String BOB = "arn:aws:iam::111122223333:user/bob";
    private static final String ENROLLED =
            "{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\",\"serialNumber\":\"" + FakeSts.DEVICE
                    + "\"}";
    private static final String END = "{'task':'end','all':true";

    private final FunctionUnderTest function =
            FunctionUnderTest.with("'mfaTasks':['console','connect','launch','extend','cancel','terminate','end'],"
                    + "'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");

    @BeforeEach
    void enroll() {
        function.aws().secret().setValue(ENROLLED);
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        for (String action : List.of(
                "GetConsoleOutput", "RunInstances", "TerminateInstances", "CancelSpotInstanceRequests", "CreateTags")) {
            function.aws().always(action, Fault.deniedWithoutMfa());
        }
    }

    private FunctionUnderTest.Answer end(String more) {
        return function.send(END + more + "}");
    }

    private String session(String code) {
        // This task does not wait, as ending everything does.
        FunctionUnderTest.Answer answer = function.send("{'task':'instances','mfaCode':'" + code + "'}");
        assertEquals(200, answer.status(), answer.body());
        return String.valueOf(answer.meta().get("session"));
    }

    private static String with(String session) {
        return ",'session':'" + session + "'";
    }

    private static void assertUnauthorized(String error, FunctionUnderTest.Answer answer) {
        assertEquals(error, answer.error(), answer.body());
        assertEquals(401, answer.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}",
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'}",
                "{'task':'console','instanceIds':['i-00000001']}",
                "{'task':'connect','instanceId':'i-00000001','publicKey':'" + ConnectTest.PUBLIC_KEY + "'}",
                "{'task':'extend','instanceIds':['i-00000001'],'lease':'1h'}",
                "{'task':'cancel','spotInstanceRequestIds':['sir-00000001']}",
                "{'task':'terminate','instanceIds':['i-00000001'],'mfaCode':''}",
                "{'task':'end','all':true}"
            })
    void callsNoAwsServiceWithoutCodeOrSession(String request) {
        FunctionUnderTest.Answer answer = function.send(request);

        assertUnauthorized("MfaRequired", answer);
        assertTrue(answer.details().contains("'mfaCode'"), answer.details());
        assertEquals(List.of(), function.aws().calls());
        assertEquals(0, function.aws().secret().reads());
    }

    @Test
    void usesTheOperatorsKeyWithoutMfa() {
        assertEquals(200, function.send("{'task':'instances'}").status());
        assertEquals("AKIAFIRST", function.aws().calls().getFirst().accessKeyId());
    }

    @Test
    void exchangesCodeForCredentialsAndReturnsSession() {
        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertEquals(200, answer.status(), answer.body());
        AwsCall sts = function.aws().calls("GetSessionToken").getFirst();
        assertEquals("us-west-2", sts.region());
        assertEquals("AKIAFIRST", sts.accessKeyId());
        assertEquals(FakeSts.DEVICE, sts.get("SerialNumber"));
        assertEquals("123456", sts.get("TokenCode"));
        assertEquals("3600", sts.get("DurationSeconds"));
        assertEquals(
                FakeSts.keyFor("123456"),
                function.aws().calls("TerminateInstances").getFirst().accessKeyId());
        assertEquals(List.of(), function.ec2().alive());
        assertEquals("2026-03-01T13:00:00Z", answer.meta().get("sessionExpires"));
    }

    @Test
    void readsCodeAndDurationFromEnvelope() {
        FunctionUnderTest.Answer answer = function.send(
                "{'construct':{'upgrade':{'tokenCode':'123456','durationSeconds':'900'}},'attributes':{'task':'end','all':true}}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals("900", function.aws().calls("GetSessionToken").getFirst().get("DurationSeconds"));
        assertEquals("2026-03-01T12:15:00Z", answer.meta().get("sessionExpires"));
    }

    @ParameterizedTest
    @CsvSource({"900,2026-03-01T12:15:00Z", "129600,2026-03-03T00:00:00Z"})
    void sessionLastsAsLongAsAskedFor(int seconds, String end) {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'instances','mfaCode':'123456','durationSeconds':" + seconds + "}");

        assertEquals(end, answer.meta().get("sessionExpires"), answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"899", "129601", "900.5"})
    void rejectsDurationOutOfRange(String seconds) {
        assertEquals(
                "InvalidValue",
                end(",'mfaCode':'123456','durationSeconds':" + seconds).error());
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void acceptsSessionOfItsCallerInAnyProcess() {
        String session = session("123456");
        function.aws().clearCalls();

        for (FunctionUnderTest process : List.of(function, function.newProcess())) {
            process.ec2().managedInstance("us-west-2a", "m7g.large");
            FunctionUnderTest.Answer answer = process.send(END + with(session) + "}");
            assertEquals(200, answer.status(), answer.body());
            assertNull(answer.meta().get("session"), "the caller keeps its session");
        }

        assertEquals(List.of(), function.aws().calls("GetSessionToken"));
        assertEquals(List.of(), function.ec2().alive());
    }

    @Test
    void rejectsSessionOfAnotherCaller() {
        String session = session("123456");
        function.aws().clearCalls();

        assertUnauthorized("MfaRequired", function.sendAs(BOB, END + "}"));
        FunctionUnderTest.Answer stolen = function.sendAs(BOB, END + with(session) + "}");
        assertUnauthorized("SessionRejected", stolen);

        assertEquals(List.of(), function.aws().calls(), "the MFA credentials were not used");
        assertEquals(200, end(with(session)).status());
    }

    @Test
    void rejectsSessionOfAnotherRoleSession() {
        String role = "arn:aws:sts::111122223333:assumed-role/ci/";
        String session = String.valueOf(function.sendAs(role + "alice", END + ",'mfaCode':'123456'}")
                .meta()
                .get("session"));

        assertEquals(
                200, function.sendAs(role + "alice", END + with(session) + "}").status());
        assertUnauthorized("SessionRejected", function.sendAs(role + "bob", END + with(session) + "}"));
        assertUnauthorized("SessionRejected", function.sendAs(role + "alice2", END + with(session) + "}"));
    }

    @Test
    void rejectsSessionWhoseCredentialsExpired() {
        String session = session("123456");

        function.advanceClock(Duration.ofSeconds(3_599));
        assertEquals(200, end(with(session)).status());
        function.advanceClock(Duration.ofSeconds(1));
        FunctionUnderTest.Answer ended = end(with(session));

        assertUnauthorized("SessionRejected", ended);
        assertTrue(ended.details().contains("2026-03-01T13:00:00Z"), ended.details());
    }

    @Test
    void rejectsSessionChangedAnywhere() {
        String session = session("123456");
        function.aws().clearCalls();
        String[] parts = session.split("\\.", -1);

        assertEquals(5, parts.length);
        assertEquals("", parts[1], "the token contains no encrypted key");
        for (int part : List.of(0, 2, 3, 4)) {
            String[] changed = parts.clone();
            int middle = parts[part].length() / 2;
            changed[part] = parts[part].substring(0, middle)
                    + (parts[part].charAt(middle) == 'A' ? 'B' : 'A')
                    + parts[part].substring(middle + 1);
            assertUnauthorized("SessionRejected", end(with(String.join(".", changed))));
            changed[part] = "";
            assertUnauthorized("SessionRejected", end(with(String.join(".", changed))));
            changed[part] = parts[part].substring(0, parts[part].length() - 4);
            assertUnauthorized("SessionRejected", end(with(String.join(".", changed))));
        }
        assertUnauthorized(
                "SessionRejected", end(with(parts[0] + ".AAAA." + parts[2] + "." + parts[3] + "." + parts[4])));
        assertUnauthorized("SessionRejected", end(with(session + ".")));
        assertUnauthorized("SessionRejected", end(with(session + "." + session)));

        assertEquals(List.of(), function.aws().calls());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "....",
                "eyJhbGciOiJub25lIn0.e30.",
                "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
                "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"
            })
    void rejectsInvalidSession(String nonsense) {
        assertUnauthorized("SessionRejected", end(with(nonsense)));
        assertEquals(List.of(), function.aws().calls());
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "7", "['x']", "'ä'", "'a b'"})
    void rejectsMalformedSessionWithoutRepeatingIt(String nonsense) {
        FunctionUnderTest.Answer answer = end(",'session':" + nonsense);

        assertEquals("InvalidValue", answer.error());
        assertFalse(answer.details().contains("got"), answer.details());
    }

    @Test
    void rejectsSessionOfAnotherDeploymentWithTheSameSecret() {
        String session = session("123456");

        assertUnauthorized("SessionRejected", function.ofAnotherDeployment().send(END + with(session) + "}"));
    }

    @Test
    void acceptsSessionAfterOneChangeOfTheSecret() {
        String session = session("123456");

        function.aws().sessionSecret().setValue("second-session-secret");
        assertEquals(200, end(with(session)).status());
        assertEquals(200, function.newProcess().send(END + with(session) + "}").status());

        function.aws().sessionSecret().setValue("third-session-secret");
        assertUnauthorized("SessionRejected", function.newProcess().send(END + with(session) + "}"));
    }

    @Test
    void acceptsSessionSealedWithANewerSecret() {
        session("123456");
        function.aws().sessionSecret().setValue("second-session-secret");
        String resealed = String.valueOf(
                function.newProcess().send(END + ",'mfaCode':'234567'}").meta().get("session"));

        assertEquals(200, end(with(resealed)).status());
    }

    @Test
    void cachesSessionSecretForFiveMinutes() {
        function.send("{'task':'instances'}");
        assertEquals(0, function.aws().sessionSecret().reads());

        String session = session("123456");
        function.advanceClock(Duration.ofSeconds(299));
        end(with(session));
        assertEquals(1, function.aws().sessionSecret().reads());

        function.advanceClock(Duration.ofSeconds(1));
        end(with(session));
        assertEquals(2, function.aws().sessionSecret().reads());
    }

    @Test
    void quotesStsOnWrongCode() {
        FunctionUnderTest.Answer answer = end(",'mfaCode':'" + FakeSts.WRONG_CODE + "'");

        assertUnauthorized("MfaRejected", answer);
        assertTrue(
                answer.details().contains("MultiFactorAuthentication failed with invalid MFA one time pass code."),
                answer.details());
        assertEquals(1, function.aws().calls().size(), "one call to STS and no other");
        assertEquals(1, function.aws().secret().reads(), "the secret is not read again");
    }

    @Test
    void rejectsUsedCode() {
        session("123456");

        assertUnauthorized("MfaRejected", end(",'mfaCode':'123456'"));
    }

    @Test
    void removesCodeFromErrorOfSts() {
        function.aws()
                .next(
                        "GetSessionToken",
                        (call, sts) -> FakeSts.error(
                                403, "AccessDenied", "MultiFactorAuthentication failed: 123456 is no good"));

        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertUnauthorized("MfaRejected", answer);
        assertFalse((answer.body() + function.log()).contains("123456"), answer.body());
    }

    @ParameterizedTest
    @CsvSource({"failure", "executedThenFailed", "lostAnswer"})
    void sendsCodeOnlyOnceWhenItsUseIsUnknown(String fault) {
        function.aws()
                .next(
                        "GetSessionToken",
                        switch (fault) {
                            case "failure" -> Fault.failure();
                            case "executedThenFailed" -> Fault.executedThenFailed();
                            default -> Fault.lostAnswer();
                        });

        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertEquals(502, answer.status());
        assertEquals("MfaUnavailable", answer.error());
        assertEquals(1, function.aws().calls().size());
    }

    @Test
    void launchWithoutCapacityMayBeRepeatedWithItsSessionOnly() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 0);
        String launch = "{'task':'launch','types':['m7g.large'],'dryRun':false,'idempotencyKey':'k'";

        FunctionUnderTest.Answer first = function.send(launch + ",'mfaCode':'123456'}");
        String session = String.valueOf(first.meta().get("session"));
        FunctionUnderTest.Answer second = function.send(launch + with(session) + "}");

        assertEquals(List.of("NoCapacity", "NoCapacity"), List.of(first.error(), second.error()), first.body());
        assertNull(first.headers().get("retry-after"));
        assertEquals("60", second.headers().get("retry-after"));
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);
        assertEquals(200, function.send(launch + with(session) + "}").status());
    }

    @Test
    void reportsThrottlingBySts() {
        function.aws().next("GetSessionToken", (call, sts) -> FakeSts.error(400, "Throttling", "Rate exceeded"));

        assertEquals("Throttled", end(",'mfaCode':'123456'").error());
    }

    @Test
    void usesNoCodeWhenSessionSecretIsUnreadable() {
        function.aws().sessionSecret().setValue("");

        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertEquals("SecretUnreadable", answer.error());
        assertTrue(answer.details().contains("session secret"), answer.details());
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void usesDeviceAsSoonAsItIsEnrolled() {
        FunctionUnderTest fresh =
                FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");

        FunctionUnderTest.Answer answer = fresh.send(END + ",'mfaCode':'123456'}");
        assertEquals(502, answer.status());
        assertEquals("MfaNotEnrolled", answer.error());
        assertTrue(answer.details().contains("'serialNumber'"), answer.details());
        assertEquals(List.of(), fresh.aws().calls());

        fresh.aws().secret().setValue(ENROLLED);
        assertEquals(200, fresh.send(END + ",'mfaCode':'123456'}").status());
    }

    @Test
    void rejectsInvalidSerialNumberWithoutRepeatingIt() {
        function.aws().secret().setValue(ENROLLED.replace(FakeSts.DEVICE, "mfa/ann"));

        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertEquals("MfaNotEnrolled", answer.error());
        assertFalse(answer.body().contains("mfa/ann"), answer.body());
    }

    @Test
    void readsChangedKeyBeforeUsingTheCode() {
        session("123456");
        function.aws().sts().rejectKey("AKIAFIRST");
        function.aws().secret().setValue(ENROLLED.replace("AKIAFIRST", "AKIASECOND"));

        assertEquals(200, end(",'mfaCode':'234567'").status());
        assertEquals(
                "AKIASECOND", function.aws().calls("GetSessionToken").getLast().accessKeyId());
    }

    @Test
    void returnsSessionWhenTheTaskFailsLater() {
        function.aws().next("DescribeInstances", Fault.error(400, "InvalidParameterValue"));

        FunctionUnderTest.Answer failed = end(",'mfaCode':'123456'");

        assertEquals("Ec2Refused", failed.error(), failed.body());
        assertEquals(
                200, end(with(String.valueOf(failed.meta().get("session")))).status());
        assertEquals(1, function.aws().calls("GetSessionToken").size());
    }

    @Test
    void doesNotResendCodeWhenEc2RejectsCredentials() {
        function.aws().always("DescribeInstances", Fault.error(401, "AuthFailure"));
        function.aws().secret().setValue(ENROLLED.replace("AKIAFIRST", "AKIASECOND"));

        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'");

        assertEquals("OperatorRejected", answer.error());
        assertEquals(1, function.aws().calls("GetSessionToken").size());
        assertNotEquals(null, answer.meta().get("session"));
    }

    @Test
    void rejectsCodeTogetherWithSession() {
        FunctionUnderTest.Answer answer = end(",'mfaCode':'123456'" + with("x"));

        assertEquals("InvalidRequest", answer.error());
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void usesCodeOrSessionWhereMfaIsOptional() {
        FunctionUnderTest.Answer answer = function.send("{'task':'instances','mfaCode':'123456'}");

        assertEquals(
                FakeSts.keyFor("123456"),
                function.aws().calls("DescribeInstances").getFirst().accessKeyId());
        assertEquals(
                200, end(with(String.valueOf(answer.meta().get("session")))).status());
        assertUnauthorized("SessionRejected", function.send("{'task':'instances','session':'x'}"));
    }

    @Test
    void ignoresCodeAndSessionWithoutMfa() {
        FunctionUnderTest without = new FunctionUnderTest("us-west-2");

        assertEquals(
                200, without.send(END + ",'mfaCode':'123456'" + with("x") + "}").status());
        assertEquals(List.of(), without.aws().calls("GetSessionToken"));
    }

    @Test
    void returnsSessionOfDryRunForTheLaunch() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        String launch = "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'";
        FunctionUnderTest.Answer dryRun = function.send(launch + ",'mfaCode':'123456'}");
        assertEquals(200, dryRun.status(), dryRun.body());

        FunctionUnderTest.Answer launched = function.send(
                launch + ",'dryRun':false" + with(String.valueOf(dryRun.meta().get("session"))) + "}");

        assertEquals(200, launched.status(), launched.body());
        assertEquals(1, launched.data().size());
    }

    @Test
    void reportsInCheckWhichCallsNeedMfa() {
        FunctionUnderTest.Answer answer = function.send("{'task':'check'}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(
                List.of(
                        "null",
                        "null",
                        "null",
                        "null",
                        "MfaRequired",
                        "MfaRequired",
                        "MfaRequired",
                        "MfaRequired",
                        "MfaRequired",
                        "MfaRequired"),
                answer.column("Error"));
        assertEquals("6", String.valueOf(answer.meta().get("refused")));
        for (String action :
                List.of("GetConsoleOutput", "TerminateInstances", "CancelSpotInstanceRequests", "CreateTags")) {
            assertEquals(List.of(), function.aws().calls(action));
        }
    }

    @Test
    void dryRunsCallsInCheckWithMfa() {
        FunctionUnderTest.Answer answer = function.send("{'task':'check','mfaCode':'123456'}");

        assertEquals(
                List.of(
                        "allowed",
                        "allowed",
                        "allowed",
                        "allowed",
                        "unchecked",
                        "unchecked",
                        "allowed",
                        "allowed",
                        "allowed",
                        "allowed"),
                answer.column("Result"),
                answer.body());
    }

    @Test
    void dryRunsSharedCallForTaskWithoutMfa() {
        FunctionUnderTest some =
                FunctionUnderTest.with("'mfaTasks':['end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
        some.ec2().managedInstance("us-west-2a", "m7g.large");

        FunctionUnderTest.Answer answer = some.send("{'task':'check'}");

        assertTrue(answer.column("Tasks").containsAll(List.of("[terminate]", "[end]", "[cancel]")), answer.body());
        assertEquals(1, some.aws().calls("TerminateInstances").size());
    }

    @Test
    void neitherReturnsNorLogsSecrets() {
        FunctionUnderTest.Answer opened = end(",'mfaCode':'123456','isLogging':true");
        String session = String.valueOf(opened.meta().get("session"));
        FunctionUnderTest.Answer used = end(with(session) + ",'isLogging':true");
        FunctionUnderTest.Answer stolen = function.sendAs(BOB, END + with(session) + "}");
        FunctionUnderTest.Answer wrong = end(",'mfaCode':'123456'");

        for (String secret : List.of("123456", "upgraded", "ASIA", "first-secret", "first-session-secret", "AKIA")) {
            for (FunctionUnderTest.Answer answer : List.of(opened, used, stolen, wrong)) {
                assertFalse(answer.body().contains(secret), answer.body());
            }
            assertFalse(function.log().contains(secret), function.log());
        }
        for (FunctionUnderTest.Answer answer : List.of(used, stolen, wrong)) {
            assertFalse(answer.body().contains(session), answer.body());
        }
        assertFalse(function.log().contains(session), "a session gives its caller as much as a code");
        assertTrue(function.log().contains("\"session\""), "the log names the field");
    }
}
