package io.github.spotspec.infra;

import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.ArnPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** The template of a service with two regions and two callers, with and without the CDK's feature flags. */
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
                    SpotServiceProps.builder()
                            .regions("us-east-1", "us-west-2")
                            .mfaTasks()
                            .build());
            service.grantInvoke(new ArnPrincipal(CALLER));
            service.grantInvoke(Role.Builder.create(stack, "Caller")
                    .assumedBy(new AccountRootPrincipal())
                    .build());
        });
    }

    @Test
    void keepsLogicalIds() {
        // Renaming one would replace the resource in every stack that imports the construct.
        assertEquals(
                List.of(
                        "SpotFunction57FD355C AWS::Lambda::Function",
                        "SpotFunctionAliaslive936AAAF5 AWS::Lambda::Alias",
                        "SpotFunctionAliasliveFunctionUrlE5F090D5 AWS::Lambda::Url",
                        "SpotFunctionRole1F4BD8A7 AWS::IAM::Role",
                        "SpotFunctionRoleDefaultPolicy05426EB8 AWS::IAM::Policy",
                        "SpotKeeperFunction2AF16614 AWS::Lambda::Function",
                        "SpotKeeperNoticesA3872A7A AWS::Events::Rule",
                        "SpotKeeperNoticesAllowEventRuleTestSpotKeeperFunction68CCDCC5A5487DEC AWS::Lambda::Permission",
                        "SpotKeeperRole9DF4817C AWS::IAM::Role",
                        "SpotKeeperRoleDefaultPolicy36090EA7 AWS::IAM::Policy",
                        "SpotKeeperSchedule4412CE08 AWS::Events::Rule",
                        "SpotKeeperScheduleAllowEventRuleTestSpotKeeperFunction68CCDCC5001A0F58"
                                + " AWS::Lambda::Permission",
                        "SpotKeeperTopicEDD5F850 AWS::SNS::Topic",
                        "SpotKeeperTopicPolicyA8FD51E0 AWS::SNS::TopicPolicy",
                        "SpotLog03B6CAE7 AWS::Logs::LogGroup",
                        "SpotOperatorA003F258 AWS::IAM::User",
                        "SpotOperatorActsPolicyC1412DF6 AWS::IAM::ManagedPolicy",
                        "SpotOperatorKey0D706F89 AWS::IAM::AccessKey",
                        "SpotOperatorLaunchPolicyE612199C AWS::IAM::ManagedPolicy",
                        "SpotOperatorPolicyFC876F3B AWS::IAM::ManagedPolicy",
                        "SpotOperatorSecret1E978AC1 AWS::SecretsManager::Secret",
                        "SpotQueriesCostByCaller41FA70C5 AWS::Logs::QueryDefinition",
                        "SpotQueriesEndedF38CACE9 AWS::Logs::QueryDefinition",
                        "SpotQueriesErrorsByReason256D7C81 AWS::Logs::QueryDefinition",
                        "SpotQueriesLaunches18C8DEC0 AWS::Logs::QueryDefinition",
                        "SpotQueriesRequestsByCallerD417848F AWS::Logs::QueryDefinition",
                        "SpotQueriesSlowestRequests8A5BF487 AWS::Logs::QueryDefinition",
                        "SpotStayActive8C96095A AWS::Events::Rule",
                        "SpotStayActiveAllowEventRuleTestSpotFunctionAliasliveDBB68BA383531899"
                                + " AWS::Lambda::Permission"),
                synthesis.logicalIds().stream()
                        // The CDK chooses the ids of grants.
                        .filter(id -> !id.contains("ArnPrincipal") && !id.startsWith("Caller"))
                        .toList());
    }

    @Test
    void operatorPolicyDoesNotDependOnFlags() {
        String[] regions = {"us-east-1", "us-west-2"};
        Policy byDefault = Deployments.byDefault().operatorPolicy();
        Policy policy = synthesis.operatorPolicy();

        assertEquals(byDefault.sids(), policy.sids());
        for (Statement statement : byDefault.statements()) {
            boolean regional = statement
                    .conditionValues("StringEquals aws:RequestedRegion")
                    .equals(Set.of("us-west-2"));
            assertEquals(regional ? statement.in(regions) : statement, policy.get(statement.sid()));
        }
    }

    @Test
    void functionMayOnlyReadSecretAndWriteLog() {
        synthesis
                .policyOfRole("SpotFunctionRole")
                .assertIs(
                        allow("", "logs:CreateLogStream", "logs:PutLogEvents").on("${SpotLog03B6CAE7.Arn}"),
                        allow("ReadSecret", "secretsmanager:GetSecretValue").on("${SpotOperatorSecret1E978AC1}"));
        for (Resource role : synthesis.all("AWS::IAM::Role")) {
            assertFalse(
                    role.properties().containsKey("ManagedPolicyArns"),
                    "AWS managed policies would allow more: " + role);
        }
    }

    @Test
    void secretContainsKeyOnlyByReference() {
        Resource secret = synthesis.only("AWS::SecretsManager::Secret");

        assertEquals(
                "{\"accessKeyId\":\"${SpotOperatorKey0D706F89}\","
                        + "\"secretAccessKey\":\"${SpotOperatorKey0D706F89.SecretAccessKey}\","
                        + "\"serialNumber\":\"arn:aws:iam::111122223333:mfa/${SpotOperatorA003F258}\"}",
                secret.get("SecretString"));
        assertFalse(secret.properties().containsKey("GenerateSecretString"));
    }

    @Test
    void functionRunsJavaOnArmWithSnapStart() {
        Resource function = function();

        assertEquals("java25", function.get("Runtime"));
        assertEquals(List.of("arm64"), function.get("Architectures"));
        assertEquals("io.github.spotspec.function.SpotHandler", function.get("Handler"));
        assertEquals(1024, function.number("MemorySize"));
        assertEquals(30, function.number("Timeout"));
        assertEquals(Map.of("ApplyOn", "PublishedVersions"), function.get("SnapStart"));
        assertEquals(Map.of("LogGroup", "${SpotLog03B6CAE7}"), function.get("LoggingConfig"));
    }

    @Test
    void onlyFunctionWithSnapStartLimitsItsCompiler() {
        for (Resource function : synthesis.all("AWS::Lambda::Function")) {
            String variables = String.valueOf(function.properties().get("Environment"));

            // Without SnapStart, it is Lambda's default.
            assertEquals(
                    function.properties().containsKey("SnapStart"),
                    variables.contains("JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1"),
                    function.id());
        }
    }

    @Test
    void settingsContainRegionsInOrderAndSecret() {
        Map<String, Object> settings = synthesis.settings("SpotFunction");

        assertEquals(List.of("us-east-1", "us-west-2"), settings.get("regions"));
        assertEquals("${SpotOperatorSecret1E978AC1}", settings.get("secretArn"));
    }

    @Test
    void invokesAliasWeeklyToKeepSnapshot() {
        Resource weekly = synthesis.only("AWS::Events::Rule", "SpotStayActive");

        assertEquals("rate(7 days)", weekly.get("ScheduleExpression"));
        assertEquals(
                "${SpotFunctionAliaslive936AAAF5}", ((Map<?, ?>) ((List<?>) weekly.get("Targets")).get(0)).get("Arn"));
        Resource permission = synthesis.only("AWS::Lambda::Permission", "SpotStayActive");
        assertEquals("${SpotFunctionAliaslive936AAAF5}", permission.get("FunctionName"));
        assertEquals("events.amazonaws.com", permission.get("Principal"));
        assertEquals("${" + weekly.id() + ".Arn}", permission.get("SourceArn"));
    }

    @Test
    void urlIsOnAliasAndRequiresSignature() {
        Resource url = synthesis.only("AWS::Lambda::Url");

        assertEquals("AWS_IAM", url.get("AuthType"));
        assertEquals("live", url.get("Qualifier"));
        assertFalse(url.properties().containsKey("Cors"));
    }

    @Test
    void grantInvokeLetsRoleCallOnlyTheUrl() {
        List<Statement> statements = synthesis.policyOfRole("Caller").statements();

        assertEquals(2, statements.size());
        for (Statement statement : statements) {
            assertEquals(
                    statement.actions().contains("lambda:InvokeFunctionUrl")
                            ? Map.of("StringEquals lambda:FunctionUrlAuthType", Set.of("AWS_IAM"))
                            : Map.of("Bool lambda:InvokedViaFunctionUrl", Set.of("true")),
                    statement.conditions());
        }
    }

    @Test
    void grantInvokeLetsImportedPrincipalCallOnlyTheUrl() {
        List<Resource> permissions = synthesis.all("AWS::Lambda::Permission").stream()
                .filter(permission -> permission.get("Principal").equals(CALLER))
                .toList();

        assertEquals(2, permissions.size());
        for (Resource permission : permissions) {
            assertEquals("${SpotFunctionAliaslive936AAAF5}", permission.get("FunctionName"));
            assertTrue(
                    permission.get("Action").equals("lambda:InvokeFunctionUrl")
                            ? permission.get("FunctionUrlAuthType").equals("AWS_IAM")
                            : permission.get("InvokedViaFunctionUrl").equals(true),
                    permission.toString());
        }
    }

    @Test
    void onlyGrantedPrincipalsMayCallFunctions() {
        assertEquals(
                Set.of(CALLER, "events.amazonaws.com"),
                Set.copyOf(synthesis.all("AWS::Lambda::Permission").stream()
                        .map(permission -> permission.get("Principal"))
                        .toList()));
    }

    @Test
    void retainsLogForOneMonthAndDeletesItWithStack() {
        Resource log = synthesis.only("AWS::Logs::LogGroup");

        assertEquals(30, log.number("RetentionInDays"));
        assertEquals("Delete", log.deletionPolicy());
        assertFalse(synthesis.text().contains("\"Retain\""), "no other resource is retained");
    }

    @Test
    @Tag("long")
    void synthesisIsTheSameInAnotherProcess(@TempDir Path folder) throws Exception {
        // Within one process, the iteration order of a hash table is usually the same.
        Path template = folder.resolve("template");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dsynthesis=" + folder.resolve("cdk.out"),
                        SynthesisProcess.class.getName(),
                        Integer.toString(flags().toList().indexOf(flags)),
                        template.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);

        assertEquals(synthesis.text(), Files.readString(template));
    }

    /** Writes the template to a file. The arguments are the index of the flags and the file. */
    static final class SynthesisProcess {
        private SynthesisProcess() {}

        public static void main(String... arguments) throws IOException {
            Files.writeString(
                    Path.of(arguments[1]),
                    synthesize(flags().toList().get(Integer.parseInt(arguments[0])))
                            .text());
        }
    }

    private Resource function() {
        return synthesis.only("AWS::Lambda::Function", "SpotFunction");
    }
}
