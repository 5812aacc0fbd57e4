package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeSts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the task {@code status}. */
final class StatusTest {
    private static final String STATUS = "{'task':'status'}";
    private static final String MFA = "'mfaTasks':['launch','end'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'";

    private static FunctionUnderTest withMfa() {
        FunctionUnderTest function = FunctionUnderTest.with(MFA);
        function.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"s\",\"serialNumber\":\""
                        + FakeSts.DEVICE + "\"}");
        return function;
    }

    private static List<String> needingMfa(FunctionUnderTest.Answer answer) {
        return answer.data().stream()
                .map(row -> (Map<?, ?>) row)
                .filter(row -> Boolean.TRUE.equals(row.get("NeedsMfa")))
                .map(row -> String.valueOf(row.get("Task")))
                .toList();
    }

    @Test
    void namesCallerTasksAndRegions() {
        FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

        FunctionUnderTest.Answer answer = function.send(STATUS);

        assertEquals(200, answer.status(), answer.body());
        assertEquals("status", answer.event());
        assertEquals(FunctionUnderTest.CALLER, answer.meta().get("caller"));
        assertEquals(List.of("us-west-2", "us-east-1"), answer.meta().get("regions"));
        assertTrue(answer.column("Task").containsAll(List.of("price", "launch", "end", "check")), answer.body());
        assertFalse(answer.column("Task").contains("status"), "it is always allowed");
        assertEquals(List.of(), needingMfa(answer));
        assertEquals("8h", answer.meta().get("defaultLease"));
        assertFalse(answer.meta().containsKey("sessionExpires"));
        assertFalse(answer.meta().containsKey("instanceTypes"), "there is no such limit");
        assertEquals(List.of(), function.aws().calls());
    }

    @Test
    void namesTheLimitsOfTheDeployment() {
        FunctionUnderTest function = FunctionUnderTest.with(
                "'instanceTypes':['m7g.*'],'maxPrice':'0.5','maxVolumeSize':100,'imageOwners':['amazon'],"
                        + "'allowOnDemand':true");

        Map<?, ?> meta = function.send(STATUS).meta();

        assertEquals(List.of("m7g.*"), meta.get("instanceTypes"));
        assertEquals(List.of("amazon"), meta.get("imageOwners"));
        assertEquals("0.5", meta.get("maxPrice"));
        assertEquals("100", String.valueOf(meta.get("maxVolumeSize")));
        assertEquals(true, meta.get("allowOnDemand"));
    }

    @Test
    void exchangesCodeForSessionWithoutCallingEc2() {
        FunctionUnderTest function = withMfa();

        FunctionUnderTest.Answer opened = function.send("{'task':'status','mfaCode':'123456','durationSeconds':900}");

        assertEquals(List.of("launch", "end"), needingMfa(opened));
        assertEquals("2026-03-01T12:15:00Z", opened.meta().get("sessionExpires"));
        assertEquals(1, function.aws().calls().size(), function.aws().calls().toString());
        assertEquals(1, function.aws().calls("GetSessionToken").size());
        String session = String.valueOf(Objects.requireNonNull(opened.meta().get("session")));
        assertEquals(
                200,
                function.send("{'task':'end','all':true,'session':'" + session + "'}")
                        .status());

        FunctionUnderTest.Answer known = function.send("{'task':'status','session':'" + session + "'}");
        assertEquals("2026-03-01T12:15:00Z", known.meta().get("sessionExpires"));
        assertFalse(known.meta().containsKey("session"), "the caller has it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'session':'eyx'", "'session':''", "'mfaCode':'1'", "'region':'us-west-2'", "'all':true"})
    void rejectsInvalidField(String field) {
        FunctionUnderTest.Answer answer = withMfa().send("{'task':'status'," + field + "}");

        assertTrue(answer.status() == 400 || answer.status() == 401, answer.body());
        assertFalse(answer.body().contains("caller\":"), answer.body());
    }

    @Test
    void answersCallersOfDeploymentWithFewTasks() {
        FunctionUnderTest.Answer answer = FunctionUnderTest.withTasks("price").send(STATUS);

        assertEquals(List.of("price"), answer.column("Task"));
        assertFalse(answer.meta().containsKey("maxInstances"), "nobody can launch");
        assertFalse(answer.meta().containsKey("maxLease"), "nobody can launch or extend");
    }

    @Test
    void narrowsToTheToken() {
        FunctionUnderTest function = FunctionUnderTest.withRegions(
                "'allowOnDemand':true," + FunctionUnderTest.TOKENS, "us-west-2", "eu-west-1");
        MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());

        FunctionUnderTest.Answer answer = function.sendWithToken(
                minter.token("{'tasks':['launch','instances'],'regions':['eu-west-1'],'count':2,'price':'0.1',"
                        + "'lease':'2h','life':'10m'}"),
                STATUS);

        assertEquals(200, answer.status(), answer.body());
        assertTrue(String.valueOf(answer.meta().get("caller")).startsWith("token:"), answer.body());
        assertEquals("2026-03-01T12:10:00Z", answer.meta().get("tokenExpires"));
        assertEquals(List.of("instances", "launch"), answer.column("Task"));
        assertEquals(List.of("eu-west-1"), answer.meta().get("regions"));
        assertEquals("2", String.valueOf(answer.meta().get("count")));
        assertEquals("0.1", answer.meta().get("maxPrice"));
        assertEquals("2h", answer.meta().get("maxLease"));
        assertEquals(false, answer.meta().get("allowOnDemand"));
    }
}
