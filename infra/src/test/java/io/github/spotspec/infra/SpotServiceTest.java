package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.ArnPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** What a service with two regions and two callers synthesizes to, with and without the CDK's feature flags. */
@ParameterizedClass
@MethodSource("flags")
final class SpotServiceTest {
    private static final String CALLER = "arn:aws:iam::111122223333:role/ci";

    /** One synthesis for all tests with the same flags. */
    private static final Map<Map<String, Object>, Synthesis> SYNTHESES = new HashMap<>();

    private final Map<String, Object> flags;
    private final Synthesis synthesis;

    SpotServiceTest(Map<String, Object> flags) {
        this.flags = flags;
        this.synthesis = SYNTHESES.computeIfAbsent(flags, SpotServiceTest::synthesize);
    }

    static Stream<Map<String, Object>> flags() {
        return Stream.of(Map.of(), Synthesis.recommendedFlags());
    }

    private static Synthesis synthesize(Map<String, Object> flags) {
        return Synthesis.of(flags, stack -> {
            SpotService service = new SpotService(
                    stack,
                    "Spot",
                    SpotServiceProps.builder().regions("us-east-1", "us-west-2").build());
            service.grantInvoke(new ArnPrincipal(CALLER));
            service.grantInvoke(Role.Builder.create(stack, "Caller")
                    .assumedBy(new AccountRootPrincipal())
                    .build());
        });
    }

    @Test
    void theLogicalIdsStayAsTheyAre() {
        // Renaming one would replace the resource in every stack that imports the construct.
        assertEquals(
                List.of(
                        "CallerBA8D1D35 AWS::IAM::Role",
                        "SpotFunction57FD355C AWS::Lambda::Function",
                        "SpotFunctionAliaslive936AAAF5 AWS::Lambda::Alias",
                        "SpotFunctionAliasliveFunctionUrlE5F090D5 AWS::Lambda::Url",
                        "SpotFunctionRole1F4BD8A7 AWS::IAM::Role",
                        "SpotFunctionRoleDefaultPolicy05426EB8 AWS::IAM::Policy",
                        "SpotLog03B6CAE7 AWS::Logs::LogGroup",
                        "SpotOperatorA003F258 AWS::IAM::User",
                        "SpotOperatorKey0D706F89 AWS::IAM::AccessKey",
                        "SpotOperatorPolicyFC876F3B AWS::IAM::ManagedPolicy",
                        "SpotOperatorSecret1E978AC1 AWS::SecretsManager::Secret"),
                synthesis.types().entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        // The version's id has a hash of the code; the grants' ids are the CDK's.
                        .filter(entry -> !entry.contains("CurrentVersion")
                                && !entry.contains("ArnPrincipal")
                                && !entry.startsWith("CallerDefaultPolicy"))
                        .sorted()
                        .toList());
    }

    @Test
    void theOperatorMayReadTheMarketOfTheRegionsOverTlsAndNothingElse() {
        Map<?, ?> policy = synthesis.only("AWS::IAM::ManagedPolicy");

        assertEquals(
                List.of(new Statement(
                        "Allow",
                        List.of("ec2:DescribeSpotPriceHistory"),
                        List.of("*"),
                        Map.of(
                                "Bool", Map.of("aws:SecureTransport", "true"),
                                "StringEquals", Map.of("aws:RequestedRegion", List.of("us-east-1", "us-west-2"))))),
                Synthesis.statements(policy));
        assertEquals(List.of(Map.of("Ref", "SpotOperatorA003F258")), policy.get("Users"));
        assertEquals(
                Map.of(), synthesis.only("AWS::IAM::User"), "the user has no policy of its own, no group, no password");
    }

    @Test
    void theFunctionMayReadItsSecretAndWriteItsLogAndNothingElse() {
        List<Map<?, ?>> policies = synthesis.all("AWS::IAM::Policy").stream()
                .filter(policy -> String.valueOf(policy.get("Roles")).contains("SpotFunctionRole"))
                .toList();

        assertEquals(1, policies.size());
        assertEquals(
                List.of(
                        new Statement(
                                "Allow",
                                List.of("logs:CreateLogStream", "logs:PutLogEvents"),
                                List.of(Map.of("Fn::GetAtt", List.of("SpotLog03B6CAE7", "Arn"))),
                                Map.of()),
                        new Statement(
                                "Allow",
                                List.of("secretsmanager:GetSecretValue"),
                                List.of(Map.of("Ref", "SpotOperatorSecret1E978AC1")),
                                Map.of())),
                Synthesis.statements(policies.get(0)));
        for (Map<?, ?> role : synthesis.all("AWS::IAM::Role")) {
            assertFalse(role.containsKey("ManagedPolicyArns"), "no policy of AWS's, which would allow more: " + role);
        }
    }

    @Test
    void noStatementHasAWildcardAction() {
        Stream.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
                .flatMap(type -> synthesis.all(type).stream())
                .flatMap(policy -> Synthesis.statements(policy).stream())
                .flatMap(statement -> statement.actions().stream())
                .forEach(action -> assertFalse(action.contains("*"), action));
    }

    @Test
    void theSecretHoldsTheKeyByReferenceOnly() {
        Map<?, ?> secret = synthesis.only("AWS::SecretsManager::Secret");

        assertEquals(
                Map.of(
                        "Fn::Join",
                        List.of(
                                "",
                                List.of(
                                        "{\"accessKeyId\":\"",
                                        Map.of("Ref", "SpotOperatorKey0D706F89"),
                                        "\",\"secretAccessKey\":\"",
                                        Map.of("Fn::GetAtt", List.of("SpotOperatorKey0D706F89", "SecretAccessKey")),
                                        "\"}"))),
                secret.get("SecretString"));
        assertFalse(secret.containsKey("GenerateSecretString"));
    }

    @Test
    void theFunctionIsJavaOnArmWithSnapStart() {
        Map<?, ?> function = synthesis.only("AWS::Lambda::Function");

        assertEquals("java25", function.get("Runtime"));
        assertEquals(List.of("arm64"), function.get("Architectures"));
        assertEquals("io.github.spotspec.function.SpotHandler", function.get("Handler"));
        assertEquals(1024, ((Number) Objects.requireNonNull(function.get("MemorySize"))).intValue());
        assertEquals(30, ((Number) Objects.requireNonNull(function.get("Timeout"))).intValue());
        assertEquals(Map.of("ApplyOn", "PublishedVersions"), function.get("SnapStart"));
        assertEquals(Map.of("LogGroup", Map.of("Ref", "SpotLog03B6CAE7")), function.get("LoggingConfig"));
    }

    @Test
    void theFunctionIsToldItsRegionsAndItsSecretAndNothingElse() {
        Map<?, ?> variables = Synthesis.map(
                Synthesis.map(synthesis.only("AWS::Lambda::Function").get("Environment"))
                        .get("Variables"));

        assertEquals(
                Map.of(
                        "SPOTSPEC_SETTINGS",
                        Map.of(
                                "Fn::Join",
                                List.of(
                                        "",
                                        List.of(
                                                "{\"regions\":[\"us-east-1\",\"us-west-2\"],\"secretArn\":\"",
                                                Map.of("Ref", "SpotOperatorSecret1E978AC1"),
                                                "\"}")))),
                variables);
    }

    @Test
    void theUrlIsOnTheAliasAndAsksForASignature() {
        Map<?, ?> url = synthesis.only("AWS::Lambda::Url");

        assertEquals("AWS_IAM", url.get("AuthType"));
        assertEquals("live", url.get("Qualifier"));
        assertFalse(url.containsKey("Cors"));
    }

    @Test
    void aRoleIsGrantedTheUrlAndNotTheFunction() {
        List<Map<?, ?>> policies = synthesis.all("AWS::IAM::Policy").stream()
                .filter(policy -> String.valueOf(policy.get("Roles")).contains("Caller"))
                .toList();

        assertEquals(1, policies.size());
        List<Statement> statements = Synthesis.statements(policies.get(0));
        assertEquals(2, statements.size());
        Map<?, ?> url = statement(statements, "lambda:InvokeFunctionUrl").conditions();
        Map<?, ?> function = statement(statements, "lambda:InvokeFunction").conditions();
        assertEquals(Map.of("StringEquals", Map.of("lambda:FunctionUrlAuthType", "AWS_IAM")), url);
        assertTrue(function.toString().contains("lambda:InvokedViaFunctionUrl=true"), function.toString());
    }

    @Test
    void aPrincipalFromElsewhereIsGrantedTheUrlAndNotTheFunction() {
        List<Map<?, ?>> permissions = synthesis.all("AWS::Lambda::Permission");

        assertEquals(2, permissions.size());
        for (Map<?, ?> permission : permissions) {
            assertEquals(CALLER, permission.get("Principal"));
            assertEquals(Map.of("Ref", "SpotFunctionAliaslive936AAAF5"), permission.get("FunctionName"));
            assertEquals(
                    permission.get("Action"),
                    permission.containsKey("FunctionUrlAuthType")
                            ? "lambda:InvokeFunctionUrl"
                            : "lambda:InvokeFunction");
            assertTrue(permission.containsKey("FunctionUrlAuthType")
                    || Boolean.TRUE.equals(permission.get("InvokedViaFunctionUrl")));
        }
    }

    @Test
    void theLogIsKeptForAMonthAndGoesWithTheStack() {
        assertEquals(
                30,
                ((Number) Objects.requireNonNull(
                                synthesis.only("AWS::Logs::LogGroup").get("RetentionInDays")))
                        .intValue());
        assertTrue(synthesis.text().contains("\"DeletionPolicy\":\"Delete\""));
        assertFalse(synthesis.text().contains("\"Retain\""));
    }

    @Test
    void synthesizingAgainGivesTheSameTemplate() {
        assertEquals(synthesis.text(), synthesize(flags).text());
    }

    private static Statement statement(List<Statement> statements, String action) {
        return statements.stream()
                .filter(statement -> statement.actions().contains(action))
                .findFirst()
                .orElseThrow();
    }
}
