package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests help, suggestions, errors, repeated options, the config file and completion, mostly with a stub. */
final class SpotClientUsageIT extends SpotClientBase {
    private static final String STATUS = """
            {"event":"status","data":[{"Task":"price","NeedsMfa":false},{"Task":"end","NeedsMfa":true}],\
            "meta":{"regions":["us-west-2","eu-west-1"]}}""";
    private static final String INSTANCES =
            "{\"event\":\"instances\",\"data\":[{\"InstanceId\":\"i-0123456789abcdef0\"}],\"meta\":{}}";

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();

    SpotClientUsageIT(LocalDeployment service) {
        super(service);
    }

    private Server stub(int status, String type, String body) throws IOException {
        return Server.start(null, request -> {
            requests.add(request.text());
            tokens.add(String.valueOf(request.header("authorization")));
            return request.text().contains("\"status\"") && status == 200
                    ? WireResponse.of(200, "application/json", STATUS)
                    : WireResponse.of(status, type, body);
        });
    }

    private SpotClient clientOf(Server server) throws IOException {
        return new SpotClient(folder).with("SPOT_URL", server.url() + "/").with("SPOT_TOKEN", "token");
    }

    private SpotClient.Result runWithAnswer(int status, String type, String body, String... arguments)
            throws Exception {
        try (Server server = stub(status, type, body)) {
            return clientOf(server).run(arguments);
        }
    }

    @Test
    void printsItsVersion() throws Exception {
        String pom = Files.readString(LocalDeployment.PROJECT.resolve("pom.xml"));
        String version = pom.substring(pom.indexOf("<version>") + "<version>".length(), pom.indexOf("</version>"));

        assertEquals(
                "spot " + version + "\n",
                new SpotClient(folder).run("--version").out());
    }

    @Test
    void helpsByCommand() throws Exception {
        SpotClient spot = new SpotClient(folder);

        assertEquals(
                spot.run("launch", "--help").out(), spot.run("help", "launch").out());
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        assertEquals(
                spot.run("launch", "--help").out(),
                spot.runCommand(DocumentedCommand.of("spot help launch")).out());
        assertEquals(spot.run("--help").out(), spot.run("help").out());
        assertTrue(spot.run("help", "config").out().contains(".config/spot/config"));
        assertEquals(USAGE, spot.run("help", "nothing").status());
    }

    @ParameterizedTest
    @CsvSource({
        "lauch, launch",
        "lst, ls",
        "stat, status",
        "pirce, price",
        "help lanch, launch",
        "price --regoin x, --region",
        "launch --user-dat x, --user-data",
        "ls --al, --all"
    })
    void suggestsWhatWasMeant(String command, String suggestion) throws Exception {
        SpotClient.Result ran = new SpotClient(folder).run(command.split(" "));

        assertEquals(USAGE, ran.status());
        assertTrue(ran.err().contains("did you mean " + suggestion + "?"), ran.err());
    }

    @Test
    void suggestsNothingForOtherWords() throws Exception {
        assertFalse(new SpotClient(folder).run("dance").err().contains("did you mean"));
    }

    @Test
    void errorsNameOptionsAndKeepValues() throws Exception {
        SpotClient.Result ran = runWithAnswer(
                400,
                "text/plain",
                "InvalidValue: 'memoryGiB' must be a number, got \"'memoryGiB'\".\n",
                "price",
                "--memory",
                "'memoryGiB'");

        assertEquals("InvalidValue: --memory must be a number, got \"'memoryGiB'\".\n", ran.err());
        SpotClient.Result real = signed().run("launch", "m7g.large", "--key", "a b", "-y");
        assertTrue(real.err().startsWith("InvalidValue: --key must be "), real.err());
        SpotClient.Result task = runWithAnswer(
                400,
                "text/plain",
                "UnknownType: no pool; raise 'price'; the task 'price' lists the pools that exist.\n",
                "launch",
                "m7g.large",
                "-y");
        assertEquals("UnknownType: no pool; raise --price; spot price lists the pools that exist.\n", task.err());
        SpotClient.Result shorter = runWithAnswer(
                409,
                "text/plain",
                "LeaseShorter: send a longer 'lease', or 'shorten' as true.\n",
                "extend",
                "i-0123456789abcdef0",
                "--lease",
                "1h");
        assertEquals("LeaseShorter: send a longer --lease, or --shorten.\n", shorter.err());
    }

    @Test
    void saysWhatToDoInsteadOfWhatToSend() throws Exception {
        SpotClient.Result mfa = runWithAnswer(
                401, "text/plain", "MfaRequired: This task needs MFA; send 'mfaCode', or 'session'.\n", "ls");
        SpotClient.Result token = runWithAnswer(
                401, "text/plain", "TokenMissing: The request needs a token; send it in the header.\n", "ls");

        assertEquals("MfaRequired: This task needs MFA.\nspot: log in with an MFA code: spot login\n", mfa.err());
        assertTrue(
                token.err().startsWith("TokenMissing: The request needs a token.\nspot: set SPOT_TOKEN"), token.err());
    }

    @ParameterizedTest
    @CsvSource({
        "403, '{\"Message\":\"Forbidden\"}', 1",
        "404, '{\"Message\":null}', 1",
        "413, '{\"message\":\"Request too large\"}', 1",
        "429, '{\"Reason\":\"x\",\"message\":\"Rate Exceeded.\"}', 4",
        "502, 'Internal Server Error', 4",
        "503, '', 4",
        "504, '<html>', 4"
    })
    void explainsErrorsOfAwsItself(int status, String body, int exitCode) throws Exception {
        SpotClient.Result table = runWithAnswer(status, "application/json", body, "price");
        SpotClient.Result json = runWithAnswer(status, "application/json", body, "price", "--json");

        assertEquals(exitCode, table.status(), table.err());
        assertTrue(
                table.err().matches("spot: AWS answered " + status + " instead of the service[^\n]+\n"), table.err());
        assertEquals(body + "\n" + table.err(), json.err());
    }

    @Test
    void repeatedListsAccumulate() throws Exception {
        runWithAnswer(
                200,
                "text/plain",
                "",
                "price",
                "--zone",
                "a",
                "--region",
                "us-west-2",
                "--zone=b,c",
                "--exclude",
                "t*",
                "--region",
                "us-east-1",
                "--exclude",
                "m*");

        String request = requests.getFirst();
        assertTrue(request.contains("\"zones\":[\"a\",\"b\",\"c\"]"), request);
        assertTrue(request.contains("\"regions\":[\"us-west-2\",\"us-east-1\"]"), request);
        assertTrue(request.contains("\"exclude\":[\"t*\",\"m*\"]"), request);
        SpotClient.Result twice = runWithAnswer(200, "text/plain", "", "price", "--limit", "1", "--limit", "2");
        assertEquals(USAGE, twice.status(), twice.err());
        assertTrue(twice.err().contains("--limit"), twice.err());
    }

    @Test
    void listsAllRegionsWithoutTerminatedInstances() throws Exception {
        runWithAnswer(200, "text/plain", "", "ls");
        runWithAnswer(200, "text/plain", "", "ls", "--all", "--region", "us-east-1");
        runWithAnswer(200, "text/plain", "", "ls", "i-0123456789abcdef0");
        runWithAnswer(200, "text/plain", "", "cost");
        runWithAnswer(200, "text/plain", "", "end", "--all");

        assertEquals(
                List.of(
                        "{\"regions\":\"all\",\"terminated\":false,\"task\":\"instances\"}",
                        "{\"regions\":[\"us-east-1\"],\"task\":\"instances\"}",
                        "{\"instanceIds\":[\"i-0123456789abcdef0\"],\"task\":\"instances\"}",
                        "{\"regions\":\"all\",\"task\":\"cost\"}",
                        "{\"all\":true,\"regions\":\"all\",\"task\":\"end\"}"),
                requests);
    }

    private Path config(String text) throws IOException {
        Path file = folder.resolve(".config/spot/config");
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }

    @Test
    void usesServiceOfConfigFile() throws Exception {
        try (Server first = stub(200, "text/plain", "");
                Server second = stub(200, "text/plain", "second\n")) {
            Path file = config("""
                    # my services
                    region = us-west-2
                    [default]
                    url = %s/

                    [ci]
                    url = %s/
                    token=of-ci
                    """.formatted(first.url(), second.url()));

            SpotClient spot = new SpotClient(folder).with("SPOT_TOKEN", "of-the-environment");
            assertEquals(DONE, spot.run("ls").status());
            assertEquals("Bearer of-the-environment", tokens.getLast());
            Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
            SpotClient.Result named = spot.runCommand(DocumentedCommand.of("spot --service ci ls"));
            assertEquals("second\n", named.out(), named.err());
            assertEquals("Bearer of-ci", tokens.getLast(), "no token goes to another service");
            assertTrue(named.err().contains("chmod 600"), named.err());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            SpotClient.Result behind = spot.run("ls", "--service=ci");
            assertEquals("second\n", behind.out());
            assertEquals("", behind.err());
            config("[token]\nurl = %s/\n".formatted(second.url()));
            assertEquals("second\n", spot.run("--service", "token", "ls").out(), "the token need not be in the file");
            assertEquals("Bearer of-the-environment", tokens.getLast());
            config("[ci]\nurl = %s/\ntoken = of-ci\n".formatted(second.url()));
            spot.with("SPOT_URL", first.url() + "/").with("SPOT_SERVICE", "ci");
            assertEquals("", spot.run("ls").out(), "the environment has precedence");
            assertEquals("second\n", spot.run("--service", "ci", "ls").out());
            config("[token]\nurl = %s/\n".formatted(second.url()));
            int asked = requests.size();
            assertEquals(MISSING_SETUP, spot.run("--service", "token", "ls").status(), "the token is for SPOT_URL");
            assertEquals(asked, requests.size());
        }
    }

    @Test
    void settingsOfSectionReplaceThoseOfAllServices() throws Exception {
        try (Server first = stub(200, "text/plain", "");
                Server second = stub(200, "text/plain", "second\n")) {
            config("""
                    token = of-all
                    [default]
                    url = %s/
                    token = of-default
                    [ci]
                    url = %s/
                    token = of-ci
                    """.formatted(first.url(), second.url()));

            assertEquals(DONE, new SpotClient(folder).run("ls").status());
            assertEquals("Bearer of-default", tokens.getLast());
            SpotClient ci = new SpotClient(folder).with("SPOT_SERVICE", "ci");
            assertEquals("second\n", ci.run("ls").out());
            assertEquals("Bearer of-ci", tokens.getLast());
        }
    }

    @Test
    void rejectsEmptyNameOfService() throws Exception {
        try (Server server = stub(200, "text/plain", "")) {
            SpotClient spot = clientOf(server);
            assertEquals(USAGE, spot.run("--service", "", "end", "--all").status());
            assertEquals(USAGE, spot.run("--service=", "end", "--all").status());
            assertEquals(USAGE, spot.run("end", "--all", "--service", "").status());
        }
        assertEquals(List.of(), requests);
    }

    @Test
    void rejectsAnswerThatIsNotOfTheService() throws Exception {
        String page = "<html>Log in</html>";
        assertEquals(
                RETRY_LATER,
                runWithAnswer(200, "text/html", page, "end", "--all").status());
        SpotClient.Result launched = runWithAnswer(200, "text/html", page, "launch", "m7g.large", "-y", "--json");
        assertEquals(RETRY_LATER, launched.status());
        assertTrue(launched.err().contains("SPOT_URL"), launched.err());
    }

    @Test
    void tagsDoNotChangeTheExitStatus() throws Exception {
        String row =
                "{\"event\":\"instances\",\"data\":[{\"Tags\":{\"missing\":\"1\",\"failed\":\"1\"}}],\"meta\":{%s}}";

        assertEquals(
                DONE,
                runWithAnswer(200, "application/json", row.formatted(""), "ls", "--json")
                        .status());
        assertEquals(
                RETRY_LATER,
                runWithAnswer(200, "application/json", row.formatted("\"missing\":[\"i-1\"]"), "ls", "--json")
                        .status());
        assertEquals(
                RETRY_LATER,
                runWithAnswer(
                                200,
                                "application/json",
                                row.formatted("\"failed\":[{\"region\":\"eu-west-1\"}]"),
                                "ls",
                                "--json")
                        .status(),
                "a region is missing in the list");
    }

    @Test
    void completionContainsNothingThatShellsExpand() throws Exception {
        config("[a$(touch x)]\nurl = x\n");

        assertEquals("atouch x", words(new SpotClient(folder), "ls", "--service", ""));
    }

    @Test
    void sendsUserDataThatIsNotRecognizedAsText() throws Exception {
        Path settings = Files.writeString(folder.resolve("settings"), "ECS_CLUSTER=\"a\\b\"\n[x]\ty\r\n");
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\n");
        for (Path file : List.of(settings, script)) {
            runWithAnswer(200, "text/plain", "", "launch", "m7g.large", "-y", "--user-data", file.toString());
        }

        assertTrue(
                requests.getFirst().contains("\"userData\":\"ECS_CLUSTER=\\\"a\\\\b\\\"\\n[x]\\ty\\r\\n\""),
                requests::toString);
        assertTrue(requests.getLast().contains("\"userData\":\"IyEvYmluL3NoCg==\""), requests::toString);
    }

    @Test
    void rejectsArgumentsThatWouldBeLost() throws Exception {
        String launch = "launch m7g.large -y ";
        Path empty = Files.createFile(folder.resolve("empty"));
        for (String wrong : List.of(
                launch + "--user-data " + empty, launch + "--tag a=1 --tag a=2", launch + "--on-demand --on-demand")) {
            assertEquals(
                    USAGE,
                    runWithAnswer(200, "text/plain", "", wrong.split(" ")).status(),
                    wrong);
        }
        assertEquals(
                MISSING_SETUP,
                runWithAnswer(200, "text/plain", "", (launch + "--user-data " + folder).split(" "))
                        .status());
        assertEquals(
                USAGE,
                runWithAnswer(200, "text/plain", "", "ls", "--region", "").status());
        assertEquals(USAGE, runWithAnswer(200, "text/plain", "", "ls cost").status());
        assertEquals(
                USAGE, runWithAnswer(200, "text/plain", "", "help", "ls cost").status());
        assertEquals(List.of(), requests);
    }

    @Test
    void rejectsUnknownServiceAndSetting() throws Exception {
        SpotClient spot = new SpotClient(folder);
        assertEquals(MISSING_SETUP, spot.run("ls", "--service", "ci").status(), "there is no file");
        config("[default]\nurl = https://example.com/\n");
        assertEquals(MISSING_SETUP, spot.run("--service", "ci", "ls").status());
        config("[default]\nuri = https://example.com/\n");
        SpotClient.Result unknown = spot.run("ls");
        assertEquals(MISSING_SETUP, unknown.status());
        assertTrue(unknown.err().contains("line 2"), unknown.err());
    }

    @Test
    void completesValues() throws Exception {
        try (Server server = stub(200, "application/json", INSTANCES)) {
            SpotClient spot = clientOf(server);

            assertEquals("all us-west-2 eu-west-1", words(spot, "price", "--region", ""));
            assertEquals("price end", words(spot, "mint", "--tasks", ""));
            assertEquals("price type zone", words(spot, "price", "--sort", ""));
            assertTrue(words(spot, "end", "end", "").startsWith("i-0123456789abcdef0 "));
            assertTrue(words(spot, "scp", "scp", "i-").startsWith("i-0123456789abcdef0: "));
            config("[default]\nurl = x\n[ci]\nurl = y\n");
            assertEquals("default ci", words(spot, "ls", "--service", ""));
            int asked = requests.size();
            assertFalse(words(spot, "end", "end", "--").contains("i-"), "options need no request");
            assertEquals(asked, requests.size());
        }
    }

    private static String words(SpotClient spot, String command, String before, String word) throws Exception {
        return spot.run("completion", "words", command, before, word).out().strip();
    }

    @Test
    void completesInFish() throws Exception {
        assertTrue(new SpotClient(folder).run("completion", "fish").out().contains("complete -c spot"));
        assumeTrue(SpotClientIT.isInstalled("fish"), "fish is not on the PATH");
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        String source = DocumentedCommand.of("spot completion fish | source").text();

        SpotClient.Result ran =
                new SpotClient(folder).runCommand("", List.of("fish", "-c", source + "; complete -C 'spot pri'"));

        assertTrue(ran.out().startsWith("price"), ran.out() + ran.err());
    }
}
