package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.cloudformation.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * A cloud assembly: the templates and assets that a synthesis writes. Deploying it from here saves the start of the CDK
 * CLI and its pauses, for tests that are not about the CLI.
 */
final class AssemblyDeployer {
    private static final int MAX_SECONDS = 120;

    private final LocalCloud cloud;
    private final Path folder;
    private final JsonNode artifacts;

    private AssemblyDeployer(LocalCloud cloud, Path folder) throws IOException {
        this.cloud = cloud;
        this.folder = folder;
        this.artifacts = json("manifest.json").path("artifacts");
    }

    /** Uploads the assets, and creates or updates all stacks, each after those that it depends on. */
    static void deploy(LocalCloud cloud, Path folder) throws IOException {
        new AssemblyDeployer(cloud, folder).deploy();
    }

    private void deploy() throws IOException {
        Map<String, JsonNode> stacks = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> artifact : artifacts.properties()) {
            switch (artifact.getValue().path("type").asText()) {
                case "cdk:asset-manifest" -> upload(artifact.getValue());
                case "aws:cloudformation:stack" -> stacks.put(artifact.getKey(), artifact.getValue());
                default -> {
                    // The construct tree and the report on feature flags are for people.
                }
            }
        }
        while (!stacks.isEmpty()) {
            Map<String, JsonNode> ready = new LinkedHashMap<>(stacks);
            ready.values()
                    .removeIf(stack -> stack.path("dependencies")
                            .valueStream()
                            .anyMatch(dependency -> stacks.containsKey(dependency.asText())));
            if (ready.isEmpty()) {
                throw new AssertionError("the stacks depend on each other: " + stacks.keySet());
            }
            for (Map.Entry<String, JsonNode> stack : ready.entrySet()) {
                deploy(stack.getKey(), stack.getValue());
                stacks.remove(stack.getKey());
            }
        }
    }

    private void upload(JsonNode artifact) throws IOException {
        JsonNode manifest = json(artifact.at("/properties/file").asText());
        for (JsonNode file : manifest.path("files")) {
            if (!file.at("/source/packaging").asText().equals("file")) {
                throw new AssertionError("only the CDK CLI can build this asset: " + file);
            }
            byte[] content =
                    Files.readAllBytes(folder.resolve(file.at("/source/path").asText()));
            for (JsonNode destination : file.path("destinations")) {
                String region = destination.path("region").asText(LocalDeployment.HOME);
                cloud.state()
                        .objects()
                        .put(
                                resolved(destination.path("bucketName"), region),
                                resolved(destination.path("objectKey"), region),
                                content);
            }
        }
    }

    private static String resolved(JsonNode text, String region) {
        return text.asText().replace("${AWS::AccountId}", LocalCloud.ACCOUNT).replace("${AWS::Region}", region);
    }

    private void deploy(String id, JsonNode artifact) throws IOException {
        String environment = artifact.path("environment").asText();
        String given = environment.substring(environment.lastIndexOf('/') + 1);
        String region = given.equals("unknown-region") ? LocalDeployment.HOME : given;
        String name = artifact.at("/properties/stackName").asText(id);
        String template = Files.readString(
                folder.resolve(artifact.at("/properties/templateFile").asText()));

        Stacks stacks = cloud.stacks();
        Stack before = stacks.find(region, name);
        Stack.ChangeSet changes =
                stacks.createChangeSet(region, name, "deploy", before == null, template, Map.of(), Map.of());
        Stack stack = Objects.requireNonNull(stacks.find(region, name));
        if (!changes.changes()) {
            stack.forget(changes.name());
            return;
        }
        stacks.execute(stack, changes);
        await(stack, before == null ? "CREATE_COMPLETE" : "UPDATE_COMPLETE");
    }

    /** Deletes a stack of a region. */
    static void delete(LocalCloud cloud, String region, String name) {
        Stack stack = Objects.requireNonNull(cloud.stacks().find(region, name), name);
        cloud.stacks().delete(stack);
        await(stack, "DELETE_COMPLETE");
    }

    /** Waits until a change of a stack has ended with a status. */
    static void await(Stack stack, String status) {
        Instant until = Instant.now().plusSeconds(MAX_SECONDS);
        while (stack.status().endsWith("_IN_PROGRESS")) {
            if (Instant.now().isAfter(until)) {
                throw new AssertionError(stack.name() + " is still " + stack.status());
            }
            LockSupport.parkNanos(1_000_000);
        }
        if (!stack.status().equals(status)) {
            throw new AssertionError(stack.name() + " is " + stack.status() + ": " + stack.reason());
        }
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }
}
