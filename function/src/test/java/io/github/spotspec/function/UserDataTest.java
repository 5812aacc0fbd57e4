package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.runtime.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the user data, which instances run when they first start. */
final class UserDataTest {
    private final FunctionUnderTest function = FunctionUnderTest.with("'userData':['setup']");

    UserDataTest() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!/bin/sh\necho hi",
                "\n  #!/bin/sh",
                "#cloud-config\npackages:\n- git",
                "#Cloud-Config",
                "#cloud-config-archive\n- x",
                "#cloud-boothook",
                "#include\nhttps://example.com/x",
                "#include-once",
                "#part-handler",
                "#upstart-job",
                "## template: jinja\n#cloud-config",
                "Content-Type: multipart/mixed; boundary=x",
                "MIME-Version: 1.0",
                "From: me\nmime-version: 1.0",
                "<powershell>dir</powershell>",
                "<script>dir</script>",
                "<persist>true</persist>",
                "version: 1.1\ntasks: []",
                "{ \"ignition\": {\"version\": \"3.4.0\"}}",
                "[settings.kubernetes]",
                "\ufeff#!/bin/sh"
            })
    void sendsBase64OfUserDataUnchanged(String text) {
        String base64 = base64(text);

        assertEquals(base64, launched(",'userData':'" + base64 + "'"));
        assertEquals(
                base64, launched(",'UserData':'" + base64.substring(0, 4) + "\\r\\n" + base64.substring(4) + "\\n'"));
        assertEquals(text, plain(launched(",'userData':" + Json.text(text))));
    }

    @Test
    void sendsBase64OfGzipUnchanged() {
        String gzip = Base64.getEncoder().encodeToString(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0});

        assertEquals(gzip, launched(",'userData':'" + gzip + "'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "production",
                "test",
                "aGVsbG8=",
                "data",
                "eyes",
                "web/server/eu/west",
                "echo \u00fc\u4e2d\ud83d\ude00",
                "reboot!!!",
                "a_b-c"
            })
    void encodesAnythingElseAsText(String text) {
        assertEquals(text, plain(launched(",'userData':'" + text + "'")));
        assertEquals(text, plain(launched(",'launchSpecification':{'UserData':'" + text + "'}")));
    }

    @Test
    void decodesBase64InTheEnvelope() {
        for (String text : new String[] {"role=worker", "#!/bin/sh", "\u00fc"}) {
            assertEquals(text, plain(launchedByEnvelope(base64(text))));
        }
        assertEquals("production", plain(launchedByEnvelope("production")), "these bytes are not text");
        assertEquals("#!/bin/sh", plain(launchedByEnvelope("#!/bin/sh")));
    }

    private @Nullable String launchedByEnvelope(String userData) {
        FunctionUnderTest.Answer answer = function.send("{'construct':{'keys':{'region':'us-west-2'}},'attributes':"
                + "{'task':'launch','type':'m7g.large','ami':'ami-0123456789abcdef0','dryRun':'false','userData':'"
                + userData + "'}}");
        assertEquals(200, answer.status(), answer.body());
        return function.aws().calls("RunInstances").getLast().get("UserData");
    }

    @Test
    void usesTheSecretsUserDataByDefault() {
        function.aws().secret().setValue("{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\",\"userData\":\"c2VjcmV0\"}");

        assertEquals("c2VjcmV0", launched(""));
        assertEquals("IyEvYmluL3No", launched(",'userData':'IyEvYmluL3No'"));
        assertFalse(function.log().contains("c2VjcmV0"));
    }

    @Test
    void limitsPlainTextUserDataOfTheSecret() {
        function.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\",\"userData\":\"#!/bin/sh hush\"}");
        assertEquals("#!/bin/sh hush", plain(launched("")));

        function.advanceClock(java.time.Duration.ofMinutes(6));
        function.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\",\"userData\":\"#hush"
                        + "x".repeat(16 * 1024) + "\"}");
        FunctionUnderTest.Answer answer = launch("");
        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("secret") && answer.details().contains("16389"), answer.details());
        assertFalse(function.log().contains("hush"));
    }

    @Test
    void usesTheDeploymentsUserDataByName() {
        assertEquals("#!/bin/sh\necho carried by the deployment\n", plain(launched(",'userDataName':'setup'")));
    }

    @Test
    void sendsNoUserDataByDefault() {
        assertNull(launched(""));
    }

    @Test
    void rejectsUserDataTogetherWithItsName() {
        assertEquals(
                "InvalidRequest",
                launch(",'userData':'aGVsbG8=','userDataName':'setup'").error());
    }

    @Test
    void rejectsUserDataLargerThan16KiB() {
        String largest = "#!" + "x".repeat(16 * 1024 - 2);
        assertEquals(largest, plain(launched(",'userData':'" + largest + "'")));
        assertEquals(largest, plain(launched(",'userData':'" + base64(largest) + "'")));

        for (String more : new String[] {largest + "x", base64(largest + "x"), largest.substring(1) + "\u00fc"}) {
            FunctionUnderTest.Answer answer = launch(",'userData':'" + more + "'");
            assertEquals("InvalidValue", answer.error());
            assertTrue(
                    answer.details().contains("'userData'") && answer.details().contains("16384"), answer.details());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "['#hush']", "{'x':'#hush'}", "true"})
    void neverRepeatsInvalidValue(String value) {
        FunctionUnderTest.Answer answer = launch(",'isLogging':true,'userData':" + value);

        assertEquals("InvalidValue", answer.error());
        assertFalse((answer.body() + function.log()).contains("hush"));
    }

    @Test
    void neitherReturnsNorLogsUserData() {
        FunctionUnderTest.Answer answer = launch(",'isLogging':true,'userData':'#!/bin/sh hush'");

        assertEquals(200, answer.status());
        assertFalse((answer.body() + function.log()).contains("hush"));
        assertTrue(function.log().contains("\"userData\""), function.log());
    }

    private FunctionUnderTest.Answer launch(String fields) {
        return function.send(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false" + fields + "}");
    }

    private @Nullable String launched(String fields) {
        FunctionUnderTest.Answer answer = launch(fields);
        assertEquals(200, answer.status(), answer.body());
        return function.aws().calls("RunInstances").getLast().get("UserData");
    }

    private static String plain(@Nullable String base64) {
        return new String(Base64.getDecoder().decode(String.valueOf(base64)), StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
