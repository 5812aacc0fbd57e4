package io.github.spotspec.local.cloudformation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.cloudformation.ResourceType.ResourceSpec;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Logs;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.wire.AwsError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests size limits of IAM and Lambda. */
final class SizeLimitsTest {
    private static final String ACCOUNT = "111122223333";

    private final ResourceType policies = java.util.Objects.requireNonNull(
            new IamTypes(new Identities(ACCOUNT, () -> Instant.EPOCH)).all().get("AWS::IAM::ManagedPolicy"));

    private static Map<String, ResourceType> lambda(Path folder) {
        Identities identities = new Identities(ACCOUNT, () -> Instant.EPOCH);
        S3Objects objects = new S3Objects();
        objects.put("assets", "code.zip", new byte[0]);
        return new LambdaTypes(
                        new Functions(),
                        new LambdaHost(identities, new Logs(), folder, "https://localhost", folder),
                        ACCOUNT,
                        objects,
                        (function, qualifier, authType) -> {
                            throw new IOException("no URLs here");
                        })
                .all();
    }

    private static ResourceType type(Map<String, ResourceType> types, String name) {
        return java.util.Objects.requireNonNull(types.get(name));
    }

    private static Map<String, Object> function(String variable) {
        return Map.of(
                "Code",
                Map.of("S3Bucket", "assets", "S3Key", "code.zip"),
                "Environment",
                Map.of("Variables", Map.of("SETTINGS", variable)),
                "Handler",
                "Handler",
                "Role",
                "arn:aws:iam::" + ACCOUNT + ":role/function",
                "Runtime",
                "java25");
    }

    private static ResourceSpec spec(Map<String, Object> properties) {
        return new ResourceSpec("us-west-2", "app-Thing", "Thing", new Properties(properties));
    }

    private static Map<String, Object> policy(String resource) {
        return Map.of(
                "PolicyDocument",
                Map.of(
                        "Version",
                        "2012-10-17",
                        "Statement",
                        List.of(Map.of("Effect", "Allow", "Action", "ec2:RunInstances", "Resource", resource))));
    }

    @Test
    void rejectsManagedPolicyAbove6144Characters() {
        int rest = "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'ec2:RunInstances','Resource':''}]}"
                .length();
        String longest = "x".repeat(6_144 - rest);
        ResourceSpec tooLong = spec(policy(longest + "x"));

        ResourceType.PhysicalResource made = policies.create(spec(policy(longest + "   ")));
        for (AwsError error : List.of(
                assertThrows(AwsError.class, () -> policies.create(tooLong)),
                assertThrows(
                        AwsError.class,
                        () -> policies.update(
                                made, tooLong, spec(policy(longest)).properties())))) {
            assertEquals("LimitExceeded", error.code());
        }
    }

    @Test
    void rejectsEnvironmentAbove4096Bytes(@TempDir Path folder) {
        ResourceType functions = type(lambda(folder), "AWS::Lambda::Function");
        String longest = "x".repeat(4_096 - "{'SETTINGS':''}".length() - 4) + "\"é";

        functions.create(spec(function(longest)));
        AwsError error =
                assertThrows(AwsError.class, () -> functions.create(spec(function(longest.replace('x', 'é')))));
        assertEquals("InvalidParameterValueException", error.code());
        assertThrows(AwsError.class, () -> functions.create(spec(function(longest + "x"))));
    }

    @Test
    void rejectsVersionOfUnchangedFunctionOrWithLongDescription(@TempDir Path folder) {
        Map<String, ResourceType> lambda = lambda(folder);
        ResourceType functions = type(lambda, "AWS::Lambda::Function");
        ResourceType versions = type(lambda, "AWS::Lambda::Version");
        ResourceType.PhysicalResource function = functions.create(spec(function("one")));
        ResourceSpec first = spec(Map.of("FunctionName", function.id(), "Description", "x".repeat(256)));
        ResourceSpec second = spec(Map.of("FunctionName", function.id(), "Description", "second"));

        assertEquals("1", versions.create(first).attributes().get("Version"));
        assertEquals(
                "AlreadyExists",
                assertThrows(AwsError.class, () -> versions.create(second)).code());
        functions.update(function, spec(function("two")), spec(function("one")).properties());
        assertEquals("2", versions.create(second).attributes().get("Version"));

        ResourceSpec tooLong = spec(Map.of("FunctionName", function.id(), "Description", "x".repeat(257)));
        assertEquals(
                "ValidationException",
                assertThrows(AwsError.class, () -> versions.create(tooLong)).code());
    }
}
