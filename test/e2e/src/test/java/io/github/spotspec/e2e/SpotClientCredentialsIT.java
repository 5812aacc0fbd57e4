package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.service.Faults.Fault.ErrorResponse;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests access keys, tokens and MFA codes of the command line client. */
final class SpotClientCredentialsIT extends SpotClientBase {
    /** A command that needs MFA and changes nothing. */
    private static final String[] DRY_RUN = {"launch", "m7g.large", "--dry-run", "--ami", RequestBody.ARM_IMAGE};

    SpotClientCredentialsIT(LocalDeployment service) {
        super(service);
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
        SpotClient.Result launch = bearer.run("launch", "m7g.large", "--dry-run", "--ami", RequestBody.ARM_IMAGE);
        assertEquals(REFUSED, launch.status());
        assertTrue(launch.err().startsWith("ScopeExceeded: "), launch.err());

        SpotClient.Result url = minter.run("mint", "--tasks", "instances", "--url");
        assertTrue(url.out().startsWith(tokenService.service().output(TokenApp.STACK, "Url") + "#token=ey"), url.err());
        SpotClient.Result listed =
                new SpotClient(folder).with("SPOT_URL", url.out().strip()).run("ls");
        assertEquals(DONE, listed.status(), listed.err());

        SpotClient.Result users = minter.run("mint", "--tasks", "connect", "--user", TokenApp.OTHER_USER, "--json");
        assertEquals(DONE, users.status(), users.err());
        assertTrue(users.out().contains("\"osUsers\":[\"" + TokenApp.OTHER_USER + "\"]"), "the scope");

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
        functions.put(withoutSettings(minter, arn + "Failing"));
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
    private static Functions.Configuration withoutSettings(Functions.Configuration function, String arn) {
        return new Functions.Configuration(
                arn,
                function.code(),
                function.memoryMiB(),
                function.timeout(),
                Map.of(),
                function.roleArn(),
                function.snapStart(),
                function.logGroup());
    }

    @Test
    void readsCodeWithoutShowingIt() throws Exception {
        MfaIT.deploy(service);
        MfaDevice device = MfaDevice.enrol(service, MfaIT.STACK);
        SpotClient spot = signed().with("SPOT_URL", service.output(MfaIT.STACK, "Url"));

        SpotClient.Result without = spot.run(DRY_RUN);
        assertEquals(REFUSED, without.status());
        assertTrue(without.err().startsWith("MfaRequired: "), without.err());
        assertEquals(USAGE, spot.runWith("12345\n", "end", "--all", "--mfa").status());
        String code = device.code();
        SpotClient.Result tried = spot.runWith(
                code + "\n",
                Stream.concat(Stream.of(DRY_RUN), Stream.of("--mfa", "--json")).toArray(String[]::new));
        assertEquals(DONE, tried.status(), tried.err());

        JsonNode meta = new SpotUrl.Answer(200, tried.out()).json().path("meta");
        assertTrue(meta.has("sessionExpires") && !meta.has("session"), tried.out());
        String session;
        try (var kept = Files.list(folder.resolve(".cache/spotspec"))) {
            session = Files.readAllLines(kept.findFirst().orElseThrow()).get(1);
        }
        assertEquals(DONE, spot.run(DRY_RUN).status());
        assertEquals(DONE, spot.run("logout").status());
        assertEquals(REFUSED, spot.run(DRY_RUN).status());
        SpotClient.Result again = spot.with("SPOT_SESSION", session).run(DRY_RUN);
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

        SpotClient.Result piped = spot.runWith(code + "\n", DRY_RUN);
        assertEquals(REFUSED, piped.status());
        assertTrue(piped.err().startsWith("SessionRejected: "), piped.err());
        SpotClient.Result result =
                spot.runInTerminal(String.join(" ", DRY_RUN), new SpotClient.Typed("MFA code: ", code + "\n"));
        assertEquals(DONE, result.status(), result.out());
        assertFalse(result.out().contains(code), result.out());
    }
}
