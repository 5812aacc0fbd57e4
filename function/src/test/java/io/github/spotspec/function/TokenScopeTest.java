package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a token covers, and the minter's events. */
final class TokenScopeTest {
    private static final String LAUNCH =
            "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false";

    private final FunctionUnderTest function =
            FunctionUnderTest.withRegions("'allowOnDemand':true," + FunctionUnderTest.TOKENS, "us-west-2", "eu-west-1");
    private final MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());

    @BeforeEach
    void setPrice() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
    }

    private FunctionUnderTest.Answer send(String mint, String body) {
        return function.sendWithToken(minter.token(mint), body);
    }

    private static void assertSuccessful(FunctionUnderTest.Answer answer) {
        assertEquals(200, answer.status(), answer.body());
    }

    private void assertExceeded(FunctionUnderTest.Answer answer) {
        assertEquals("ScopeExceeded", answer.error(), answer.body());
        assertEquals(403, answer.status());
    }

    @Test
    void looksUpIdOnlyInTheTokensRegions() {
        FakeInstance managed = function.ec2().managedInstance("eu-west-1a", "m7g.large");
        String end = "{'task':'end','instanceIds':['" + managed.id() + "']}";

        assertEquals(
                "IdNotFound",
                send("{'tasks':['end'],'regions':['us-west-2']}", end).error());
        assertTrue(managed.isAlive());
        assertSuccessful(send("{'tasks':['end']}", end));
        assertFalse(managed.isAlive());
    }

    @Test
    void returnsTokenWithUrlAndScope() {
        Map<?, ?> answer = minter.invoke(
                "{'tasks':['price','launch'],'regions':['eu-west-1'],'count':2,'price':'0.050','lease':'120m','committed':'5.50','osUsers':['admin'],'life':'10m'}");

        assertEquals(MinterUnderTest.URL, answer.get("url"));
        assertEquals("2026-03-01T12:10:00Z", answer.get("expires"));
        assertEquals(
                "{tasks=[price, launch], regions=[eu-west-1], count=2, price=0.050, lease=2h, committed=5.50, osUsers=[admin]}",
                String.valueOf(answer.get("scope")));
        Map<?, ?> claims = MinterUnderTest.claims(String.valueOf(answer.get("token")));
        assertEquals(answer.get("scope"), claims.get("scope"));
        assertEquals(answer.get("id"), claims.get("jti"));
        assertEquals("Test/Spot@us-west-2", claims.get("iss"));
        assertEquals(
                Duration.ofMinutes(10).toSeconds(),
                ((Number) java.util.Objects.requireNonNull(claims.get("exp"))).longValue()
                        - ((Number) java.util.Objects.requireNonNull(claims.get("iat"))).longValue());
    }

    @ParameterizedTest
    @CsvSource({"10m, 600", "+10, 600", "8h, 28800", "1d, 86400", "PT2M, 120"})
    void acceptsLifeAsDurationOrMinutes(String life, long seconds) {
        Map<?, ?> answer = minter.invoke("{'tasks':'price','life':'" + life + "'}");

        assertEquals(
                FunctionUnderTest.START.plusSeconds(seconds), Instant.parse(String.valueOf(answer.get("expires"))));
    }

    @Test
    void expiresWhenTheAnswerSays() {
        Map<?, ?> answer = minter.invoke("{'tasks':'price','life':'PT90.5S'}");

        assertEquals("2026-03-01T12:01:30Z", answer.get("expires"));
        assertEquals(
                Instant.parse("2026-03-01T12:01:30Z").getEpochSecond(),
                ((Number) java.util.Objects.requireNonNull(MinterUnderTest.claims(String.valueOf(answer.get("token")))
                                .get("exp")))
                        .longValue());
    }

    @Test
    void lastsOneHourByDefault() {
        assertEquals("2026-03-01T13:00:00Z", minter.invoke("{'tasks':'price'}").get("expires"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "'price'",
                "{'tasks':[]}",
                "{'tasks':['score']}",
                "{'tasks':['price','root']}",
                "{'tasks':['price'],'regions':['us-east-1']}",
                "{'tasks':['price'],'regions':[]}",
                "{'tasks':['price'],'count':0}",
                "{'tasks':['price'],'price':'0'}",
                "{'tasks':['price'],'lease':'1s'}",
                "{'tasks':['price'],'committed':'0'}",
                "{'tasks':['price'],'committed':-1}",
                "{'tasks':['price'],'committed':'0.009'}",
                "{'tasks':['price'],'committed':'1000001'}",
                "{'tasks':['price'],'committed':'NaN'}",
                "{'tasks':['price'],'committed':'1E+999999999'}",
                "{'tasks':['connect'],'osUsers':['root']}",
                "{'tasks':['connect'],'osUsers':['ubuntu','root']}",
                "{'tasks':['connect'],'osUsers':[]}",
                "{'tasks':['connect'],'osUsers':'all'}",
                "{'tasks':['price'],'life':'25h'}",
                "{'tasks':['price'],'life':'0m'}",
                "{'tasks':['price'],'life':'+1441'}",
                "{'tasks':['price'],'life':'+-5'}",
                "{'tasks':['price'],'life':10}",
                "{'tasks':['price'],'sub':'root'}",
                "{'tasks':['price'],'revoke':'all'}",
                "{'attributes':{'tasks':['price']}}",
                "{'tasks':['price'],'tasks':['launch']}",
                "{'revoke':'everything'}",
                "{'revoke':['all','00000000-0000-0007-0000-000000000001']}",
                "{'revoke':[]}",
                "{'version':'2.0','rawPath':'/','requestContext':{'http':{'method':'POST','path':'/'}},'body':'{}'}"
            })
    void mintsNothingForInvalidEvent(String event) {
        Map<?, ?> answer = minter.invoke(event);

        assertFalse(answer.containsKey("token"), event);
        assertFalse(String.valueOf(answer.get("details")).isBlank());
        int status = ((Number) java.util.Objects.requireNonNull(answer.get("code"))).intValue();
        assertTrue(status == 400 || status == 403, answer.toString());
    }

    @Test
    void rejectsTaskOutsideTheScopeBeforeAnyCall() {
        assertSuccessful(send("{'tasks':['price','launch']}", "{'task':'price','types':['m7g.large']}"));
        function.aws().clearCalls();

        FunctionUnderTest.Answer rejected = send("{'tasks':['price']}", "{'task':'instances'}");

        assertExceeded(rejected);
        assertTrue(rejected.details().contains("tasks price"), rejected.details());
        assertExceeded(send("{'tasks':['price']}", LAUNCH + "}"));
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void reportsDeploymentsErrorBeforeScopeError() {
        assertEquals(
                "RegionNotAllowed",
                send("{'tasks':['price'],'regions':['eu-west-1']}", "{'task':'price','region':'us-east-1'}")
                        .error());
        assertEquals(
                "UnknownTask", send("{'tasks':['price']}", "{'task':'rise'}").error());
        assertEquals(
                "UnknownField",
                send("{'tasks':['price']}", "{'task':'price','x':1}").error());
    }

    @Test
    void rejectsOtherRegionsAndDefaultsToTheTokens() {
        String mint = "{'tasks':['instances'],'regions':['eu-west-1']}";

        assertExceeded(send(mint, "{'task':'instances','region':'us-west-2'}"));
        assertExceeded(send(mint, "{'task':'instances','regions':['eu-west-1','us-west-2']}"));
        assertEquals(List.of(), function.aws().calls());
        for (String regions : List.of("", ",'regions':'all'", ",'region':'eu-west-1'")) {
            assertSuccessful(send(mint, "{'task':'instances'" + regions + "}"));
        }
        assertTrue(
                function.aws().calls().stream().allMatch(call -> call.region().equals("eu-west-1")));
    }

    @Test
    void rejectsHigherPriceAndDefaultsToTheTokens() {
        String mint = "{'tasks':['launch'],'price':'0.05'}";

        assertExceeded(send(mint, LAUNCH + ",'price':'0.051'}"));
        assertExceeded(send(mint, LAUNCH + ",'onNoCapacity':'onDemand'}"));
        assertEquals(List.of(), function.aws().calls());
        assertSuccessful(send(mint, LAUNCH + "}"));
        assertEquals(
                "0.05",
                function.aws().calls("RunInstances").getFirst().get("InstanceMarketOptions.SpotOptions.MaxPrice"));
    }

    @Test
    void rejectsLongerLeaseAndDefaultsToTheTokens() {
        String mint = "{'tasks':['launch','extend','instances'],'lease':'2h'}";

        assertExceeded(send(mint, LAUNCH + ",'lease':'3h'}"));
        assertExceeded(send(mint, "{'task':'extend','instanceIds':['i-00000001'],'lease':'121m'}"));
        assertEquals(List.of(), function.aws().calls());
        assertSuccessful(send(mint, LAUNCH + "}"));
        assertEquals(
                "2026-03-01T14:00:00Z",
                send(mint, "{'task':'instances'}").column("Lease").getFirst());
    }

    @Test
    void costTokenSeesAmountsButNeitherAddressesNorTags() {
        function.ec2()
                .managedInstance("us-west-2a", "m7g.large")
                .tag("Name", "builder")
                .tag("Team", "secret-project")
                .addresses(Map.of("privateIpAddress", "10.0.0.1", "ipAddress", "198.51.100.7"));
        String token = minter.token("{'tasks':['cost']}");

        FunctionUnderTest.Answer answer = function.sendWithToken(token, "{'task':'cost'}");

        assertSuccessful(answer);
        assertEquals("builder", answer.row(0).get("Name"));
        assertEquals("0.02", answer.row(0).get("Cost"));
        for (String hidden : List.of("secret-project", "10.0.0.1", "198.51.100.7")) {
            assertFalse(answer.body().contains(hidden), answer.body());
        }
        for (String other : List.of("'instances'", "'requests'", "'end','all':true")) {
            assertExceeded(function.sendWithToken(token, "{'task':" + other + "}"));
        }
    }

    private static String connect(FakeInstance instance, String more) {
        return "{'task':'connect','instanceId':'" + instance.id() + "','publicKey':'" + ConnectTest.PUBLIC_KEY + "'"
                + more + "}";
    }

    @Test
    void rejectsOtherUsersAndDefaultsToTheTokens() {
        FakeInstance managed = function.ec2().managedInstance("us-west-2a", "m7g.large");
        String mint = "{'tasks':['connect'],'osUsers':['admin','ubuntu']}";

        for (String field : List.of("osUser", "InstanceOSUser")) {
            assertExceeded(send(mint, connect(managed, ",'" + field + "':'ec2-user'")));
        }
        assertEquals(
                "OsUserNotAllowed",
                send(mint, connect(managed, ",'osUser':'root'")).error());
        assertEquals(List.of(), function.aws().calls(), "rejected before any call");
        assertEquals(
                "ubuntu",
                send(mint, connect(managed, "")).row(0).get("OsUser"),
                "the first in the order of the deployment");
        assertEquals(
                "admin",
                send(mint, connect(managed, ",'osUser':'admin'")).row(0).get("OsUser"));
    }

    @Test
    void rejectsLoginsOnceDeploymentAllowsNoneOfTheTokensUsers() {
        FunctionUnderTest changed = FunctionUnderTest.with("'osUsers':['builder']," + FunctionUnderTest.TOKENS);
        String token = minter.token("{'tasks':['connect','instances'],'osUsers':['ubuntu']}");
        FakeInstance managed = changed.ec2().managedInstance("us-west-2a", "m7g.large");

        for (String user : List.of("", ",'osUser':'builder'")) {
            assertExceeded(changed.sendWithToken(token, connect(managed, user)));
        }
        assertEquals(List.of(), changed.aws().calls("SendSSHPublicKey"));
        assertSuccessful(changed.sendWithToken(token, "{'task':'instances'}"));
    }

    @Test
    void statusShowsUsersOfTheToken() {
        assertEquals(
                List.of("ubuntu"),
                send("{'tasks':['connect'],'osUsers':['ubuntu']}", "{'task':'status'}")
                        .meta()
                        .get("osUsers"));
        assertFalse(send("{'tasks':['price'],'osUsers':['ubuntu']}", "{'task':'status'}")
                .meta()
                .containsKey("osUsers"));
    }

    @Test
    void countsOnlyInstancesOfTheToken() {
        String token = minter.token("{'tasks':['launch','end'],'count':2}");
        assertSuccessful(send("{'tasks':['launch']}", LAUNCH + ",'count':3}"));

        assertExceeded(function.sendWithToken(token, LAUNCH + ",'count':3}"));
        assertSuccessful(function.sendWithToken(token, LAUNCH + "}"));
        assertExceeded(function.sendWithToken(token, LAUNCH + ",'count':2}"));
        assertSuccessful(function.sendWithToken(token, LAUNCH + "}"));
        assertExceeded(function.sendWithToken(token, LAUNCH + "}"));
        assertEquals(5, function.ec2().alive().size());
    }

    @Test
    void rejectsTokenWhoseRegionsAreNoLongerAllowed() {
        String token = minter.token("{'tasks':['instances'],'regions':['eu-west-1']}");

        assertExceeded(FunctionUnderTest.with(FunctionUnderTest.TOKENS).sendWithToken(token, "{'task':'instances'}"));
    }
}
