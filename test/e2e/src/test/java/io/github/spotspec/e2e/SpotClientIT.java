package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.service.Faults.Fault.ErrorResponse;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tests the command line client with signatures, tokens and MFA. */
@ExtendWith(SharedDeployment.class)
final class SpotClientIT {
    private static final int DONE = 0;
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final int MISSING_SETUP = 3;
    private static final int RETRY_LATER = 4;

    private static final List<String> COMMANDS = List.of("price", "launch", "ls", "extend", "end", "ask", "mint");
    private static final List<String> FLAGS = List.of(
            "--json",
            "--csv",
            "--mfa",
            "--all",
            "--requests",
            "--no-dry-run",
            "--url",
            "--on-demand",
            "--shorten",
            "--help");

    /** The option for each output format. A table needs none. */
    private static final List<String> FORMATS = List.of("--", "--json", "--csv");

    @TempDir
    private Path folder;

    private final LocalDeployment service;

    SpotClientIT(LocalDeployment service) {
        this.service = service;
    }

    @BeforeEach
    void clear() throws Exception {
        assumeTrue(SpotClient.hasCurl(), SpotClient.NO_CURL);
        service.clear();
    }

    private SpotClient client() throws Exception {
        return new SpotClient(folder).with("SPOT_URL", service.output("Spotspec", "Url"));
    }

    private SpotClient signed() throws Exception {
        return client().signedBy(service.caller());
    }

    @Test
    void printsPricesAsTableCsvOrJson() throws Exception {
        SpotClient spot = signed();
        int rows = service.ask(Ask.to("price")
                        .with("types", List.of("m7g.large"))
                        .with("region", "us-east-1")
                        .toString())
                .json()
                .path("data")
                .size();

        SpotClient.Result table = spot.run("price", "m7g.large", "--region", "us-east-1");
        assertEquals(DONE, table.status(), table.err());
        assertTrue(table.lines().getFirst().matches("Region +AvailabilityZone +InstanceType .*"), table.out());
        assertEquals(rows + 1, table.lines().indexOf(""), table.out());
        SpotClient.Result csv = spot.run("price", "m7g.large", "--region=us-east-1", "--csv");
        assertEquals(rows + 1, csv.lines().size(), csv.out());
        assertTrue(csv.out().startsWith("Region,AvailabilityZone,"), csv.out());
        assertEquals("", csv.err());
        SpotClient.Result json = spot.run("price", "--region", "us-east-1", "--json", "--", "m7g.large");
        assertTrue(json.out().startsWith("{\"event\":\"priced\","), json.out());
        assertEquals(List.of(), spot.temporaryFiles(), "it must clean up");

        String url = service.output("Spotspec", "Url");
        assertEquals(
                DONE, spot.with("SPOT_URL", url + "?x=y").run("ls").status(), "another query parameter is not a token");
    }

    @Test
    void csvReportsUnknownTypesOnStandardError() throws Exception {
        SpotClient.Result csv = signed().run("price", "m7g.large,m7g.lagre", "--csv");

        assertEquals(DONE, csv.status(), csv.err());
        assertTrue(csv.err().contains("m7g.lagre"), csv.err());
        assertFalse(csv.out().contains("m7g.lagre"), csv.out());
    }

    @Test
    void priceAcceptsEveryOption() throws Exception {
        SpotClient.Result ran = signed().run(
                        "price",
                        "--vcpu",
                        "2",
                        "--memory",
                        "8-",
                        "--arch",
                        "arm64",
                        "--region",
                        "us-west-2,us-east-1",
                        "--product",
                        "Linux/UNIX",
                        "--max",
                        "0.5",
                        "--sort",
                        "price",
                        "--limit",
                        "3",
                        "--zone",
                        "us-west-2a,us-east-1a",
                        "--json");

        assertEquals(DONE, ran.status(), ran.err());
        assertTrue(new SpotUrl.Answer(200, ran.out()).json().path("data").size() <= 3, ran.out());
        assertEquals(USAGE, signed().run("price", "--limit").status());
    }

    @Test
    void launchesListsExtendsAndEnds() throws Exception {
        SpotClient spot = signed();
        String[] launch = {
            "launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--lease", "1h", "--key", "day", "--tag", "a=b c=\"d\\e\""
        };
        SpotClient.Result quoted = spot.run(launch);
        assertEquals(DONE, quoted.status(), "quotes must arrive unchanged: " + quoted.err());
        launch[launch.length - 1] = "Spotspec:x=y";
        SpotClient.Result rejected = spot.run(launch);
        assertEquals(REFUSED, rejected.status());
        assertTrue(rejected.err().startsWith("InvalidValue: "), rejected.err());
        launch[launch.length - 1] = "a=b c";

        SpotClient.Result dryRun = spot.run(launch);
        assertEquals(DONE, dryRun.status(), dryRun.err());
        assertTrue(dryRun.out().contains("candidates:"), dryRun.out());
        assertEquals(0, service.alive().size());

        List<String> real = new ArrayList<>(List.of(launch));
        Path script = Files.writeString(folder.resolve("user-data"), "#!/bin/sh\necho \"hello\"\n");
        real.addAll(List.of("--no-dry-run", "--user-data", script.toString()));
        SpotClient.Result launched = spot.run(real.toArray(String[]::new));
        assertEquals(DONE, launched.status(), launched.err());
        assertEquals(1, service.alive().size());
        String id = service.alive().getFirst().id();
        assertTrue(launched.out().contains(id), launched.out());

        assertTrue(spot.run("ls").out().contains(id));
        assertTrue(spot.run("ls", "--requests", "--csv").out().contains(",sir-"));
        SpotClient.Result extended = spot.run("extend", id, "--lease", "3h");
        assertEquals(DONE, extended.status(), extended.err());
        assertTrue(extended.out().contains(" 3h"), extended.out());
        SpotClient.Result ended = spot.run("end", id);
        assertEquals(DONE, ended.status(), ended.err() + ended.out());
        assertEquals(0, service.alive().size());
        SpotClient.Result all = spot.run("end", "--all", "--region", "all");
        assertEquals(DONE, all.status(), all.err());
    }

    @Test
    void endFailsWhileInstancesRemain() throws Exception {
        SpotClient spot = signed();
        spot.run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--no-dry-run");
        ErrorResponse isProtected =
                new ErrorResponse(400, "OperationNotPermitted", "The instance may not be terminated.");
        service.cloud()
                .faults()
                .choose((action, region) -> action.equals("ec2:TerminateInstances") ? isProtected : null);

        inEveryFormat("end", "--all")
                .forEach((form, ran) -> assertEquals(RETRY_LATER, ran.status(), form + ran.out() + ran.err()));
        service.cloud().faults().clear();
        assertEquals(1, service.alive().size());
        assertEquals(DONE, spot.run("end", "--all").status());
    }

    @Test
    void endFailsForUnreadableRegion() throws Exception {
        SpotClient spot = signed();
        ErrorResponse denied =
                new ErrorResponse(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
        service.cloud()
                .faults()
                .choose((action, region) ->
                        region.equals("eu-west-1") && action.startsWith("ec2:Describe") ? denied : null);

        inEveryFormat("end", "--all", "--region", "all").forEach((form, ran) -> {
            assertEquals(RETRY_LATER, ran.status(), form + ran.out() + ran.err());
            assertTrue((ran.out() + ran.err()).contains("eu-west-1"), form + ran.out() + ran.err());
        });
        inEveryFormat("price", "m7g.large", "--region", "all")
                .forEach((form, ran) -> assertEquals(DONE, ran.status(), "other tasks must succeed"));
        String end = Ask.to("end").with("all", true).with("regions", "all").toString();
        assertEquals(RETRY_LATER, spot.run("ask", end).status());
        assertEquals(
                DONE,
                spot.run("end", "--all", "--region", "us-west-2,us-east-1").status());
    }

    @Test
    void endFailsWhenAnswerIsTooLong() throws Exception {
        List<String> ids = new ArrayList<>(
                IntStream.range(0, 199).mapToObj("i-%017x"::formatted).toList());
        ids.add(launch("us-west-2"));

        SpotClient.Result csv = signed().run("end", String.join(",", ids), "--csv");
        assertEquals(RETRY_LATER, csv.status(), csv.err());
        assertTrue(csv.err().contains("tooLong"), csv.err());
    }

    @Test
    void findsIdInAnyRegion() throws Exception {
        String id = launch("us-east-1");

        SpotClient.Result listed = signed().run("ls", id);
        assertEquals(DONE, listed.status(), listed.err());
        assertTrue(listed.out().contains("us-east-1"), listed.out());
        SpotClient.Result extended = signed().run("extend", id, "--lease", "9h");
        assertEquals(DONE, extended.status(), extended.err());
        assertTrue(extended.out().contains(" 9h"), extended.out());
        SpotClient.Result ended = signed().run("end", id);
        assertEquals(DONE, ended.status(), ended.err() + ended.out());
        assertEquals(List.of(), service.alive());
    }

    @Test
    void endsInstanceThatEc2DoesNotShowYet() throws Exception {
        service.cloud().faults().showAfter(Duration.ofSeconds(2));
        for (boolean all : List.of(false, true)) {
            String id = launch("us-west-2");

            SpotClient.Result ended = signed().run("end", all ? "--all" : id);

            assertEquals(DONE, ended.status(), ended.err() + ended.out());
            assertTrue(ended.out().contains(id), ended.out());
            assertEquals(List.of(), service.alive());
        }
    }

    @Test
    void reportsUnknownIds() throws Exception {
        String nowhere = "i-00000000000000000";
        SpotClient.Result ended = signed().run("end", nowhere);
        assertEquals(REFUSED, ended.status(), ended.out());
        assertTrue(ended.err().contains("IdNotFound"), ended.err());
        String id = launch("us-east-1");
        assertPartlyDone(nowhere, signed().run("extend", id, nowhere, "--lease", "9h"));
        assertPartlyDone(nowhere, signed().run("ls", id, nowhere));
        inEveryFormat("end", id, nowhere).forEach((form, ran) -> assertPartlyDone(nowhere, ran));
        assertEquals(List.of(), service.alive());
    }

    /** Runs a command in each format at the same time, for commands that take seconds. */
    private Map<String, SpotClient.Result> inEveryFormat(String... arguments) throws Exception {
        Map<String, Future<SpotClient.Result>> running = new LinkedHashMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String format : FORMATS) {
                SpotClient spot = signed();
                List<String> command = new ArrayList<>(List.of(arguments));
                command.add(format);
                running.put(format, executor.submit(() -> spot.run(command.toArray(String[]::new))));
            }
        }
        Map<String, SpotClient.Result> results = new LinkedHashMap<>();
        for (Map.Entry<String, Future<SpotClient.Result>> one : running.entrySet()) {
            results.put(one.getKey(), one.getValue().get());
        }
        return results;
    }

    private static void assertPartlyDone(String missing, SpotClient.Result ran) {
        assertEquals(RETRY_LATER, ran.status(), ran.out() + ran.err());
        assertTrue((ran.out() + ran.err()).contains(missing), ran.out() + ran.err());
    }

    @Test
    void shortensLeaseOnlyOnRequest() throws Exception {
        String id = launch("us-west-2");

        SpotClient.Result rejected = signed().run("extend", id, "--lease", "10m");
        assertEquals(REFUSED, rejected.status(), rejected.out());
        assertTrue(rejected.err().startsWith("LeaseShorter: "), rejected.err());
        assertEquals(
                DONE, signed().run("extend", id, "--lease", "10m", "--shorten").status());
    }

    /** Launches in a region, and returns the instance id. */
    private String launch(String region) throws Exception {
        SpotClient.Result launched =
                signed().run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--region", region, "--no-dry-run");
        assertEquals(DONE, launched.status(), launched.err());
        return service.alive().getLast().id();
    }

    @Test
    void documentedCommandsWork() throws Exception {
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        spot.run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--no-dry-run");
        Instance launched = service.alive().getFirst();

        SpotClient.Result documented = spot.runCommand(DocumentedCommand.of("export SPOT_URL=")
                .with("https://….lambda-url.us-west-2.on.aws/", service.output("Spotspec", "Url"))
                .with(
                        "ami-0123456789abcdef0",
                        launched.launchSpecification().image().id())
                .with("i-0123456789abcdef0", launched.id()));
        assertEquals(DONE, documented.status(), documented.err());
        assertTrue(documented.out().contains("us-west-2a"), documented.out());
        assertEquals(0, service.alive().size(), documented.out());

        for (String command : COMMANDS) {
            SpotClient.Result help =
                    spot.runCommand(DocumentedCommand.of("spot COMMAND --help").with("COMMAND", command));
            assertEquals(DONE, help.status(), help.err());
            assertTrue(help.out().contains("spot " + command), help.out());
        }
        assertEquals(DONE, spot.runCommand(DocumentedCommand.of("spot --help")).status());
        assertEquals(
                DONE,
                spot.runCommand(DocumentedCommand.of("eval \"$(spot completion bash)\""))
                        .status());

        TokenService tokenService = TokenService.in(service);
        SpotClient.Result minted = spot.with("AWS_ENDPOINT_URL", service.cloud().url())
                .with("SPOT_MINTER", service.output(tokenService.stack(), "MinterName"))
                .runCommand(DocumentedCommand.of("spot mint --tasks price --life 10m"));
        assertEquals(DONE, minted.status(), minted.err());
    }

    @Test
    void acceptsEveryDocumentedRequest() throws Exception {
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        int requests = 0;
        for (String span : DocumentedCommand.spans()) {
            if (span.startsWith("{\"task\":")) {
                requests++;
                service.clear();
                spot.run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE, "--no-dry-run");
                String id = service.alive().getFirst().id();
                SpotClient.Result result = spot.runCommand(
                        span.replace("i-0123456789abcdef0", id),
                        List.of("sh", "-c", DocumentedCommand.of("spot ask").text()));
                assertEquals(DONE, result.status(), span + ": " + result.err());
                assertEquals(span.contains("\"end\"") ? 0 : 1, service.alive().size(), span);
            }
        }
        assertTrue(requests > 0, "no request is found");
    }

    @Test
    void sendsAnyTaskAsJson() throws Exception {
        String history = Ask.to("history").with("types", List.of("m7g.large")).toString();

        SpotClient.Result argument = signed().run("ask", history);
        assertEquals(DONE, argument.status(), argument.err());
        assertTrue(argument.out().contains("Median"), argument.out());
        SpotClient.Result input = signed().runWith(history.replace(",", ",\n\t"), "ask", "--json");
        assertTrue(input.out().startsWith("{\"event\":\"history\","), input.out() + input.err());
        assertEquals(USAGE, signed().runWith(" \n", "ask").status());
    }

    @Test
    void printsErrorOnStandardError() throws Exception {
        SpotClient.Result table = signed().run("price", "m7g.large", "--region", "ap-south-1");
        assertEquals(REFUSED, table.status());
        assertEquals("", table.out());
        assertTrue(table.err().matches("RegionNotAllowed: [^\n]+\n"), table.err());
        SpotClient.Result json = signed().run("price", "--region", "ap-south-1", "--json");
        assertEquals(REFUSED, json.status());
        assertTrue(json.err().contains("\"error\":\"RegionNotAllowed\""), json.err());

        AccessKey caller = service.caller();
        SpotClient.Result forged = client().signedBy(new AccessKey(caller.id(), "x" + caller.secret(), "caller", true))
                .run("ls");
        assertEquals(REFUSED, forged.status(), "AWS itself must reject a wrong key");
    }

    @Test
    void exitCodesDistinguishUsageAndSetupErrors() throws Exception {
        assertEquals(USAGE, signed().run().status());
        assertEquals(USAGE, signed().run("dance").status());
        assertEquals(USAGE, signed().run("price", "--colour", "red").status());
        assertEquals(USAGE, signed().run("extend", "i-0123456789abcdef0").status());
        assertEquals(USAGE, signed().run("end").status());
        SpotClient.Result launches = signed().run("launch", "m7g.large", "--no-dry-run=false");
        assertEquals(USAGE, launches.status());
        assertTrue(launches.err().contains("--no-dry-run"), launches.err());
        assertEquals(USAGE, signed().run("end", "--all", "i-0123456789abcdef0").status());
        assertEquals(USAGE, signed().run("ls", "i-1\n,\"task\":\"end\"").status());
        assertEquals(
                MISSING_SETUP,
                new SpotClient(folder).signedBy(service.caller()).run("ls").status());
        assertEquals(
                MISSING_SETUP,
                signed().with("SPOT_URL", "http://example.com/").run("ls").status());
        assertEquals(
                MISSING_SETUP,
                signed().with("SPOT_URL", "http://127.0.0.1.example.com/")
                        .run("ls")
                        .status());
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        SpotClient spot = signed().with("SPOT_URL", "http://127.0.0.1:" + closed + "/");
        assertEquals(List.of(), spot.curlCalls());
        SpotClient.Result ran = spot.run("ls");
        assertEquals(RETRY_LATER, ran.status(), ran.err());
        assertEquals(1, spot.curlCalls().size(), "usage errors must send no request");

        // The launch may have happened, so the client prints a key for a safe retry.
        SpotClient.Result launch = spot.run("launch", "m7g.large", "--no-dry-run");
        assertEquals(RETRY_LATER, launch.status(), launch.err());
        assertTrue(launch.err().matches("(?s).*--key [0-9a-f]{32}\\b.*"), launch.err());
    }

    @Test
    void noCapacityHasRetryExitCode() throws Exception {
        List<String> zones = List.of("us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d");
        zones.forEach(zone -> service.fleet().capacity().setSpot("is4gen.large", zone, 0));

        SpotClient.Result ran = signed().run(
                        "launch",
                        "is4gen.large",
                        "--zone",
                        String.join(",", zones),
                        "--ami",
                        Ask.ARM_IMAGE,
                        "--no-dry-run");

        assertEquals(RETRY_LATER, ran.status(), ran.err());
        assertTrue(ran.err().startsWith("NoCapacity: "), ran.err());
    }

    @Test
    void readsCredentialsFromAwsCli() throws Exception {
        AccessKey caller = service.caller();
        SpotClient spot = client();
        SpotClient.createCommand(folder, "aws", """
                #!/bin/sh
                [ "$*" = "configure export-credentials --format env-no-export" ] || exit 9
                echo AWS_ACCESS_KEY_ID=%s
                echo AWS_SECRET_ACCESS_KEY=%s
                """.formatted(caller.id(), caller.secret()));
        assertEquals(DONE, spot.run("ls").status());

        SpotClient.createCommand(folder, "aws", "#!/bin/sh\nexit 255\n");
        SpotClient.Result ran = spot.run("ls");
        assertEquals(MISSING_SETUP, ran.status(), ran.err());
    }

    @Test
    void mintsUsesAndRevokesTokens() throws Exception {
        TokenService tokenService = TokenService.in(service);
        SpotClient minter = new SpotClient(folder)
                .signedBy(service.caller())
                .with("AWS_ENDPOINT_URL", service.cloud().url())
                .with("SPOT_MINTER", service.output(TokenApp.STACK, "MinterName"));

        SpotClient.Result minted = minter.run("mint", "--tasks", "price,instances", "--life", "10m", "--count", "2");
        assertEquals(DONE, minted.status(), minted.err());
        String token = minted.out().strip();
        assertTrue(
                token.matches("ey[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+"),
                "standard output must contain only the token");
        SpotClient bearer = new SpotClient(folder)
                .with("SPOT_URL", service.output(TokenApp.STACK, "Url"))
                .with("SPOT_TOKEN", token);
        SpotClient.Result priced = bearer.run("price", "m7g.large");
        assertEquals(DONE, priced.status(), priced.err());
        SpotClient.Result launch = bearer.run("launch", "m7g.large", "--ami", Ask.ARM_IMAGE);
        assertEquals(REFUSED, launch.status());
        assertTrue(launch.err().startsWith("ScopeExceeded: "), launch.err());

        SpotClient.Result url = minter.run("mint", "--tasks", "instances", "--url");
        assertTrue(url.out().startsWith(tokenService.service().output(TokenApp.STACK, "Url") + "#token=ey"), url.err());
        SpotClient.Result listed =
                new SpotClient(folder).with("SPOT_URL", url.out().strip()).run("ls");
        assertEquals(DONE, listed.status(), listed.err());

        String id = minted.err().replaceAll("(?s).*\\b([0-9a-f-]{36})\\b.*", "$1");
        assertEquals(DONE, minter.run("mint", "--revoke", id).status());
        service.endEnvironments();
        SpotClient.Result revoked = bearer.run("price", "m7g.large");
        assertEquals(REFUSED, revoked.status());
        assertTrue(revoked.err().startsWith("TokenRejected: "), revoked.err());

        SpotClient.Result rejected = minter.run("mint", "--tasks", "dance");
        assertEquals(REFUSED, rejected.status());
        assertTrue(rejected.err().contains("InvalidValue"), rejected.err());
        assertEquals(USAGE, minter.run("mint").status());
        assertEquals(
                USAGE, minter.run("mint", "--revoke", "all", "--tasks", "price").status());
        for (String call : minter.curlCalls()) {
            assertFalse(call.contains("ey") || call.contains(service.caller().secret()), call);
        }
    }

    @Test
    void reportsFailingMinter() throws Exception {
        String name = service.output(TokenService.in(service).stack(), "MinterName");
        SpotClient spot = new SpotClient(folder)
                .signedBy(service.cloud().admin())
                .with("AWS_ENDPOINT_URL", service.cloud().url());

        String account = service.cloud().state().account();
        String arn = "arn:aws:lambda:" + LocalDeployment.HOME + ":" + account + ":function:";
        Functions functions = service.cloud().state().functions();
        Functions.Configuration minter =
                functions.version(arn + name, Functions.LATEST).configuration();
        functions.put(withoutSettings(minter, "Failing", arn + "Failing"));
        try {
            spot.with("SPOT_MINTER", "Failing");
            SpotClient.Result minted = spot.run("mint", "--tasks", "price", "--url");
            assertEquals(RETRY_LATER, minted.status(), minted.err());
            assertEquals("", minted.out());
            SpotClient.Result revoked = spot.run("mint", "--revoke", "all");
            assertEquals(RETRY_LATER, revoked.status(), revoked.err());
            assertEquals(1, revoked.err().lines().count(), revoked.err());
        } finally {
            functions.delete(arn + "Failing");
        }

        // The minter reports its own errors.
        ErrorResponse denied = new ErrorResponse(400, "AccessDeniedException", "You may not.");
        service.cloud().faults().next("secretsmanager:GetSecretValue", denied);
        SpotClient.Result unreadable = spot.with("SPOT_MINTER", name).run("mint", "--revoke", "all");
        assertEquals(RETRY_LATER, unreadable.status(), unreadable.err());
        assertTrue(unreadable.err().contains("SecretUnreadable"), unreadable.err());
    }

    /** Returns a copy of a function without its settings, so that its init fails. */
    private static Functions.Configuration withoutSettings(Functions.Configuration function, String name, String arn) {
        return new Functions.Configuration(
                name,
                arn,
                function.region(),
                function.runtime(),
                function.handler(),
                function.memoryMiB(),
                function.timeout(),
                Map.of(),
                function.roleArn(),
                function.code(),
                function.snapStart(),
                function.logGroup());
    }

    @Test
    void readsCodeWithoutShowingIt() throws Exception {
        MfaIT.deploy(service);
        MfaDevice device = MfaDevice.enrol(service, MfaIT.STACK);
        SpotClient spot = signed().with("SPOT_URL", service.output(MfaIT.STACK, "Url"));

        SpotClient.Result without = spot.run("end", "--all");
        assertEquals(REFUSED, without.status());
        assertTrue(without.err().startsWith("MfaRequired: "), without.err());
        assertEquals(USAGE, spot.runWith("12345\n", "end", "--all", "--mfa").status());
        String code = device.code();
        SpotClient.Result ended = spot.runWith(code + "\n", "end", "--all", "--mfa", "--json");
        assertEquals(DONE, ended.status(), ended.err());

        String session = new SpotUrl.Answer(200, ended.out())
                .json()
                .path("meta")
                .path("session")
                .asText();
        SpotClient.Result again = spot.with("SPOT_SESSION", session).run("end", "--all");
        assertEquals(DONE, again.status(), again.err());
        assertFalse(again.out().contains(session));
        for (String call : spot.curlCalls()) {
            assertFalse(
                    call.contains(code)
                            || call.contains(session)
                            || call.contains(service.caller().secret()),
                    call);
        }
        assertTrue(spot.curlCalls().size() >= 3, "curl must have been called");
    }

    @Test
    void promptsForCodeWhenSessionIsRejected() throws Exception {
        assumeTrue(SpotClient.hasTerminal(), "script, of util-linux, is not on the PATH");
        MfaIT.deploy(service);
        String code = MfaDevice.enrol(service, MfaIT.STACK).code();
        SpotClient spot =
                signed().with("SPOT_URL", service.output(MfaIT.STACK, "Url")).with("SPOT_SESSION", "expired");

        SpotClient.Result piped = spot.runWith(code + "\n", "end", "--all");
        assertEquals(REFUSED, piped.status());
        assertTrue(piped.err().startsWith("SessionRejected: "), piped.err());
        SpotClient.Result result = spot.runInTerminal("MFA code: ", code, "end --all");
        assertEquals(DONE, result.status(), result.out());
        assertFalse(result.out().contains(code), result.out());
    }

    @Test
    void everyCommandKnowsItsOptions() throws Exception {
        SpotClient spot = new SpotClient(folder);
        SpotClient.Result help = spot.run("--help");
        assertEquals(DONE, help.status());
        for (String command : COMMANDS) {
            assertTrue(help.out().contains("\n  " + command + " "), command);
            SpotClient.Result own = spot.run(command, "--help");
            assertEquals(DONE, own.status(), own.err());
            assertTrue(own.out().contains("spot " + command), own.out());
            String[] options =
                    spot.run("completion", "words", command).out().strip().split(" ");
            assertTrue(options.length >= 3, command);
            String unknown = spot.run(command, "--unknown", "x=y").err();
            for (String option : options) {
                if (FLAGS.contains(option)) {
                    SpotClient.Result valued = spot.run(command, option + "=true");
                    assertEquals(USAGE, valued.status(), command + " " + option);
                    assertTrue(valued.err().contains(option), valued.err());
                } else {
                    SpotClient.Result bare = spot.run(command, option);
                    assertEquals(USAGE, bare.status(), command + " " + option);
                    assertTrue(bare.err().contains(option), bare.err());
                }
                SpotClient.Result ran = spot.run(command, option, "x=y");
                assertNotEquals(unknown.replace("--unknown", option), ran.err(), command + " " + option);
            }
        }
    }

    @Test
    void completesInBashAndZsh() throws Exception {
        SpotClient spot = new SpotClient(folder);
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        SpotClient.Result bash = spot.runCommand("", List.of("bash", "-c", """
                eval "$(spot completion bash)"
                complete -p spot
                COMP_WORDS=(spot pr) COMP_CWORD=1; _spot; echo "${COMPREPLY[@]}"
                COMP_WORDS=(spot launch --us) COMP_CWORD=2; _spot; echo "${COMPREPLY[@]}"
                """));
        assertEquals("", bash.err());
        assertEquals(
                List.of("complete -o default -F _spot spot", "price", "--user-data --user-data-name"), bash.lines());

        assumeTrue(isInstalled("zsh"), "zsh is not on the PATH");
        SpotClient.Result zsh = spot.runCommand("", List.of("zsh", "-f", "-c", """
                autoload -Uz compinit && compinit -u -D
                eval "$(spot completion zsh)"
                echo $_comps[spot]
                compadd() { echo "$@"; }
                _files() { :; }
                words=(spot l) CURRENT=2; _spot
                words=(spot extend --l) CURRENT=3; _spot
                """));
        assertEquals("", zsh.err());
        assertEquals(
                List.of(
                        "_spot",
                        "-- price launch ls extend end ask mint completion",
                        "-- --csv --help --json --lease --mfa --region --shorten"),
                zsh.lines());
    }

    @Test
    void passesShellcheck() throws Exception {
        assumeTrue(isInstalled("shellcheck"), "shellcheck is not on the PATH");
        SpotClient.Result ran = new SpotClient(folder)
                .runCommand("", List.of("shellcheck", "--severity=style", SpotClient.SCRIPT.toString()));
        assertEquals(DONE, ran.status(), ran.out());
    }

    private static boolean isInstalled(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
