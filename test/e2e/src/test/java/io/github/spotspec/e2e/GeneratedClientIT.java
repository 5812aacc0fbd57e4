package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generates a TypeScript client from the contract that a deployed service serves, and calls the service with it. Loads
 * the service's tasks as tools of an agent. Both follow docs/agents.md. Fetching the generator and compiling take long.
 */
@Tag("long")
@ExtendWith(SharedDeployment.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GeneratedClientIT {
    private static final Path CLIENT = LocalDeployment.PROJECT.resolve("test/e2e/src/test/node/client");
    private static final Pattern TOOLS = Pattern.compile("(?ms)^```ts\\n(.*?)^```$");

    /** What a tool of a language model may be named. */
    private static final Pattern TOOL_NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private final LocalDeployment service;
    private final TokenService tokens;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    GeneratedClientIT(LocalDeployment service) throws Exception {
        this.service = service;
        tokens = TokenService.in(service);
    }

    @BeforeAll
    void clear() {
        service.clear();
    }

    @Test
    void generatedClientGetsPrices() throws Exception {
        String token = tokens.mint("{\"tasks\":[\"price\"],\"life\":\"10m\"}")
                .path("token")
                .asText();
        Folders.copy(CLIENT, folder);
        Ran installed = run(token, "npm", "ci", "--silent", "--prefer-offline");
        assumeTrue(
                installed.status() == 0 || !"offline=true".equals(System.getProperty("network")),
                "the generator is not in npm's cache");
        assertEquals(0, installed.status(), installed.output());

        DocumentedCommand generate =
                DocumentedCommand.of("curl -s -H \"Authorization: Bearer $SPOT_TOKEN\" \"${SPOT_URL}openapi.json\"");
        succeeded(run(token, "bash", "-e", "-o", "pipefail", "-c", generate.text()));
        succeeded(run(token, "node_modules/.bin/tsc"));
        String output = succeeded(run(token, "node", "price.js"));

        assertTrue(output.matches("(?s)(us-west-2[a-z] 0[.][0-9]+\n){2}403 ScopeExceeded\n"), output);
    }

    @Test
    void tokensTasksLoadAsTools() throws Exception {
        SpotClient spot = new SpotClient(folder);
        Files.createSymbolicLink(folder.resolve("bin/spot"), SpotClient.SCRIPT);
        SpotClient.Result minted = spot.signedBy(service.caller())
                .with("AWS_REGION", LocalDeployment.HOME)
                .with("AWS_ENDPOINT_URL", service.cloud().url())
                .with("SPOT_MINTER", service.output(tokens.stack(), "MinterName"))
                .runCommand(DocumentedCommand.of("spot mint --tasks price,launch,instances,end"));
        assertEquals(0, minted.status(), minted.err());
        Matcher block = TOOLS.matcher(Files.readString(LocalDeployment.PROJECT.resolve("docs/agents.md")));
        assertTrue(block.find());
        Files.writeString(folder.resolve("tools.mjs"), block.group(1));
        Files.writeString(folder.resolve("agent.mjs"), """
            import { call, tools } from './tools.mjs';
            const answer = await call('price', { types: ['m7g.large'], limit: 1 });
            console.log(JSON.stringify({ tools, answer }));
            """);

        JsonNode loaded = new ObjectMapper().readTree(succeeded(run(minted.out().strip(), "node", "agent.mjs")));

        Map<String, JsonNode> tools = new TreeMap<>();
        loaded.path("tools").forEach(tool -> tools.put(tool.path("name").asText(), tool));
        assertEquals(List.of("end", "instances", "launch", "price", "status"), List.copyOf(tools.keySet()));
        for (JsonNode tool : tools.values()) {
            assertTrue(TOOL_NAME.matcher(tool.path("name").asText()).matches(), tool.toString());
            assertTrue(tool.path("description").asText().length() > 20, tool.toString());
            assertEquals("object", tool.at("/input_schema/type").asText());
            assertEquals(List.of(), tool.findValues("$ref"));
        }
        JsonNode price = Objects.requireNonNull(tools.get("price")).at("/input_schema/properties");
        assertTrue(price.has("types") && !price.has("InstanceType"), price.toString());
        assertEquals("priced", loaded.at("/answer/event").asText());
    }

    private record Ran(int status, String output) {}

    /** Runs a command in the folder, with the service's URL and a token. */
    private Ran run(String token, String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("SPOT_URL", service.output(tokens.stack(), "Url"));
        builder.environment().put("SPOT_TOKEN", token);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }

    private static String succeeded(Ran ran) {
        assertEquals(0, ran.status(), ran.output());
        return ran.output();
    }
}
