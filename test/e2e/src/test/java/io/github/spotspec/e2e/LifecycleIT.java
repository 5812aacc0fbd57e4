package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Totp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deploys, updates, calls and destroys a stack with the documented commands. */
final class LifecycleIT {
    private static final String STACK = "Spotspec";

    @TempDir
    private Path folder;

    @Test
    void documentedCommandsDeployUpdateAndDestroy() throws Exception {
        boolean hasCli = AwsCli.isInstalled();
        boolean hasCurl = SpotClient.hasCurl();
        try (LocalDeployment service = LocalDeployment.startWithSnapshotHooks()) {
            List<String> before = service.cloud().state().resourceIds();
            Consumer<ProcessBuilder> administrator =
                    service.as(service.cloud().admin()).andThen(this::setCdkOptions);

            DocumentedCommand.of("npx cdk deploy -c regions=us-west-2,us-east-1 -c invokers=")
                    .run(administrator);
            assertNotEquals(before, service.cloud().state().resourceIds());
            if (hasCurl) {
                String priced = DocumentedCommand.of("curl -s --aws-sigv4 aws:amz:us-west-2:lambda")
                        .with("https://….lambda-url.us-west-2.on.aws/", service.output(STACK, "Url"))
                        .run(roleEnvironment(service));
                assertTrue(priced.startsWith("{\"event\":\"priced\","), priced);
            }

            String again = DocumentedCommand.of("npx cdk diff -c").run(administrator);
            assertTrue(again.contains("There were no differences"), again);
            assertTrue(again.contains("no changes"), again);

            // As on AWS, a user with an MFA device cannot be deleted until an administrator removes the device.
            String user = service.stack(STACK).physicalId(service.stack(STACK).logicalId("AWS::IAM::User"));
            if (hasCli) {
                enrolDevice(service, user, administrator);
            } else {
                MfaDevice.enrol(service, STACK);
            }
            DocumentedCommand.of("npx cdk deploy -c regions=us-west-2,us-east-1 -c urlAuth=token")
                    .run(administrator);
            assertEquals("TokenMissing", service.url().unsigned("{}", List.of()).error());
            DocumentedCommand destroy = DocumentedCommand.of("npx cdk destroy");
            Consumer<ProcessBuilder> yes =
                    administrator.andThen(process -> process.environment().put("CDK_FORCE", "true"));
            assertNotEquals(0, destroy.runUnchecked(yes).status());
            assertEquals("DELETE_FAILED", service.stack(STACK).status());
            if (hasCli) {
                String serialNumber =
                        service.cloud().state().identities().devices().serialNumber(user);
                DocumentedCommand.of("aws iam deactivate-mfa-device")
                        .with("USER", user)
                        .with("SERIAL", serialNumber)
                        .run(administrator);
                DocumentedCommand.of("aws iam delete-virtual-mfa-device")
                        .with("SERIAL", serialNumber)
                        .run(administrator);
            } else {
                MfaDevice.remove(service, STACK);
            }

            destroy.run(yes);
            assertNull(service.cloud().stacks().find(LocalDeployment.HOME, STACK));
            assertEquals(before, service.cloud().state().resourceIds());
        }
        assumeTrue(hasCurl, SpotClient.NO_CURL + ": the URL was not called");
        assumeTrue(hasCli, AwsCli.MISSING + ": the device was enrolled and removed without it");
    }

    /** Enrolls the operator's device with the documented commands. */
    private void enrolDevice(LocalDeployment service, String user, Consumer<ProcessBuilder> administrator)
            throws Exception {
        String serialNumber = new ObjectMapper()
                .readTree(service.secret())
                .path("serialNumber")
                .asText();
        // The local cloud creates no QR code, so the CLI prints the seed.
        String output = DocumentedCommand.of("aws iam create-virtual-mfa-device")
                .with("USER", user)
                .with("mfa.png", folder.resolve("mfa.png").toString())
                .run(administrator);
        String seed = new String(
                Base64.getDecoder()
                        .decode(new ObjectMapper()
                                .readTree(output)
                                .at("/VirtualMFADevice/Base32StringSeed")
                                .asText()),
                StandardCharsets.US_ASCII);
        DocumentedCommand enable = DocumentedCommand.of("aws iam enable-mfa-device")
                .with("USER", user)
                .with("SERIAL", serialNumber);
        long now = Totp.step(Instant.now());
        // The time step may change in between.
        boolean enabled = false;
        for (long step = now; !enabled && step < now + 2; step++) {
            enabled = enable.with("FIRST", Totp.code(seed, step - 2))
                            .with("NEXT", Totp.code(seed, step - 1))
                            .runUnchecked(administrator)
                            .status()
                    == 0;
        }
        assertTrue(enabled, "the device cannot be enabled");
    }

    /**
     * Answers the prompts of the CDK CLI, and sets its folders. Skips the build, because the modules are built already.
     */
    private void setCdkOptions(ProcessBuilder process) {
        process.environment()
                .putAll(Map.of(
                        "CDK_REQUIRE_APPROVAL",
                        "never",
                        "CDK_BUILD",
                        "true",
                        "CDK_VALIDATION",
                        "false",
                        "CDK_OUTPUT",
                        folder.resolve("cdk.out").toString(),
                        "CDK_HOME",
                        folder.resolve("cdk-home").toString()));
    }

    /** Returns the environment of a session of the role in the documents. */
    private static Consumer<ProcessBuilder> roleEnvironment(LocalDeployment service) {
        Identities identities = service.cloud().state().identities();
        Identities.Session session = identities.assumeRole(
                service.callerRoleArn(),
                "build-7",
                Duration.ofHours(1),
                identities.principal(service.cloud().admin().id()),
                null,
                Map.of());
        return process -> {
            service.as(service.caller()).accept(process);
            process.environment()
                    .putAll(Map.of(
                            "AWS_ACCESS_KEY_ID", session.accessKeyId(),
                            "AWS_SECRET_ACCESS_KEY", session.secretAccessKey(),
                            "AWS_SESSION_TOKEN", session.token()));
        };
    }
}
