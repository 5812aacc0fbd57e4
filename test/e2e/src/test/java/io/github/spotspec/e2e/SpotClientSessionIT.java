package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.wire.Server;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the sessions that the command line client keeps, mostly with the answers of a stub. */
final class SpotClientSessionIT extends SpotClientBase {
    private static final String CODE = "123456";
    private static final Pattern CODE_SENT = Pattern.compile("\"mfaCode\":\"");
    private static final Pattern SESSION_SENT = Pattern.compile("\"session\":\"([^\"]*)\"");

    /** The external commands that the client runs besides curl. */
    private static final List<String> COMMANDS = List.of(
            "base64",
            "cat",
            "cut",
            "date",
            "find",
            "grep",
            "head",
            "id",
            "mkdir",
            "mktemp",
            "mv",
            "od",
            "rm",
            "sed",
            "sha256sum",
            "tr");

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> issued = new CopyOnWriteArrayList<>();
    private volatile Duration life = Duration.ofHours(1);
    private volatile boolean refusesSessions;
    private volatile boolean needsMfa;
    private Server server;

    SpotClientSessionIT(LocalDeployment service) {
        super(service);
    }

    @BeforeEach
    void startStub() throws IOException {
        server = Server.start(null, this::answer);
    }

    @AfterEach
    void stopStub() {
        server.close();
    }

    /** Answers as the service does: it opens a session for a code, and checks the session. */
    private synchronized WireResponse answer(WireRequest request) {
        String body = request.text();
        requests.add(body);
        String accept = Objects.requireNonNull(request.header("accept"));
        Matcher sent = SESSION_SENT.matcher(body);
        boolean known = sent.find();
        if (known && (refusesSessions || !issued.contains(sent.group(1)))) {
            return error("SessionRejected");
        }
        if (!CODE_SENT.matcher(body).find()) {
            return needsMfa && !known ? error("MfaRequired") : rows(accept, "", Map.of());
        }
        String session = "eyJhbGciOiJkaXIifQ..iv_" + issued.size() + ".sealed-credentials.tag";
        issued.add(session);
        String expires = Instant.now().plus(life).toString();
        return rows(
                accept,
                "\"session\":\"" + session + "\",\"sessionExpires\":\"" + expires + "\"",
                Map.of("spotspec-session", session, "spotspec-session-expires", expires));
    }

    private static WireResponse rows(String accept, String meta, Map<String, String> more) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.put("content-type", accept);
        String body = accept.equals("application/json")
                ? "{\"event\":\"instances\",\"data\":[{\"Tags\":{\"session\":\"mine\"}}],\"meta\":{" + meta + "}}"
                : "InstanceId\ni-0123456789abcdef0\n";
        return new WireResponse(200, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private static WireResponse error(String code) {
        return WireResponse.of(401, "text/plain", code + ": The reason.\n");
    }

    private SpotClient stubClient() throws IOException {
        return new SpotClient(folder).with("SPOT_URL", server.url() + "/").with("SPOT_TOKEN", "token");
    }

    private SpotClient loggedIn() throws Exception {
        SpotClient spot = stubClient();
        assertEquals(DONE, spot.runWith(CODE + "\n", "login").status());
        return spot;
    }

    private Path cache() {
        return folder.resolve(".cache/spotspec");
    }

    private List<Path> keptFiles() throws IOException {
        if (!Files.isDirectory(cache())) {
            return List.of();
        }
        try (var files = Files.list(cache())) {
            return files.toList();
        }
    }

    private Path keptFile() throws IOException {
        assertEquals(1, keptFiles().size(), keptFiles()::toString);
        return keptFiles().getFirst();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static void changeMode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private boolean lastRequestHasSession() {
        return SESSION_SENT.matcher(requests.getLast()).find();
    }

    private void assertHidden(SpotClient.Result ran) {
        for (String session : issued) {
            assertFalse(ran.out().contains(session) || ran.err().contains(session), "the session is shown");
        }
        assertFalse(ran.err().contains(CODE), ran.err());
    }

    @Test
    void keepsSessionThatLaterCommandsUse() throws Exception {
        SpotClient spot = stubClient();

        SpotClient.Result login = spot.runWith(CODE + "\n", "login");

        assertEquals(DONE, login.status(), login.err());
        assertEquals("", login.out());
        assertTrue(login.err().matches("(?s).*\\b(59m( \\d+s)?|1h)\\b.*"), login.err());
        assertEquals("rw-------", mode(keptFile()));
        assertEquals("rwx------", mode(cache()));
        assertFalse(keptFile().toString().contains("token"));
        for (String[] command : new String[][] {
            {"ls"},
            {"price", "m7g.large"},
            {"launch", "m7g.large", "--dry-run"},
            {"end", "i-0123456789abcdef0"},
            {"ask", "{\"task\":\"instances\"}"},
            {"ask", " { } "},
            {"status"}
        }) {
            SpotClient.Result ran = spot.run(command);
            assertEquals(DONE, ran.status(), ran.err());
            assertEquals(!command[command.length - 1].equals(" { } "), lastRequestHasSession(), requests.getLast());
            assertHidden(ran);
        }
        assertTrue(
                requests.stream().allMatch(body -> body.strip().endsWith("}") && !body.contains(",,")),
                requests::toString);
    }

    @Test
    void asksForTheLifeOfTheSession() throws Exception {
        SpotClient spot = stubClient();
        life = Duration.ofHours(8);

        SpotClient.Result login = spot.runWith(CODE + "\n", "login", "--life", "8h");

        assertEquals(DONE, login.status(), login.err());
        assertTrue(requests.getFirst().contains("\"durationSeconds\":28800"), requests.getFirst());
        for (String invalid : List.of("899s", "37h", "soon", "-1h", "")) {
            assertEquals(
                    USAGE, spot.runWith(CODE + "\n", "login", "--life", invalid).status(), invalid);
        }
        assertEquals(1, requests.size());
    }

    @Test
    void hidesSecretsFromTheProcessList() throws Exception {
        SpotClient spot = stubClient();
        Path calls = Files.createFile(folder.resolve("commands"));
        for (String command : COMMANDS) {
            SpotClient.createCommand(folder, command, """
                    #!/bin/sh
                    printf '%%s\\n' "%s $*" >>'%s'
                    PATH=${PATH#*:} exec %s "$@"
                    """.formatted(command, calls, command));
        }

        assertEquals(DONE, spot.runWith(CODE + "\n", "login").status());
        assertEquals(DONE, spot.run("ls", "--json").status());
        assertEquals(DONE, spot.run("ask", "{\"task\":\"instances\"}").status());
        assertEquals(
                DONE,
                spot.runWith(CODE + "\n", "launch", "m7g.large", "--dry-run", "--mfa", "--json")
                        .status());
        refusesSessions = true;
        assertEquals(DONE, spot.run("ls").status());
        assertEquals(DONE, spot.run("logout").status());

        List<String> arguments = new ArrayList<>(spot.curlCalls());
        arguments.addAll(Files.readAllLines(calls));
        assertTrue(arguments.stream().anyMatch(call -> call.startsWith("sed ")), "the commands must be recorded");
        for (String call : arguments) {
            assertFalse(call.contains(CODE), call);
            assertFalse(call.contains("sealed-credentials"), call);
            assertFalse(call.matches(".*\\btoken\\b.*"), call);
        }
        assertEquals(List.of(), spot.temporaryFiles());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--csv", "--json"})
    void keepsSessionOfAnyAnswer(String format) throws Exception {
        SpotClient spot = stubClient();
        List<String> launch = new ArrayList<>(List.of("launch", "m7g.large", "--dry-run", "--mfa"));
        if (!format.isEmpty()) {
            launch.add(format);
        }

        SpotClient.Result ran = spot.runWith(CODE + "\n", launch.toArray(String[]::new));

        assertEquals(DONE, ran.status(), ran.err());
        assertHidden(ran);
        assertEquals("rw-------", mode(keptFile()));
        if (format.equals("--json")) {
            assertTrue(
                    ran.out().contains("\"sessionExpires\":") && ran.out().contains("\"session\":\"mine\""), ran.out());
            assertTrue(new SpotUrl.Answer(200, ran.out()).json().has("meta"), ran.out());
        }
        assertEquals(DONE, spot.run("ls").status());
        assertTrue(lastRequestHasSession());
    }

    @Test
    void replacesSessionByNewOne() throws Exception {
        SpotClient spot = loggedIn();

        assertEquals(DONE, spot.runWith(CODE + "\n", "ls", "--mfa").status());

        assertFalse(lastRequestHasSession(), "the code and the session mean the same");
        assertEquals(2, issued.size());
        assertTrue(Files.readString(keptFile()).contains(issued.getLast()));
    }

    @Test
    void deletesRefusedSessionAndSaysHowToLogIn() throws Exception {
        SpotClient spot = loggedIn();
        refusesSessions = true;
        needsMfa = true;

        SpotClient.Result ran = spot.run("end", "i-0123456789abcdef0");

        assertEquals(REFUSED, ran.status(), ran.err());
        assertTrue(ran.err().contains("MfaRequired: ") && ran.err().contains("spot login"), ran.err());
        assertHidden(ran);
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void doesWithoutRefusedSessionWhatNeedsNone() throws Exception {
        SpotClient spot = loggedIn();
        refusesSessions = true;

        for (String[] command : new String[][] {{"ls"}, {"ask", "{\"task\":\"instances\"}"}}) {
            SpotClient.Result ran = spot.run(command);
            assertEquals(DONE, ran.status(), ran.err());
            assertTrue(ran.out().contains("i-0123456789abcdef0"), ran.out());
        }
        assertEquals(List.of(), keptFiles());
        assertEquals(4, requests.size(), requests::toString);
    }

    @Test
    void doesNotSendExpiredSession() throws Exception {
        SpotClient spot = loggedIn();
        needsMfa = true;
        Path file = keptFile();
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst("^\\d+", Long.toString(Instant.now().getEpochSecond() - 1)));

        SpotClient.Result ran = spot.run("end", "i-0123456789abcdef0");

        assertEquals(REFUSED, ran.status(), ran.err());
        assertTrue(ran.err().contains("expired") && ran.err().contains("spot login"), ran.err());
        assertFalse(lastRequestHasSession());
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void doesNotKeepSessionThatHasExpired() throws Exception {
        life = Duration.ofHours(-1);

        SpotClient.Result ran = stubClient().runWith(CODE + "\n", "login");

        assertEquals(MISSING_SETUP, ran.status(), ran.err());
        assertTrue(ran.err().contains("clock"), ran.err());
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void keepsSessionsOfUrlsAndCallersApart() throws Exception {
        loggedIn();

        assertEquals(DONE, stubClient().with("SPOT_TOKEN", "other").run("ls").status());
        assertFalse(lastRequestHasSession());
        assertEquals(
                DONE,
                stubClient().with("SPOT_URL", server.url() + "/other").run("ls").status());
        assertFalse(lastRequestHasSession());
        assertEquals(
                DONE,
                stubClient()
                        .with("SPOT_TOKEN", "")
                        .with("AWS_ACCESS_KEY_ID", "AKIAX")
                        .with("AWS_SECRET_ACCESS_KEY", "x")
                        .run("ls")
                        .status());
        assertFalse(lastRequestHasSession());
        assertEquals(DONE, stubClient().with("SPOT_URL", server.url()).run("ls").status());
        assertTrue(lastRequestHasSession(), "a slash at the end makes no difference");

        stubClient().with("SPOT_TOKEN", "other").runWith(CODE + "\n", "login");
        assertEquals(2, keptFiles().size());
        assertEquals(DONE, stubClient().run("logout").status());
        assertEquals(1, keptFiles().size());
        assertEquals(DONE, new SpotClient(folder).run("logout", "--all").status());
        assertEquals(List.of(), keptFiles());
        assertEquals(DONE, stubClient().run("logout").status());
    }

    @Test
    void usesOwnCacheFolderIfItIsAbsolute() throws Exception {
        SpotClient spot =
                stubClient().with("XDG_CACHE_HOME", folder.resolve("elsewhere").toString());
        assertEquals(DONE, spot.runWith(CODE + "\n", "login").status());
        assertTrue(Files.isDirectory(folder.resolve("elsewhere/spotspec")));
        assertFalse(Files.exists(cache()));

        assertEquals(
                DONE,
                stubClient()
                        .with("XDG_CACHE_HOME", "relative")
                        .runWith(CODE + "\n", "login")
                        .status());
        assertTrue(Files.isDirectory(cache()));
    }

    @Test
    void prefersSessionOfTheEnvironmentAndOfTheRequest() throws Exception {
        SpotClient spot = loggedIn();
        issued.add("own");

        assertEquals(
                DONE, spot.run("ask", "{\"task\":\"end\",\"session\":\"own\"}").status());
        assertEquals("{\"task\":\"end\",\"session\":\"own\"}", requests.getLast());
        String envelope = "{\"construct\":{},\"attributes\":{\"task\":\"instances\"}}";
        assertEquals(DONE, spot.run("ask", envelope).status());
        assertEquals(envelope, requests.getLast());
        assertEquals(DONE, spot.with("SPOT_SESSION", "own").run("ls").status());
        assertTrue(requests.getLast().contains("\"session\":\"own\""), requests.getLast());
        refusesSessions = true;
        SpotClient.Result refused = spot.run("ls");
        assertEquals(REFUSED, refused.status(), refused.err());
        assertTrue(refused.err().contains("spot login"), refused.err());
        assertEquals(1, keptFiles().size(), "the kept session was not used");
    }

    /** What can be wrong with the place where sessions are kept. */
    enum Place {
        NO_HOME,
        FILE_INSTEAD_OF_FOLDER,
        FOLDER_OPEN_TO_OTHERS,
        LINK_INSTEAD_OF_FOLDER,
        CACHE_IS_NO_FOLDER
    }

    private SpotClient clientIn(Place place) throws IOException {
        SpotClient spot = stubClient();
        switch (place) {
            case NO_HOME -> spot.with("HOME", "");
            case CACHE_IS_NO_FOLDER -> Files.createFile(folder.resolve(".cache"));
            case FILE_INSTEAD_OF_FOLDER -> {
                Files.createDirectories(cache().getParent());
                Files.createFile(cache());
            }
            case FOLDER_OPEN_TO_OTHERS -> changeMode(Files.createDirectories(cache()), "rwxr-x---");
            case LINK_INSTEAD_OF_FOLDER -> {
                Files.createDirectories(cache().getParent());
                Path target = Files.createDirectories(folder.resolve("target"));
                changeMode(target, "rwx------");
                Files.createSymbolicLink(cache(), target);
            }
        }
        return spot;
    }

    @ParameterizedTest
    @EnumSource
    void usesNoCodeWhereNoSessionCanBeKept(Place place) throws Exception {
        SpotClient.Result ran = clientIn(place).runWith(CODE + "\n", "login");

        assertEquals(MISSING_SETUP, ran.status(), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertEquals(List.of(), requests);
        if (place == Place.LINK_INSTEAD_OF_FOLDER) {
            try (var files = Files.list(folder.resolve("target"))) {
                assertEquals(0, files.count());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void launchesWhereNoSessionCanBeKept(Place place) throws Exception {
        SpotClient.Result ran = clientIn(place).runWith(CODE + "\n", "launch", "m7g.large", "--dry-run", "--mfa");

        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(ran.out().contains("i-0123456789abcdef0"), ran.out());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(ran.err().contains("not kept"), ran.err());
        assertHidden(ran);
        assertEquals(DONE, clientInSamePlace(place).run("ls").status());
        assertFalse(lastRequestHasSession());
    }

    private SpotClient clientInSamePlace(Place place) throws IOException {
        return place == Place.NO_HOME ? stubClient().with("HOME", "") : stubClient();
    }

    @Test
    void doesNotUseFileThatOthersCanRead() throws Exception {
        SpotClient spot = loggedIn();
        changeMode(keptFile(), "rw-r--r--");

        SpotClient.Result ran = spot.run("ls");

        assertEquals(DONE, ran.status(), ran.err());
        assertFalse(lastRequestHasSession());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(ran.err().contains("spot login"), ran.err());
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void neverFollowsLinks() throws Exception {
        SpotClient spot = loggedIn();
        Path file = keptFile();
        Path target = Files.move(file, folder.resolve("target"));
        String before = Files.readString(target);
        Files.createSymbolicLink(file, target);

        assertEquals(DONE, spot.run("ls").status());
        assertFalse(lastRequestHasSession());
        assertFalse(Files.exists(file, LinkOption.NOFOLLOW_LINKS));

        for (Path linked : List.of(target, Files.createDirectories(folder.resolve("linked")))) {
            Files.createSymbolicLink(file, linked);
            assertEquals(DONE, spot.runWith(CODE + "\n", "login").status());
            assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS), "the link must be replaced");
            Files.delete(file);
        }
        assertEquals(before, Files.readString(target));
        Files.createSymbolicLink(file, target);
        assertEquals(DONE, spot.run("logout").status());
        assertEquals(List.of(), keptFiles());
        assertEquals(before, Files.readString(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "9999999999",
                "9999999999\n",
                "x\neyJ\n",
                "9999999999\na\"b\n",
                "9999999999\n$(id)\n"
            })
    void ignoresDamagedFile(String content) throws Exception {
        SpotClient spot = loggedIn();
        Files.writeString(keptFile(), content);

        SpotClient.Result ran = spot.run("ls");

        assertEquals(DONE, ran.status(), ran.err());
        assertFalse(lastRequestHasSession(), requests.getLast());
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void commandsAtTheSameTimeReadWholeSessions() throws Exception {
        SpotClient spot = loggedIn();
        List<Callable<SpotClient.Result>> runs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            boolean login = i % 3 == 0;
            runs.add(() -> login ? spot.runWith(CODE + "\n", "login") : spot.run("ls"));
        }

        try (ExecutorService executor = Executors.newFixedThreadPool(6)) {
            for (Future<SpotClient.Result> run : executor.invokeAll(runs)) {
                assertEquals(DONE, run.get().status(), run.get().err());
            }
        }

        assertTrue(issued.contains(Files.readAllLines(keptFile()).get(1)));
        assertEquals(
                8,
                requests.stream()
                        .filter(body -> SESSION_SENT.matcher(body).find())
                        .count());
    }

    @Test
    void statusSaysHowLongTheSessionLasts() throws Exception {
        SpotClient.Result without = stubClient().run("status");
        assertEquals(DONE, without.status(), without.err());

        SpotClient.Result with = loggedIn().run("status");
        assertEquals(DONE, with.status(), with.err());
        assertTrue(with.err().matches("(?s).*\\b(59m( \\d+s)?|1h)\\b.*"), with.err());
        assertEquals(USAGE, stubClient().run("status", "x").status());
        assertEquals(USAGE, stubClient().run("logout", "x").status());
        assertEquals(USAGE, stubClient().run("login", "x").status());
    }

    private SpotClient onPath(SpotClient spot) throws IOException {
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        return spot;
    }

    private static SpotClient.Result runDocumented(SpotClient spot, String command, String input) throws Exception {
        return spot.runCommand(
                input, DocumentedCommand.of(command).in(LocalDeployment.PROJECT).command());
    }

    @Test
    void runsDocumentedCommands() throws Exception {
        SpotClient spot = onPath(stubClient());
        for (String command : List.of("spot login", "spot login --life 8h", "spot status", "spot logout")) {
            SpotClient.Result ran = runDocumented(spot, command, CODE + "\n");
            assertEquals(DONE, ran.status(), ran.err());
        }
        assertEquals(List.of(), keptFiles());
        assertEquals(DONE, runDocumented(spot, "spot logout --all", "").status());
    }

    @Test
    void runsDocumentedSession() throws Exception {
        MfaIT.deploy(service);
        String code = MfaDevice.enrol(service, MfaIT.STACK).code();
        SpotClient spot = onPath(signed()).with("SPOT_URL", service.output(MfaIT.STACK, "Url"));

        SpotClient.Result ran = runDocumented(spot, "spot login\nspot status", code + "\n");

        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(ran.out().contains(service.callerArn()), ran.out());
        assertEquals(1, service.alive().size());
        assertTrue(ran.out().contains(service.alive().getFirst().id()), ran.out());
        assertEquals(List.of(), keptFiles());
    }

    @Test
    void runsDocumentedWait() throws Exception {
        service.instanceStore().startDelay(Duration.ofSeconds(1));
        try {
            SpotClient.Result ran = runDocumented(onPath(signed()), "spot launch m7g.large -y --wait-running", "");

            assertEquals(DONE, ran.status(), ran.err());
            assertTrue(ran.out().contains(" running ") && !ran.out().contains("pending"), ran.out());
        } finally {
            service.instanceStore().startDelay(Duration.ZERO);
        }
        assertEquals(
                USAGE,
                signed().run("launch", "m7g.large", "--dry-run", "--wait-running")
                        .status());
    }

    @Test
    void saysThatInstancesDoNotRunYet() throws Exception {
        try (Server pending = Server.start(
                null,
                request -> new WireResponse(
                        200,
                        Map.of("content-type", "text/plain", "spotspec-meta", "{\"launched\":1,\"notRunning\":1}"),
                        "ID                   STATE\ni-0123456789abcdef0  pending\n"
                                .getBytes(StandardCharsets.UTF_8)))) {
            SpotClient.Result ran = stubClient()
                    .with("SPOT_URL", pending.url())
                    .run("launch", "m7g.large", "--no-dry-run", "--wait-running");

            assertEquals(RETRY_LATER, ran.status(), ran.err());
            assertTrue(ran.out().contains("pending"), ran.out());
            assertTrue(ran.err().matches("(?s).*--key [0-9a-f]{32}\\b.*"), ran.err());
        }
    }

    @Test
    void logsInToTheServiceItself() throws Exception {
        MfaIT.deploy(service);
        MfaDevice device = MfaDevice.enrol(service, MfaIT.STACK);
        SpotClient spot = signed().with("SPOT_URL", service.output(MfaIT.STACK, "Url"));

        SpotClient.Result before = spot.run("status");
        assertEquals(DONE, before.status(), before.err());
        assertTrue(before.out().contains(service.callerArn()), before.out());
        assertTrue(before.err().contains("spot login"), before.err());
        SpotClient.Result wrong = spot.runWith(device.wrongCode() + "\n", "login");
        assertEquals(REFUSED, wrong.status(), wrong.err());
        assertTrue(wrong.err().startsWith("MfaRejected: "), wrong.err());
        SpotClient.Result login = spot.runWith(device.code() + "\n", "login", "--life", "15m");
        assertEquals(DONE, login.status(), login.err());
        SpotClient.Result status = spot.run("status");
        assertTrue(status.out().contains("session expires") && status.out().contains("us-west-2"), status.out());

        SpotClient.Result launch = spot.run(
                "launch",
                "m7g.large",
                "--ami",
                RequestBody.ARM_IMAGE,
                "--no-dry-run",
                "--wait-running",
                "--tag",
                "Name=box",
                "--json");
        assertEquals(DONE, launch.status(), launch.err());
        var row = new SpotUrl.Answer(200, launch.out()).json().path("data").path(0);
        assertEquals("running", row.path("State").asText(), launch.out());
        assertEquals("box", row.path("Name").asText());
        assertTrue(row.path("PublicDnsName").asText().startsWith("ec2-198-18-"), launch.out());
        String id = row.path("InstanceId").asText();
        SpotClient.Result listed = spot.run("ls");
        assertTrue(
                listed.out().contains("box")
                        && listed.out().contains(row.path("PublicIpAddress").asText()),
                listed.out());
        assertEquals(DONE, spot.run("end", id).status());
        String session = Files.readAllLines(keptFile()).get(1);
        assertTrue(
                service.cloud().state().logs().lines().stream().noneMatch(line -> line.contains(session)),
                "the session is in a log");
        assertEquals(DONE, spot.run("logout").status());
        assertEquals(REFUSED, spot.run("end", id).status());
    }
}
