package io.github.spotspec.local.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.sns.Topic;

final class LocalAwsExtensionTest {
    @RegisterExtension
    static final LocalAwsExtension aws = new LocalAwsExtension("eu-west-1");

    @BeforeAll
    static void createsRoleBeforeTests() {
        assertEquals("arn:aws:iam::" + LocalAwsExtension.ACCOUNT + ":role/existing", aws.createRole("existing"));
    }

    /** A stack with an output that holds the ARN of a topic. */
    private static Stack topic(App app, String name) {
        Stack stack = new Stack(app, name);
        CfnOutput.Builder.create(stack, "TopicArn")
                .value(new Topic(stack, "Topic").getTopicArn())
                .build();
        return stack;
    }

    @Test
    void deploysStackAfterItsDependencies() {
        App app = new App();
        Stack first = topic(app, "First");
        Stack second = topic(app, "Second");
        second.getNode().addDependency(first);
        topic(app, "Unused");

        Map<String, String> outputs = aws.deploy(second);
        Map<String, String> again = aws.deploy(first);

        String arn = Objects.requireNonNull(outputs.get("TopicArn"));
        assertTrue(arn.startsWith("arn:aws:sns:eu-west-1:" + LocalAwsExtension.ACCOUNT + ":Second-"), arn);
        assertTrue(String.valueOf(again.get("TopicArn")).contains(":First-"), again.toString());
    }

    @Test
    void namesUnknownResourceType() {
        Stack stack = new Stack(new App(), "Database");
        CfnResource.Builder.create(stack, "Table").type("AWS::DynamoDB::Table").build();

        assertFails(() -> aws.deploy(stack), "Database", "AWS::DynamoDB::Table");
    }

    @Test
    void rejectsStackForAnotherAccount() {
        Stack stack = new Stack(
                new App(),
                "Foreign",
                StackProps.builder()
                        .env(Environment.builder().account("444455556666").build())
                        .build());

        assertFails(() -> aws.deploy(stack), "444455556666", LocalAwsExtension.ACCOUNT);
    }

    @Test
    void opensSessionsOfExistingRolesOnly() {
        assertNotEquals(aws.roleCredentials("existing"), aws.roleCredentials("existing"));
        assertFails(() -> aws.roleCredentials("missing"), "missing");
        assertFails(() -> aws.createRole("existing"), "existing");
    }

    @Test
    void showsEachCodeOnce() throws InterruptedException {
        Stack stack = new Stack(new App(), "Operator");
        User.Builder.create(stack, "User").userName("operator").build();
        aws.deploy(stack);

        assertNotEquals(aws.mfaCode("operator"), aws.mfaCode("operator"));
        assertFails(() -> aws.mfaCode("nobody"), "nobody");
    }

    @Test
    void unregisteredExtensionSaysHowToRegisterIt() {
        assertFails(() -> new LocalAwsExtension().endpoint(), "@RegisterExtension");
    }

    @Nested
    final class NestedClass {
        @Test
        void usesTheSameCloud() {
            assertFails(() -> aws.createRole("existing"), "existing");
        }
    }

    private static void assertFails(Executable action, String... parts) {
        String message =
                String.valueOf(assertThrows(IllegalStateException.class, action).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }
}
