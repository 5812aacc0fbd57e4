package io.github.spotspec.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.state.Logs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Runs the packaged function in Lambda's runtime client, without a stack, against any endpoint. */
final class PackagedFunction implements AutoCloseable {
    /** The deployment package. */
    static final Path PACKAGE = LocalDeployment.PROJECT.resolve("function/target/spotspec-function.zip");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROLE = "role";
    private static final List<String> TASKS =
            List.of("price", "instances", "requests", "launch", "cancel", "terminate", "end");

    private final LambdaHost host;
    private final Functions.Version version;

    private PackagedFunction(LambdaHost host, Functions.Version version) {
        this.host = host;
        this.version = version;
    }

    /** Returns the name of the deployment. */
    static String service(String region) {
        return "Moto/Spot@" + region;
    }

    static PackagedFunction start(String endpoint, String secretArn, String region) throws IOException {
        Path folder = Files.createTempDirectory(
                Files.createDirectories(LocalDeployment.PROJECT.resolve("test/e2e/target/e2e")), "function-");
        Identities identities = new Identities("123456789012", InstantSource.system());
        String role = identities.createRole(ROLE, PolicyDocument.trusting("Service", "lambda.amazonaws.com"));
        ObjectNode settings = JSON.createObjectNode()
                .put("service", service(region))
                .put("secretArn", secretArn)
                .put("maxInstances", 10)
                .put("defaultLease", 28_800)
                .put("maxLease", 604_800)
                // moto's instances do not name their spot requests, so they look like on-demand instances.
                .put("allowOnDemand", true);
        settings.putArray("regions").add(region);
        TASKS.forEach(settings.putArray("tasks")::add);
        Functions functions = new Functions();
        String arn = "arn:aws:lambda:" + region + ":123456789012:function:spot";
        functions.put(new Functions.Configuration(
                arn,
                new Functions.Code("java25", "io.github.spotspec.function.SpotHandler", Files.readAllBytes(PACKAGE)),
                1024,
                Duration.ofSeconds(60),
                Map.of("SPOTSPEC_SETTINGS", settings.toString()),
                role,
                false,
                "log"));
        LambdaHost host = new LambdaHost(identities, new Logs(), folder, endpoint, folder.resolve("no-certificate"));
        return new PackagedFunction(host, functions.version(arn, Functions.LATEST));
    }

    /** Sends a body to the function as a signed caller. */
    SpotUrl.Answer post(String body) throws IOException {
        ObjectNode event =
                JSON.createObjectNode().put("version", "2.0").put("body", body).put("isBase64Encoded", false);
        ObjectNode context = event.putObject("requestContext");
        context.putObject("http").put("method", "POST").put("path", "/");
        context.putObject("authorizer").putObject("iam").put("userArn", "arn:aws:iam::123456789012:user/test");
        LambdaHost.Result result = host.invoke(version, event.toString().getBytes(StandardCharsets.UTF_8));
        JsonNode answer = JSON.readTree(result.payload());
        return new SpotUrl.Answer(
                answer.path("statusCode").asInt(), answer.path("body").asText());
    }

    @Override
    public void close() {
        host.close();
    }
}
