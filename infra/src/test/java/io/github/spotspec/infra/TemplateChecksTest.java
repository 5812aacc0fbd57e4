package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.CloudFormationValidatePlugin;

/** Checks the templates with cdk-nag, the CDK and cfn-lint, with and without the CDK's feature flags. */
@ParameterizedClass
@MethodSource("flags")
final class TemplateChecksTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One synthesis for all tests with the same flags. */
    private static final Map<String, Path> SYNTHESES = new HashMap<>();

    private final Path folder;

    TemplateChecksTest(Map<String, Object> flags) {
        this.folder = SYNTHESES.computeIfAbsent(
                flags.isEmpty() ? "checked" : "checked-with-flags", name -> Applications.synthesized(name, flags));
    }

    /**
     * The checks take most of a minute for each set of flags, so a default build checks only the flags of a new app.
     */
    static Stream<Map<String, Object>> flags() {
        return Boolean.getBoolean("all.flags")
                ? Stream.of(Map.of(), Synthesis.recommendedFlags())
                : Stream.of(Synthesis.recommendedFlags());
    }

    @Test
    void cdkNagFindsOnlySuppressedFindings() throws IOException {
        Set<String> suppressed = new TreeSet<>();
        int checks = 0;
        for (String stack : Applications.STACKS) {
            for (JsonNode line : JSON.readTree(folder.resolve("AwsSolutions-" + stack + "-NagReport.json")
                            .toFile())
                    .path("lines")) {
                checks++;
                String finding = line.path("ruleId").asText() + " "
                        + line.path("resourceId").asText().replaceFirst("^" + stack + "/Spot/", "");
                switch (line.path("compliance").asText()) {
                    case "Compliant" -> {}
                    case "Suppressed" -> {
                        assertFalse(line.path("exceptionReason").asText().isBlank(), line.toString());
                        suppressed.add(finding);
                    }
                    default -> throw new AssertionError(stack + ": " + line);
                }
            }
        }
        assertEquals(
                Set.of(
                        "AwsSolutions-IAM5 OperatorPolicy/Resource",
                        "AwsSolutions-IAM5 OperatorLaunchPolicy/Resource",
                        "AwsSolutions-IAM5 OperatorActsPolicy/Resource",
                        "AwsSolutions-IAM5 OperatorFleetPolicy/Resource",
                        "AwsSolutions-IAM5 Keeper/Role/DefaultPolicy/Resource",
                        "AwsSolutions-IAM5 FunctionRole/DefaultPolicy/Resource",
                        "AwsSolutions-SMG4 OperatorSecret/Resource",
                        "AwsSolutions-SMG4 SessionSecret/Resource",
                        "AwsSolutions-SMG4 RevocationsSecret/Resource",
                        "AwsSolutions-SMG4 SigningSecret/Resource"),
                suppressed,
                "every reason must suppress a finding");
        assertTrue(checks > 100, "only " + checks + " checks ran");
    }

    @Test
    void cdkValidationFindsNothing() throws IOException {
        JsonNode report = JSON.readTree(folder.resolve("validation-report.json").toFile());

        // The report contains only plugins with findings.
        assertFalse(
                report.findValuesAsText("pluginName").contains(CloudFormationValidatePlugin.PLUGIN_NAME),
                report.toString());
    }

    @Test
    @Tag("long")
    void cfnLintFindsNothing() throws IOException, InterruptedException {
        String path = System.getenv("PATH");
        assumeTrue(
                path != null
                        && Arrays.stream(path.split(File.pathSeparator))
                                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "cfn-lint"))),
                "cfn-lint is not on the PATH");
        // W3005: the CDK also adds a DependsOn from functions to their roles, which is harmless.
        List<String> command =
                new ArrayList<>(List.of("cfn-lint", "--regions", "us-west-2", "--ignore-checks", "W3005", "--"));
        Applications.STACKS.forEach(
                stack -> command.add(folder.resolve(stack + ".template.json").toString()));

        Process lint = new ProcessBuilder(command).redirectErrorStream(true).start();
        String found = new String(lint.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, lint.waitFor(), found);
    }

    @Test
    void policiesAllowNoWildcardActionsOrNeedlessWildcardResources() throws IOException {
        int statements = 0;
        for (String stack : Applications.STACKS) {
            for (JsonNode document : template(stack).findValues("PolicyDocument")) {
                for (JsonNode statement : document.path("Statement")) {
                    if (statement.path("Effect").asText().equals("Deny")) {
                        continue;
                    }
                    statements++;
                    assertFalse(statement.has("NotAction") || statement.has("NotResource"), statement.toString());
                    assertFalse(statement.path("Action").toString().contains("*"), statement.toString());
                    List<String> actions = new ArrayList<>();
                    (statement.path("Action").isArray() ? statement.path("Action") : List.of(statement.path("Action")))
                            .forEach(action -> actions.add(action.asText()));
                    boolean everything = statement.path("Resource").toString().contains("\"*\"");
                    assertTrue(
                            !everything || StatementRulesTest.WITHOUT_RESOURCE.containsAll(actions),
                            statement.toString());
                }
            }
        }
        assertTrue(statements > 50, "found only " + statements + " statements");
    }

    @Test
    void templatesContainNoSecrets() throws IOException {
        for (String stack : Applications.STACKS) {
            JsonNode template = template(stack);
            String text = template.toString();
            assertFalse(text.matches("(?s).*\\b(AKIA|ASIA)[A-Z2-7]{16}\\b.*"), "access key id in " + stack);
            for (JsonNode variables : template.findValues("Variables")) {
                assertFalse(variables.toString().contains("SecretAccessKey"), variables.toString());
                assertFalse(variables.toString().contains("resolve:secretsmanager"), variables.toString());
            }
            // Only the value of the operator's secret may refer to the access key.
            long references = template.findValues("Fn::GetAtt").stream()
                    .filter(attribute -> attribute.path(1).asText().equals("SecretAccessKey"))
                    .count();
            assertEquals(List.of("Abroad", "ByRole", "BySecret").contains(stack) ? 0 : 1, references, stack);
        }
    }

    @Test
    void everyLogGroupHasRetention() throws IOException {
        int functions = 0;
        for (String stack : Applications.STACKS) {
            JsonNode resources = template(stack).path("Resources");
            for (JsonNode resource : resources) {
                if (resource.path("Type").asText().equals("AWS::Lambda::Function")) {
                    functions++;
                    String log = resource.at("/Properties/LoggingConfig/LogGroup/Ref")
                            .asText();
                    assertEquals(
                            30,
                            resources
                                    .at("/" + log + "/Properties/RetentionInDays")
                                    .asInt(),
                            stack);
                }
            }
        }
        assertEquals(17, functions);
    }

    private JsonNode template(String stack) throws IOException {
        return JSON.readTree(folder.resolve(stack + ".template.json").toFile());
    }
}
