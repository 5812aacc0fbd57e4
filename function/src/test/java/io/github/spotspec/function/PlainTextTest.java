package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests answers as people read them in a terminal. */
final class PlainTextTest {
    private static final String LAUNCH = "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'";
    private static final int WIDTH = 100;

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    private String plain(String body) {
        return function.send(body, "accept", "text/plain").body();
    }

    private String wide(String body) {
        return function.send(body, "accept", "text/plain; wide=true").body();
    }

    private static void assertFits(String text) {
        text.lines().forEach(line -> assertTrue(line.codePointCount(0, line.length()) <= WIDTH, line + "\n" + text));
    }

    private FakeInstance instance() {
        function.ec2().catalog().price("us-west-2a", "m7g.16xlarge", "0.0252");
        return function.ec2()
                .managedInstance("us-west-2a", "m7g.16xlarge")
                .tag("Name", "nightly-build-of-the-whole-thing")
                .addresses(Map.of("privateIpAddress", "10.100.200.100", "ipAddress", "198.51.100.100"));
    }

    @Test
    void showsPricesRelativeTimesAndCount() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.025234");
        function.ec2().catalog().price("us-west-2b", "m7g.16xlarge", "1.3");

        assertEquals("""
                TYPE          ZONE           $/H  CHANGED
                m7g.large     us-west-2a  0.0252  2h ago
                m7g.16xlarge  us-west-2b  1.3000  2h ago

                2 prices
                """, plain("{'task':'price','region':'us-west-2'}"));
    }

    @Test
    void showsProductOnlyIfItIsUnusual() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.0252");

        assertTrue(plain("{'task':'price','products':'all'}").contains("PRODUCT"));
    }

    @Test
    void fitsInstancesIntoHundredColumns() {
        FakeInstance instance = instance();

        String plain = plain("{'task':'instances'}");

        assertFits(plain);
        assertTrue(plain.startsWith("ID "), plain);
        for (String title : List.of("NAME", "TYPE", "ZONE", "STATE", "LEFT", "$/H", "COST", "ADDRESS")) {
            assertTrue(plain.lines().findFirst().orElseThrow().contains(title), plain);
        }
        assertTrue(plain.contains(instance.id()) && plain.contains("198.51.100.100"), plain);
        assertTrue(plain.contains("…"), "a long name is cut: " + plain);
        assertTrue(plain.lines().toList().getLast().startsWith("1 running · $0.0252/h · "), plain);
    }

    @Test
    void wideShowsEverything() {
        instance().tag("team", "blue");

        String wide = wide("{'task':'instances'}");

        for (String shown :
                List.of("nightly-build-of-the-whole-thing", "10.100.200.100", "LAUNCH-TIME", "team", "regions")) {
            assertTrue(wide.contains(shown), wide);
        }
    }

    @Test
    void listsNoTerminatedInstancesOnRequest() {
        FakeInstance gone = instance().state("terminated");
        FakeInstance alive = instance();

        String plain = plain("{'task':'instances','terminated':false}");

        assertTrue(plain.contains(alive.id()) && !plain.contains(gone.id()), plain);
        assertTrue(plain.contains("1 terminated not listed"), plain);
        assertEquals(2, function.send("{'task':'instances'}").data().size(), "the default is the same as before");
        assertEquals(
                List.of(gone.id()),
                function.send("{'task':'instances','terminated':false,'instanceIds':['" + gone.id() + "']}")
                        .column("InstanceId"));
    }

    @Test
    void dryRunEndsWithQuestionableEstimate() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.0268");

        String plain = plain("{" + LAUNCH + ",'count':2,'lease':'3h'}");

        assertFits(plain);
        assertTrue(
                plain.lines().toList().getLast().startsWith("Dry run: 2 × m7g.large for 3h, about $0.16 ($0.0536/h"),
                plain);
    }

    @Test
    void showsOnlyFirstCandidates() {
        StringBuilder types = new StringBuilder();
        for (int i = 1; i <= 12; i++) {
            String type = "m7g." + i + "xlarge";
            function.ec2().catalog().type(type, 2, 8, "arm64").price("us-west-2a", type, "0.0" + (20 + i));
            types.append(i == 1 ? "'" : ",'").append(type).append('\'');
        }

        String plain = plain("{'task':'launch','types':[" + types + "],'ami':'ami-0123456789abcdef0'}");

        assertFits(plain);
        assertTrue(plain.contains("\n… and 2 more pools\n"), plain);
        assertFalse(plain.contains("m7g.12xlarge"), plain);
    }

    @Test
    void neverHidesFailedRegionsAndMissingIds() {
        instance();
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 503, "RequestLimitExceeded"));

        String plain = plain("{'task':'instances','regions':'all'}");

        assertFits(plain);
        assertTrue(plain.contains("failed us-east-1: Throttled: "), plain);
        FakeInstance one = instance();
        String named = plain("{'task':'extend','lease':'2h','region':'us-west-2','instanceIds':['" + one.id()
                + "','i-0123456789abcdef9']}");
        assertTrue(named.contains("missing  i-0123456789abcdef9"), named);
    }

    @Test
    void describesPartialAnswerInHeader() {
        FunctionUnderTest.Answer answer = function.send(
                "{'task':'extend','lease':'2h','instanceIds':['" + instance().id() + "','i-0123456789abcdef9']}",
                "accept",
                "text/plain");

        assertTrue(String.valueOf(answer.headers().get("spotspec-meta")).contains("\"missing\":["));
    }

    @Test
    void showsConsoleOutputLineByLine() {
        FakeInstance instance = instance();
        instance.consoleOutput("first\u001b[31m red\u0007\r\nsecond\n".getBytes(StandardCharsets.UTF_8));

        String plain = plain("{'task':'console','instanceIds':['" + instance.id() + "']}");

        assertTrue(plain.contains("\nfirst red \nsecond\n"), plain);
        assertFalse(plain.contains("\u001b"), plain);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:45Z, 45s",
        "2026-03-01T12:05:30Z, 5m 30s",
        "2026-03-01T14:10:00Z, 2h 10m",
        "2026-03-02T14:00:00Z, 26h",
        "2026-03-04T16:00:00Z, 3d 4h"
    })
    void showsTimeLeftAsPeopleReadIt(String lease, String left) {
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("spotspec:lease", lease);

        String plain = plain("{'task':'instances'}");

        assertTrue(plain.contains("  " + left + " "), plain);
    }

    @Test
    void alignsWideCharacters() {
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("Name", "夜間");
        function.ec2().managedInstance("us-west-2a", "m7g.large").tag("Name", "e\u0301te");

        List<String> lines = plain("{'task':'instances'}").lines().toList();

        int start = lines.getFirst().indexOf("TYPE");
        for (String line : lines.subList(1, 3)) {
            int shift = line.contains("夜間") ? -2 : 1;
            assertEquals(start + shift, line.indexOf("m7g.large"), lines.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'price','products':'all'",
                "'price','types':['m7g.16xlarge'],'with':['onDemand']",
                "'history','types':['m7g.16xlarge']",
                "'score','types':['m7g.16xlarge','m6g.large','c7g.large']",
                "'requests'",
                "'instances','regions':'all'",
                "'cost','regions':'all'",
                "'console','instanceIds':['ID']",
                "'connect','instanceId':'ID','publicKey':'" + ConnectTest.PUBLIC_KEY + "'",
                "'extend','instanceIds':['ID'],'lease':'2h'",
                "'cancel','spotInstanceRequestIds':['SIR']",
                "'terminate','instanceIds':['ID']",
                "'end','instanceIds':['ID']",
                "'check'",
                "'status'"
            })
    void typicalAnswerOfEveryTaskFits(String task) {
        FakeInstance instance = instance();
        function.ec2().catalog().price("us-west-2a", "m7g.16xlarge", "Windows", "1.2345");
        function.ec2().catalog().score("us-west-2a", 7);
        function.aws().priceList().price("m7g.16xlarge", "2.6112");
        instance.consoleOutput("booted\n".getBytes(StandardCharsets.UTF_8));

        FunctionUnderTest.Answer answer = function.send(
                "{'task':"
                        + task.replace("ID", instance.id())
                                .replace("SIR", instance.request().id()) + "}",
                "accept",
                "text/plain");

        assertEquals(200, answer.status(), answer.body());
        assertFits(answer.body());
    }
}
