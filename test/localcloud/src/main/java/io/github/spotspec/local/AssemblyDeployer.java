package io.github.spotspec.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.cloudformation.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Deploys a cloud assembly, which is the templates and assets that a synthesis writes. Deploying it from here saves the
 * start of the CDK CLI and its pauses, for tests that are not about the CLI.
 */
public final class AssemblyDeployer {
    private static final int MAX_SECONDS = 120;

    private final LocalCloud cloud;
    private final String home;
    private final Path folder;
    private final JsonNode artifacts;

    /**
     * Creates a deployer.
     *
     * @param home the region of stacks that do not name one
     * @param folder the folder of the assembly
     * @throws IOException if the folder has no readable manifest
     */
    public AssemblyDeployer(LocalCloud cloud, String home, Path folder) throws IOException {
        this.cloud = cloud;
        this.home = home;
        this.folder = folder;
        this.artifacts = json("manifest.json").path("artifacts");
    }

    /**
     * Creates or updates all stacks, each after those that it depends on.
     *
     * @throws IllegalStateException if a stack cannot be deployed
     */
    public void deployAll() throws IOException {
        Set<String> order = new LinkedHashSet<>();
        for (Map.Entry<String, JsonNode> artifact : artifacts.properties()) {
            if (isStack(artifact.getValue())) {
                addWithDependencies(artifact.getKey(), order);
            }
        }
        deploy(order);
    }

    /**
     * Creates or updates a stack, after those that it depends on.
     *
     * @param artifactId the id of the stack in the assembly
     * @throws IllegalStateException if the assembly has no such stack, or if a stack cannot be deployed
     */
    public Stack deploy(String artifactId) throws IOException {
        Set<String> order = new LinkedHashSet<>();
        addWithDependencies(artifactId, order);
        Stack deployed = deploy(order).get(artifactId);
        if (deployed == null) {
            throw new IllegalStateException("no stack " + artifactId + " in " + folder);
        }
        return deployed;
    }

    /** Uploads the assets and deploys the stacks, and returns the stacks by their ids in the assembly. */
    private Map<String, Stack> deploy(Set<String> order) throws IOException {
        Map<String, Stack> deployed = new LinkedHashMap<>();
        for (String id : order) {
            JsonNode artifact = artifacts.path(id);
            if (artifact.path("type").asText().equals("cdk:asset-manifest")) {
                upload(artifact);
            } else if (isStack(artifact)) {
                deployed.put(id, deploy(id, artifact));
            }
        }
        return deployed;
    }

    private static boolean isStack(JsonNode artifact) {
        return artifact.path("type").asText().equals("aws:cloudformation:stack");
    }

    /** Adds an artifact after everything that it depends on. The CDK rejects stacks that depend on each other. */
    private void addWithDependencies(String id, Set<String> order) {
        for (JsonNode dependency : artifacts.path(id).path("dependencies")) {
            if (!order.contains(dependency.asText())) {
                addWithDependencies(dependency.asText(), order);
            }
        }
        order.add(id);
    }

    private void upload(JsonNode artifact) throws IOException {
        JsonNode manifest = json(artifact.at("/properties/file").asText());
        if (!manifest.path("dockerImages").isEmpty()) {
            throw new IllegalStateException(
                    "the local cloud has no container images: " + manifest.path("dockerImages"));
        }
        for (JsonNode file : manifest.path("files")) {
            if (!file.at("/source/packaging").asText().equals("file")) {
                throw new IllegalStateException("only the CDK CLI can build this asset: " + file);
            }
            byte[] content =
                    Files.readAllBytes(folder.resolve(file.at("/source/path").asText()));
            for (JsonNode destination : file.path("destinations")) {
                String region = destination.path("region").asText(home);
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

    private Stack deploy(String id, JsonNode artifact) throws IOException {
        // The environment is aws://ACCOUNT/REGION.
        String[] environment = artifact.path("environment").asText().split("/", -1);
        String account = environment[environment.length - 2];
        if (!List.of(LocalCloud.ACCOUNT, "unknown-account").contains(account)) {
            throw new IllegalStateException("the stack " + id + " is for the account " + account
                    + ", but the local cloud's account is " + LocalCloud.ACCOUNT);
        }
        String given = environment[environment.length - 1];
        String region = given.equals("unknown-region") ? home : given;
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
            return stack;
        }
        stacks.execute(stack, changes);
        await(stack, before == null ? "CREATE_COMPLETE" : "UPDATE_COMPLETE");
        return stack;
    }

    /**
     * Deletes a stack of a region.
     *
     * @throws IllegalStateException if the stack cannot be deleted
     */
    public static void delete(LocalCloud cloud, String region, String name) {
        Stack stack = Objects.requireNonNull(cloud.stacks().find(region, name), name);
        cloud.stacks().delete(stack);
        await(stack, "DELETE_COMPLETE");
    }

    /** Waits until a change of a stack has ended with a status. */
    private static void await(Stack stack, String status) {
        Instant until = Instant.now().plusSeconds(MAX_SECONDS);
        while (stack.status().endsWith("_IN_PROGRESS")) {
            if (Instant.now().isAfter(until)) {
                throw new IllegalStateException(stack.name() + " is still " + stack.status());
            }
            LockSupport.parkNanos(1_000_000);
        }
        if (!stack.status().equals(status)) {
            throw new IllegalStateException(stack.name() + " is " + stack.status() + ": " + stack.reason());
        }
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }
}
