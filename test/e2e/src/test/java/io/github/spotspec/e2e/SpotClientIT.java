package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests the commands, options and exit codes of the command line client. */
final class SpotClientIT extends SpotClientBase {
    private static final List<String> COMMANDS = List.of(
            "price", "launch", "run", "ls", "cost", "logs", "ssh", "scp", "extend", "end", "status", "login", "logout",
            "ask", "mint");
    private static final List<String> FLAGS = List.of(
            "--json",
            "--csv",
            "--mfa",
            "--all",
            "--requests",
            "--follow",
            "--detach",
            "--private",
            "--recursive",
            "--no-dry-run",
            "--dry-run",
            "--yes",
            "--wide",
            "--wait-running",
            "--url",
            "--on-demand",
            "--score",
            "--shorten",
            "--help");

    SpotClientIT(LocalDeployment service) {
        super(service);
    }

    @Test
    void printsPricesAsTableCsvOrJson() throws Exception {
        SpotClient spot = signed();
        int rows = service.send(RequestBody.to("price")
                        .with("types", List.of("m7g.large"))
                        .with("region", "us-east-1")
                        .toString())
                .json()
                .path("data")
                .size();

        SpotClient.Result table = spot.run("price", "m7g.large", "--region", "us-east-1");
        assertEquals(DONE, table.status(), table.err());
        assertTrue(table.lines().getFirst().matches("TYPE +ZONE +\\$/H +CHANGED"), table.out());
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
    void findsTypesByEveryRequirement() throws Exception {
        SpotClient.Result price = signed().run(
                        "price",
                        "--gpus",
                        "1-",
                        "--gpu-model",
                        "T4,a10g",
                        "--local-storage",
                        "100-250",
                        "--burstable",
                        "false",
                        "--exclude",
                        "g5.*,*.metal*",
                        "--json");
        SpotClient.Result launch =
                signed().run("launch", "--dry-run", "--gpus", "1", "--gpu-model", "T4", "--ami", RequestBody.X86_IMAGE);
        SpotClient.Result neuron = signed().run(
                        "launch",
                        "--dry-run",
                        "--neuron-devices",
                        "1",
                        "--exclude",
                        "inf*",
                        "--ami",
                        RequestBody.X86_IMAGE,
                        "--json");

        assertEquals(DONE, price.status(), price.err());
        assertEquals(
                Set.of("g4dn.xlarge", "g4dn.2xlarge", "g4dn.4xlarge"),
                Set.copyOf(
                        new SpotUrl.Answer(200, price.out()).json().path("data").findValuesAsText("InstanceType")));
        assertEquals(DONE, launch.status(), launch.err());
        assertTrue(launch.out().contains("g4dn.xlarge"), launch.out());
        assertFalse(launch.out().contains("g4dn.metal"), launch.out());
        assertEquals(DONE, neuron.status(), neuron.err());
        assertEquals(
                Set.of("trn1.2xlarge", "trn2.3xlarge"),
                Set.copyOf(new SpotUrl.Answer(200, neuron.out())
                        .json()
                        .path("meta")
                        .path("candidates")
                        .findValuesAsText("InstanceType")));
        assertEquals(0, service.alive().size());
    }

    @Test
    void launchesListsExtendsAndEnds() throws Exception {
        SpotClient spot = signed();
        String[] launch = {
            "launch",
            "m7g.large",
            "--ami",
            RequestBody.ARM_IMAGE,
            "--lease",
            "1h",
            "--key",
            "day",
            "--tag",
            "a=b c=\"d\\e\""
        };
        SpotClient.Result quoted = dryRun(launch);
        assertEquals(DONE, quoted.status(), "quotes must arrive unchanged: " + quoted.err());
        launch[launch.length - 1] = "Spotspec:x=y";
        SpotClient.Result rejected = dryRun(launch);
        assertEquals(REFUSED, rejected.status());
        assertTrue(rejected.err().startsWith("InvalidValue: "), rejected.err());
        launch[launch.length - 1] = "a=b c";

        SpotClient.Result dryRun = dryRun(launch);
        assertEquals(DONE, dryRun.status(), dryRun.err());
        assertTrue(dryRun.out().contains("\nDry run: 1 × m7g.large for 1h, about $"), dryRun.out());
        assertEquals(0, service.alive().size());

        List<String> real = new ArrayList<>(List.of(launch));
        Path script = Files.writeString(folder.resolve("user-data"), "#!/bin/sh\necho \"hello\"\n");
        real.addAll(List.of("-y", "--user-data", script.toString()));
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
    }

    private SpotClient.Result dryRun(String... launch) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(launch));
        arguments.add("--dry-run");
        return signed().run(arguments.toArray(String[]::new));
    }

    @Test
    void documentedCommandsWork() throws Exception {
        SpotClient spot = signed();
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        for (String command : COMMANDS) {
            SpotClient.Result help = spot.run(command, "--help");
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
        Set<String> requests = new LinkedHashSet<>(DocumentedCommand.spans());
        requests.removeIf(span -> !span.startsWith("{\"task\":"));
        assertFalse(requests.isEmpty());
        for (String request : requests) {
            service.clear();
            spot.run("launch", "m7g.large", "--ami", RequestBody.ARM_IMAGE, "--no-dry-run");
            String id = service.alive().getFirst().id();
            SpotClient.Result result = spot.runCommand(
                    request.replace("i-0123456789abcdef0", id),
                    List.of("sh", "-c", DocumentedCommand.of("spot ask").text()));
            assertEquals(DONE, result.status(), request + ": " + result.err());
            int launched = request.contains("\"dryRun\":false") ? 1 : 0;
            assertEquals(
                    request.contains("\"end\"") ? 0 : 1 + launched,
                    service.alive().size(),
                    request);
        }
    }

    @Test
    void sendsAnyTaskAsJson() throws Exception {
        String history =
                RequestBody.to("history").with("types", List.of("m7g.large")).toString();

        SpotClient.Result argument = signed().run("ask", history);
        assertEquals(DONE, argument.status(), argument.err());
        assertTrue(argument.out().contains("MEDIAN"), argument.out());
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
        zones.forEach(zone -> service.instanceStore().capacity().setSpot("is4gen.large", zone, 0));

        SpotClient.Result ran = signed().run(
                        "launch",
                        "is4gen.large",
                        "--zone",
                        String.join(",", zones),
                        "--ami",
                        RequestBody.ARM_IMAGE,
                        "--no-dry-run");

        assertEquals(RETRY_LATER, ran.status(), ran.err());
        assertTrue(ran.err().startsWith("NoCapacity: "), ran.err());
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
            // A status of run must not be taken for the status of its command.
            int usage = command.equals("run") ? SpotClientRunIT.NOT_RUN : USAGE;
            String[] options =
                    spot.run("completion", "words", command).out().strip().split(" ");
            assertTrue(options.length >= 2, command);
            String unknown = spot.run(command, "--unknown", "x=y").err();
            for (String option : options) {
                if (FLAGS.contains(option)) {
                    SpotClient.Result valued = spot.run(command, option + "=true");
                    assertEquals(usage, valued.status(), command + " " + option);
                    assertTrue(valued.err().contains(option), valued.err());
                } else {
                    SpotClient.Result bare = spot.run(command, option);
                    assertEquals(usage, bare.status(), command + " " + option);
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
                        "-- price launch run ls cost logs ssh scp extend end status login logout ask mint completion help",
                        "-- --csv --help --json --lease --mfa --region --shorten --wide --service"),
                zsh.lines());
    }

    @Test
    void passesShellcheck() throws Exception {
        assumeTrue(isInstalled("shellcheck"), "shellcheck is not on the PATH");
        SpotClient.Result ran = new SpotClient(folder)
                .runCommand("", List.of("shellcheck", "--severity=style", SpotClient.SCRIPT.toString()));
        assertEquals(DONE, ran.status(), ran.out());
    }

    static boolean isInstalled(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
