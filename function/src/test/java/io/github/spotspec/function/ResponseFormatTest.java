package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.FakeSts;
import io.github.spotspec.function.fake.Fault;
import io.github.spotspec.function.runtime.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests answers as tables, in plain text and in CSV. */
final class ResponseFormatTest {
    private static final String JSON = "application/json";
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String CSV = "text/csv; charset=utf-8; header=present";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | text/plain",
                "TEXT/Plain; charset=UTF-8 | text/plain",
                "text/csv | text/csv",
                "text/csv;header=present | text/csv",
                "text/* | text/plain",
                "text/*, text/plain;q=0.4 | text/csv",
                "text/csv, */*;q=0.1 | text/csv",
                "text/plain;q=0.5, text/csv;q=0.501 | text/csv",
                "text/plain ; q=0.5 , application/json;q=0.4 | text/plain",
                "text/html, text/plain;q=0.1 | text/plain",
                "text/plain;q=0 | application/json",
                "*/*, application/json;q=0, text/plain;q=0.2, text/csv;q=0.1 | text/plain",
                "text/plain;q=2 | application/json",
                "text/plain;q=high | application/json",
                "text/plain;q=1e0, text/csv;q=0.1 | text/csv",
                "text/plain;q=0.0001 | application/json",
                "text/plain, application/json | application/json",
                "'application/json, text/plain, */*' | application/json",
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8 | application/json",
                "application/xml | application/json",
                "application/json;q=0 | application/json",
                "nonsense,;;/,text | application/json",
                "'' | application/json",
                "*/* | application/json",
                "application/json | application/json",
            })
    void choosesMostPreferredFormat(String accept, String type) {
        FunctionUnderTest.Answer answer = function.send("{'task':'instances'}", "accept", accept);

        assertEquals(200, answer.status());
        assertEquals(type, String.valueOf(answer.headers().get("content-type")).split(";", 2)[0]);
    }

    @Test
    void writesAllColumnsAndMetadataInWideText() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.025234");
        function.ec2().catalog().price("us-west-2b", "m7g.16xlarge", "1.3");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','region':'us-west-2'}", "accept", "text/plain; wide=true");

        assertEquals(PLAIN, answer.headers().get("content-type"));
        assertEquals("no-store", answer.headers().get("cache-control"));
        assertEquals("""
                TYPE          ZONE             $/H  PRODUCT     CHANGED               REGION     AVAILABILITY-ZONE  AVAILABILITY-ZONE-ID
                m7g.large     us-west-2a  0.025234  Linux/UNIX  2026-03-01T10:00:00Z  us-west-2  us-west-2a         usw2-az4
                m7g.16xlarge  us-west-2b       1.3  Linux/UNIX  2026-03-01T10:00:00Z  us-west-2  us-west-2b         usw2-az3

                at       2026-03-01T12:00:00Z
                source   ec2:DescribeSpotPriceHistory
                regions  us-west-2

                2 prices
                """, answer.body());
    }

    @Test
    void writesCsvRowsWithMetadataInHeader() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.025234");

        FunctionUnderTest.Answer answer = csv("{'task':'price','types':['m7g.large','m7g.lagre']}");

        assertEquals(CSV, answer.headers().get("content-type"));
        assertEquals(
                String.join(
                        "\r\n",
                        "Region,AvailabilityZone,AvailabilityZoneId,InstanceType,ProductDescription,SpotPrice,Timestamp",
                        "us-west-2,us-west-2a,usw2-az4,m7g.large,Linux/UNIX,0.025234,2026-03-01T10:00:00Z",
                        ""),
                answer.body());
        Map<?, ?> meta = meta(answer);
        assertEquals(List.of("us-west-2"), meta.get("regions"));
        assertEquals(List.of(Map.of("region", "us-west-2", "types", List.of("m7g.lagre"))), meta.get("withoutPrice"));
    }

    @Test
    void writesSeparateTableOfMissingTypes() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.025234");

        assertTrue(plain("{'task':'price','region':'us-west-2','types':['m7g.large','m7g.lagre','m8g.lagre']}")
                .body()
                .endsWith("""

                                without price:
                                REGION     TYPES
                                us-west-2  m7g.lagre,m8g.lagre

                                1 price
                                """));
    }

    @Test
    void omitsEmptyColumnsInPlainTextOnly() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        String launched = function.send(
                        "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false}")
                .column("InstanceId")
                .getFirst();

        String plain = plain("{'task':'instances'}").body();
        assertTrue(plain.contains(launched) && plain.contains("LEFT"), plain);
        assertFalse(plain.contains("INTERRUPTED"), plain);
        String[] lines = csv("{'task':'instances'}").body().split("\r\n", -1);
        assertTrue(lines[0].endsWith(",Interrupted,Tags"), lines[0]);
        assertTrue(lines[1].endsWith(",,{}"), lines[1]);
    }

    @Test
    void showsPrivateAddressAndMarketOnlyIfNeeded() {
        function.ec2().catalog().price("us-west-2a", "m7g.16xlarge", "0.0252");
        FakeInstance instance = function.ec2()
                .managedInstance("us-west-2a", "m7g.16xlarge")
                .addresses(Map.of("privateIpAddress", "10.100.200.100", "ipAddress", "198.51.100.100"));

        String plain = plain("{'task':'instances'}").body();
        assertFalse(plain.contains("10.100.200.100") || plain.contains("MARKET"), plain);

        instance.addresses(Map.of("privateIpAddress", "10.100.200.100"));
        assertTrue(plain("{'task':'instances'}").body().contains("10.100.200.100"));
        instance.onDemand();
        assertTrue(plain("{'task':'instances'}").body().contains("on-demand"));
    }

    @Test
    void keepsTagsHarmlessInEveryFormat() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("Name", "=cmd()\u202e\nx,\"y\"");

        String plain = plain("{'task':'instances'}").body();
        assertFalse(plain.contains("\u202e"), plain);
        assertEquals(1, plain.lines().filter(line -> line.contains("=cmd()")).count(), plain);
        String csv = csv("{'task':'instances'}").body();
        assertFalse(csv.contains("\u202e") || csv.contains(",=cmd"), csv);
        assertEquals(3, csv.split("\r\n", -1).length, csv);
    }

    @Test
    void writesNoRowsInWordsInPlainTextOnly() {
        assertEquals("no instances\n", plain("{'task':'instances'}").body());
        assertEquals("", csv("{'task':'instances'}").body());
    }

    @Test
    void showsCandidatesOfDryRun() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");
        String dryRun = plain("{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'}")
                .body();

        assertTrue(dryRun.startsWith("TYPE       ZONE "), dryRun);
        assertTrue(dryRun.contains("\nDry run: 1 × m7g.large for "), dryRun);
    }

    @Test
    void writesHistoryPointsInCsvOnly() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.025234");

        String[] lines = csv("{'task':'history','types':['m7g.large'],'last':'4h'}")
                .body()
                .split("\r\n", -1);
        assertTrue(lines[0].endsWith(",Maximum,Changes,Timestamp,SpotPrice"), lines[0]);
        assertTrue(lines[1].endsWith(",0.025234"), lines[1]);
        assertFalse(plain("{'task':'history','types':['m7g.large'],'last':'4h'}")
                .body()
                .contains("Points"));
    }

    @Test
    void writesErrorAsLineOrAsJson() {
        FunctionUnderTest.Answer plain = plain("{'task':'price','region':'ap-south-1'}");
        assertEquals(403, plain.status());
        assertEquals(PLAIN, plain.headers().get("content-type"));
        assertTrue(plain.body().matches("RegionNotAllowed: [^\n]*ap-south-1[^\n]*\n"), plain.body());

        FunctionUnderTest.Answer csv = csv("{'task':'price','region':'ap-south-1'}");
        assertEquals(403, csv.status());
        assertEquals(JSON, csv.headers().get("content-type"));
        assertEquals("RegionNotAllowed", csv.error());
    }

    @Test
    void keepsHeadersOfErrorInPlainText() {
        function.aws().ec2(Fault.error(503, "RequestLimitExceeded"));

        FunctionUnderTest.Answer answer = plain("{'task':'price','types':['m7g.large']}");

        assertEquals("5", answer.headers().get("retry-after"));
        assertTrue(answer.body().startsWith("Throttled: "), answer.body());
    }

    @Test
    void writesInternalErrorAsOneLine() {
        function.aws().ec2((call, ec2) -> {
            throw new IllegalStateException("something inside");
        });

        FunctionUnderTest.Answer answer = plain("{'task':'score','types':['m7g.large','m6g.large','c7g.large']}");

        assertTrue(answer.status() >= 500);
        assertTrue(answer.body().matches("[A-Za-z0-9]+: [^\n]+\n"), answer.body());
    }

    @Test
    void escapesFormulasInCsv() {
        List<String> bad = List.of(
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "\t=1+1",
                " =1+1",
                "\uff1d1+1",
                "\n=1+1",
                "=HYPERLINK(\"https://x\",\"y\")");
        bad.forEach(type -> function.ec2().catalog().price("us-west-2a", type, "0.03"));

        String body = csv("{'task':'price'}").body();

        assertTrue(body.contains(",\"'=HYPERLINK(\"\"https://x\"\",\"\"y\"\")\","), body);
        String[] lines = body.split("\r\n", -1);
        assertEquals(bad.size() + 2, lines.length, body);
        for (int i = 1; i <= bad.size(); i++) {
            assertTrue(lines[i].matches("us-west-2,us-west-2a,usw2-az4,\"?'.*"), lines[i]);
        }
    }

    @Test
    void keepsOwnNumbersInCsv() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.09");
        function.aws().priceList().price("m7g.large", "0.0816");

        String[] lines = csv("{'task':'price','types':['m7g.large'],'with':['onDemand']}")
                .body()
                .split("\r\n", -1);

        assertTrue(lines[1].endsWith(",-10.3"), lines[1]);
    }

    @Test
    void removesControlCharactersFromPlainText() {
        FunctionUnderTest.Answer error =
                plain("{'task':'price','types':['\\u001b]0;title\\u0007\\u202ex\\ny\\u009b2J']}");
        assertTrue(error.body().matches("InvalidValue: [^\\p{Cc}\\p{Cf}]+\n"), error.body());

        function.ec2().catalog().price("us-west-2a", "m7g\u0085.large", "0.03");
        assertTrue(plain("{'task':'price'}").body().contains("m7g .large"));
    }

    private static FunctionUnderTest withMfa() {
        FunctionUnderTest mfa =
                FunctionUnderTest.with("'mfaTasks':['instances'],'sessionSecretArn':'" + FakeAws.SESSION_SECRET + "'");
        mfa.aws()
                .secret()
                .setValue("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"s\",\"serialNumber\":\""
                        + FakeSts.DEVICE + "\"}");
        return mfa;
    }

    private static void assertSessionOnlyInHeaders(FunctionUnderTest mfa, FunctionUnderTest.Answer answer) {
        String session = String.valueOf(answer.headers().get("spotspec-session"));
        assertTrue(session.startsWith("ey"), answer.headers().toString());
        assertEquals("2026-03-01T13:00:00Z", answer.headers().get("spotspec-session-expires"));
        assertFalse(answer.body().contains(session), answer.body());
        assertFalse(String.valueOf(answer.headers().get("spotspec-meta")).contains(session));
        assertEquals(
                200,
                mfa.send("{'task':'instances','session':'" + session + "'}").status());
    }

    @Test
    void returnsSessionInHeadersInEveryFormat() {
        FunctionUnderTest mfa = withMfa();

        FunctionUnderTest.Answer json = mfa.send("{'task':'instances','mfaCode':'123456'}");
        assertEquals(json.meta().get("session"), json.headers().get("spotspec-session"));
        FunctionUnderTest.Answer plain = mfa.send("{'task':'instances','mfaCode':'123457'}", "accept", "text/plain");
        assertEquals(200, plain.status(), plain.body());
        assertSessionOnlyInHeaders(mfa, plain);
        assertTrue(plain.body().contains("session expires"), plain.body());
        FunctionUnderTest.Answer csv = mfa.send("{'task':'instances','mfaCode':'123458'}", "accept", "text/csv");
        assertEquals(200, csv.status(), csv.body());
        assertSessionOnlyInHeaders(mfa, csv);
    }

    @Test
    void returnsSessionInHeadersOfErrors() {
        FunctionUnderTest mfa = withMfa();
        mfa.aws().next("DescribeInstances", Fault.denied());

        FunctionUnderTest.Answer plain = mfa.send("{'task':'instances','mfaCode':'123456'}", "accept", "text/plain");

        assertEquals(403, plain.status(), plain.body());
        assertSessionOnlyInHeaders(mfa, plain);
    }

    @Test
    void hasNoSessionHeadersWithoutCode() {
        FunctionUnderTest mfa = withMfa();
        String session = String.valueOf(
                mfa.send("{'task':'status','mfaCode':'123456'}").meta().get("session"));

        for (String body : List.of(
                "{'task':'status','session':'" + session + "'}",
                "{'task':'instances','session':'" + session + "'}",
                "{'task':'price','types':['m7g.large']}")) {
            for (String format : List.of("application/json", "text/plain", "text/csv")) {
                FunctionUnderTest.Answer answer = mfa.send(body, "accept", format);
                assertFalse(answer.headers().toString().contains("spotspec-session"), answer.toString());
                assertFalse(answer.toString().contains(session), answer.toString());
            }
        }
    }

    @Test
    void reportsMetadataThatIsTooLongForHeader() {
        StringBuilder types = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            types.append(i == 0 ? "'" : ",'").append("m").append(i).append("g.none-of-such-a-long-name-as-that-1'");
        }
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");

        Map<?, ?> meta = meta(csv("{'task':'price','types':[" + types + "]}"));
        assertEquals(List.of("withoutPrice"), meta.get("tooLong"));
        assertFalse(meta.containsKey("withoutPrice"), meta.toString());
        assertTrue(meta.containsKey("at"), "the others stay: " + meta);
        String header = String.valueOf(
                csv("{'task':'price','types':['m7g.large']}").headers().get("spotspec-meta"));
        assertTrue(header.chars().allMatch(c -> c >= 0x20 && c < 0x7f), header);
    }

    @Test
    void compressesLongTableWhenAccepted() {
        for (int i = 0; i < 20; i++) {
            function.ec2().catalog().price("us-west-2a", "m7g.x" + i, "0.03");
        }
        String event = FunctionUnderTest.event(
                "POST",
                "/",
                FunctionUnderTest.CALLER,
                "{\"task\":\"price\"}",
                false,
                Map.of("accept", "text/csv", "accept-encoding", "gzip"));

        FunctionUnderTest.Answer answer = function.handle(event);

        assertEquals("gzip", answer.headers().get("content-encoding"));
        assertEquals(22, answer.body().split("\r\n", -1).length);
        assertNull(csv("{'task':'price'}").headers().get("content-encoding"));
        assertEquals(csv("{'task':'price'}").body(), answer.body());
    }

    private FunctionUnderTest.Answer plain(String body) {
        return function.send(body, "accept", "text/plain");
    }

    private FunctionUnderTest.Answer csv(String body) {
        return function.send(body, "accept", "text/csv");
    }

    private static Map<?, ?> meta(FunctionUnderTest.Answer csv) {
        return (Map<?, ?>)
                Objects.requireNonNull(Json.parse(String.valueOf(csv.headers().get("spotspec-meta"))));
    }
}
