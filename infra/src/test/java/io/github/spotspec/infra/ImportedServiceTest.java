package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertFails;
import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.ArnPrincipal;
import software.amazon.awscdk.services.iam.Role;

/** Imports services by attributes and by parameter, in stacks of the same and of other accounts and regions. */
final class ImportedServiceTest {
    private static final String OTHER_ACCOUNT = "444455556666";
    private static final String URL = "https://abc.lambda-url.us-west-2.on.aws/";
    private static final String NAME = "Team/Spot@us-west-2";
    private static final String FUNCTION = "arn:aws:lambda:us-west-2:111122223333:function:";
    private static final String ALIAS = FUNCTION + "spot:live";
    private static final String MINTER = FUNCTION + "minter";

    private static SpotServiceAttributes.Builder attributes() {
        return SpotServiceAttributes.builder().url(URL).serviceName(NAME).aliasArn(ALIAS);
    }

    private static Stack stack(App app, String id, String account, String region) {
        return new Stack(
                app,
                id,
                StackProps.builder()
                        .env(Environment.builder()
                                .account(account)
                                .region(region)
                                .build())
                        .build());
    }

    private static Role role(Stack stack) {
        return Role.Builder.create(stack, "Caller")
                .assumedBy(new AccountRootPrincipal())
                .build();
    }

    /** Returns the statements of a caller, with one text for each resource of the service. */
    private static Set<Statement> grants(Synthesis synthesis, String resource) {
        return synthesis.policyOfRole("Caller").statements().stream()
                .map(statement -> statement.on(statement.resources().stream()
                        .map(arn -> resource + (arn.endsWith("$LATEST") ? ":$LATEST" : ""))
                        .collect(Collectors.toSet())))
                .collect(Collectors.toSet());
    }

    @Test
    void grantsOfAnImportedServiceEqualThoseOfTheServiceItself() {
        Synthesis invoked = Synthesis.of(stack -> SpotService.fromSpotServiceAttributes(
                        stack, "Spot", attributes().build())
                .grantInvoke(role(stack)));
        Synthesis minted = Synthesis.of(stack -> SpotService.fromSpotServiceAttributes(
                        stack, "Spot", attributes().minterArn(MINTER).build())
                .grantMint(role(stack)));

        invoked.policyOfRole("Caller")
                .assertIs(
                        allow("", "lambda:InvokeFunctionUrl")
                                .on(ALIAS)
                                .when("StringEquals lambda:FunctionUrlAuthType", "AWS_IAM"),
                        allow("", "lambda:InvokeFunction").on(ALIAS).when("Bool lambda:InvokedViaFunctionUrl", "true"));
        assertEquals(
                grants(Synthesis.of(stack -> new SpotService(stack, "Spot").grantInvoke(role(stack))), "alias"),
                grants(invoked, "alias"));
        assertEquals(
                grants(
                        Synthesis.of(stack -> new SpotService(
                                        stack,
                                        "Spot",
                                        SpotServiceProps.builder()
                                                .urlAuth(UrlAuth.token())
                                                .build())
                                .grantMint(role(stack))),
                        "minter"),
                grants(minted, "minter"));
        assertEquals(
                Set.of(MINTER, MINTER + ":$LATEST"),
                minted.policyOfRole("Caller").statements().get(0).resources());
    }

    @Test
    void importCreatesNothing() {
        Synthesis synthesis = Synthesis.of(stack -> SpotService.fromSpotServiceAttributes(
                stack, "Spot", attributes().build()));

        assertEquals(List.of(), synthesis.logicalIds());
    }

    @Test
    void importedServiceReturnsItsAttributes() {
        ISpotService spot = SpotService.fromSpotServiceAttributes(
                new Stack(), "Spot", attributes().build());

        assertEquals(URL, spot.getUrl());
        assertEquals(NAME, spot.getServiceName());
        assertEquals("us-west-2", spot.getHomeRegion());
        assertEquals("111122223333", spot.getHomeAccount());
    }

    @Test
    void metricsOfAnImportedServiceNameItsRegionAndAccount() {
        App app = Synthesis.app(Map.of());
        ISpotService abroad = SpotService.fromSpotServiceAttributes(
                stack(app, "Abroad", OTHER_ACCOUNT, "eu-west-1"),
                "Spot",
                attributes().build());
        ISpotService home = SpotService.fromSpotServiceAttributes(
                stack(app, "Home", Intrinsics.ACCOUNT, "us-west-2"),
                "Spot",
                attributes().build());

        for (Metric metric : List.of(abroad.metricErrors(), home.metricErrors())) {
            assertEquals("us-west-2", metric.getRegion());
            assertEquals("111122223333", metric.getAccount());
            assertEquals(Map.of("service", NAME), metric.getDimensions());
        }
        assertEquals(
                "Maximum",
                abroad.metricErrors(MetricOptions.builder().statistic("Maximum").build())
                        .getStatistic());
        SpotService own = new SpotService(new Stack(), "Spot");
        assertEquals(null, own.metricErrors().getRegion());
    }

    @Test
    void parameterHoldsWhatImportersNeed() {
        Synthesis signed = Synthesis.of(SpotServiceProps.builder().parameterName("/spotspec/team"));
        Resource parameter = signed.only("AWS::SSM::Parameter");
        assertEquals("SpotParameter380C189A", parameter.id(), "stacks in use would replace it");
        assertEquals("/spotspec/team", parameter.get("Name"));
        assertEquals("StringList", parameter.get("Type"));
        List<String> values = List.of(parameter.get("Value").toString().split(","));
        assertEquals(3, values.size(), values.toString());
        assertTrue(values.get(0).matches("\\$\\{SpotFunction.*\\.FunctionUrl}"), values.get(0));
        assertEquals("Test/Spot@us-west-2", values.get(1));
        assertEquals("${" + signed.only("AWS::Lambda::Alias").id() + "}", values.get(2));

        Synthesis tokens =
                Synthesis.of(SpotServiceProps.builder().urlAuth(UrlAuth.token()).parameterName("team"));
        values = List.of(
                tokens.only("AWS::SSM::Parameter").get("Value").toString().split(","));
        assertEquals(4, values.size(), values.toString());
        assertTrue(values.get(3).matches("\\$\\{SpotMinterFunction.*\\.Arn}"), values.get(3));

        assertEquals(List.of(), Deployments.byDefault().all("AWS::SSM::Parameter"));
    }

    @Test
    void importByParameterReadsItAtDeployment() {
        Synthesis synthesis = Synthesis.of(stack -> {
            ISpotService spot = SpotService.fromParameterName(stack, "Spot", "/spotspec/team");
            Role role = role(stack);
            spot.grantInvoke(role);
            spot.grantMint(role);
            CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
            Alarm.Builder.create(stack, "Errors")
                    .metric(spot.metricErrors())
                    .threshold(1)
                    .evaluationPeriods(1)
                    .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                    .build();
        });

        Map<String, Object> parameter = synthesis.parameter("/spotspec/team");
        assertEquals("AWS::SSM::Parameter::Value<List<String>>", parameter.get("Type"));
        String list = "${" + parameter.get("id") + "}";
        assertEquals(list + "[0]", synthesis.output("Url"));
        synthesis
                .policyOfRole("Caller")
                .assertIs(
                        allow("", "lambda:InvokeFunctionUrl")
                                .on(list + "[2]")
                                .when("StringEquals lambda:FunctionUrlAuthType", "AWS_IAM"),
                        allow("", "lambda:InvokeFunction")
                                .on(list + "[2]")
                                .when("Bool lambda:InvokedViaFunctionUrl", "true"),
                        allow("", "lambda:InvokeFunction").on(list + "[3]", list + "[3]:$LATEST"));
        assertTrue(synthesis
                .only("AWS::CloudWatch::Alarm")
                .get("Metrics")
                .toString()
                .contains(list + "[1]"));
    }

    @Test
    void grantToAnotherAccountIsInThePolicyOfTheAlias() {
        App app = Synthesis.app(Map.of());
        Stack home = stack(app, "Home", Intrinsics.ACCOUNT, "us-west-2");
        new SpotService(home, "Spot").grantInvoke(new AccountPrincipal(OTHER_ACCOUNT));
        Synthesis synthesis = Synthesis.of(home);

        List<Resource> permissions = synthesis.all("AWS::Lambda::Permission").stream()
                .filter(permission -> permission.get("Principal").equals(OTHER_ACCOUNT))
                .toList();
        assertEquals(
                Set.of("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
                permissions.stream().map(permission -> permission.get("Action")).collect(Collectors.toSet()));
        for (Resource permission : permissions) {
            assertEquals(
                    "${" + synthesis.only("AWS::Lambda::Alias").id() + "}",
                    permission.get("FunctionName"),
                    "only the alias has the URL");
            assertEquals(
                    permission.get("Action").equals("lambda:InvokeFunctionUrl") ? "AWS_IAM" : true,
                    permission.get(
                            permission.get("Action").equals("lambda:InvokeFunctionUrl")
                                    ? "FunctionUrlAuthType"
                                    : "InvokedViaFunctionUrl"));
        }
    }

    @Test
    void grantToAnotherAccountLetsItMint() {
        App app = Synthesis.app(Map.of());
        Stack home = stack(app, "Home", Intrinsics.ACCOUNT, "us-west-2");
        new SpotService(
                        home,
                        "Spot",
                        SpotServiceProps.builder().urlAuth(UrlAuth.token()).build())
                .grantMint(new AccountPrincipal(OTHER_ACCOUNT));

        Resource permission = Synthesis.of(home).all("AWS::Lambda::Permission").stream()
                .filter(one -> one.get("Principal").equals(OTHER_ACCOUNT))
                .findAny()
                .orElseThrow();
        assertEquals("lambda:InvokeFunction", permission.get("Action"));
        assertTrue(permission.get("FunctionName").toString().startsWith("${SpotMinterFunction"));
    }

    @Test
    void anotherStackOfTheAppNeedsNoImport() {
        App app = Synthesis.app(Map.of());
        ISpotService spot = new SpotService(stack(app, "Home", Intrinsics.ACCOUNT, "us-west-2"), "Spot");
        Stack other = stack(app, "Other", Intrinsics.ACCOUNT, "us-west-2");
        spot.grantInvoke(role(other));

        List<Statement> statements = Synthesis.of(other).policyOfRole("Caller").statements();
        assertEquals(2, statements.size());
        for (Statement statement : statements) {
            assertTrue(statement.resources().stream().allMatch(arn -> arn.startsWith("${import Home:")));
        }
    }

    @Test
    void namesTheMinter() {
        Stack stack = stack(Synthesis.app(Map.of()), "Tokens", Intrinsics.ACCOUNT, "us-west-2");
        SpotServiceProps withTokens =
                SpotServiceProps.builder().urlAuth(UrlAuth.token()).build();
        SpotService own = new SpotService(stack, "Own", withTokens);
        ISpotService imported = SpotService.fromSpotServiceAttributes(
                stack, "Imported", attributes().minterArn(MINTER).build());
        ISpotService byParameter = SpotService.fromParameterName(stack, "ByParameter", "/spotspec/team");

        assertEquals("minter", imported.getMinterName());
        assertEquals(own.getMinter().orElseThrow().getFunctionName(), own.getMinterName());
        String selected = String.valueOf(stack.resolve(byParameter.getMinterName()));
        assertTrue(selected.matches("\\{Fn::Select=\\[6, \\{Fn::Split=\\[:, \\{Fn::Select=\\[3, .*"), selected);
    }

    @Test
    void namesNoMinterOfServiceThatTakesSignedRequests() {
        Stack stack = stack(Synthesis.app(Map.of()), "Signed", Intrinsics.ACCOUNT, "us-west-2");
        ISpotService imported = SpotService.fromSpotServiceAttributes(
                stack, "Imported", attributes().build());
        ISpotService own = new SpotService(stack, "Own");

        assertFails(IllegalStateException.class, imported::getMinterName, "'getMinterName'", "'urlAuth'");
        assertFails(IllegalStateException.class, own::getMinterName, "'getMinterName'", "'urlAuth'");
    }

    @Test
    void rejectsGrantsWithoutEffect() {
        Stack stack = new Stack();
        ISpotService signed = SpotService.fromSpotServiceAttributes(
                stack, "Signed", attributes().build());
        ISpotService tokens = SpotService.fromSpotServiceAttributes(
                stack, "Tokens", attributes().minterArn(MINTER).build());
        Role role = role(stack);
        ArnPrincipal someone = new ArnPrincipal("arn:aws:iam::111122223333:role/ci");

        assertFails(IllegalStateException.class, () -> tokens.grantInvoke(role), "'grantInvoke'", "'grantMint'");
        assertFails(IllegalStateException.class, () -> signed.grantMint(role), "'grantMint'", "'grantInvoke'");
        assertFails(IllegalStateException.class, () -> signed.grantInvoke(someone), "'grantInvoke'", "role/ci");
        assertFails(IllegalStateException.class, () -> tokens.grantMint(someone), "'grantMint'", "role/ci");
        assertDoesNotThrow(
                () -> signed.grantInvoke(Role.fromRoleArn(stack, "Imported", "arn:aws:iam::111122223333:role/ci")));
    }

    @Test
    void rejectsRoleOfAnotherAccount() {
        Stack stack = stack(Synthesis.app(Map.of()), "Importer", "444455556666", "us-west-2");
        ISpotService spot = SpotService.fromSpotServiceAttributes(
                stack, "Spot", attributes().build());

        assertFails(
                IllegalStateException.class,
                () -> spot.grantInvoke(Role.fromRoleArn(stack, "Theirs", "arn:aws:iam::777788889999:role/ci")),
                "777788889999",
                "444455556666");
        assertDoesNotThrow(
                () -> spot.grantInvoke(Role.fromRoleArn(stack, "Ours", "arn:aws:iam::444455556666:role/ci")));
    }

    @Test
    void rejectsBadAttributes() {
        SpotServiceAttributes.Builder builder = SpotServiceAttributes.builder();
        for (String wrong : List.of("", "abc.lambda-url.us-west-2.on.aws", URL + "x", "ftp://host/")) {
            assertRejected(() -> builder.url(wrong), "'url'", "got \"" + wrong + "\"");
        }
        assertRejected(() -> builder.serviceName(" "), "'serviceName'");
        for (String wrong : List.of("", MINTER, ALIAS + ":1", ALIAS.replace("aws", "aws-cn"))) {
            assertRejected(() -> builder.aliasArn(wrong), "'aliasArn'", "got \"" + wrong + "\"");
        }
        for (String wrong : List.of("", ALIAS, "minter")) {
            assertRejected(() -> builder.minterArn(wrong), "'minterArn'", "got \"" + wrong + "\"");
        }
        assertRejected(builder::build, "'url'");
        assertRejected(builder.url(URL)::build, "'serviceName'");
        assertRejected(builder.serviceName(NAME)::build, "'aliasArn'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a/b",
                "/",
                "/a/",
                "//a",
                "/a b",
                "/a,b",
                "aws-spot",
                "/AWS/spot",
                "/ssmspot",
                "arn:aws:ssm:us-west-2:111122223333:parameter/a",
                "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"
            })
    void rejectsBadParameterName(String name) {
        assertRejected(() -> SpotServiceProps.builder().parameterName(name), "'parameterName'", "\"" + name + "\"");
        assertRejected(
                () -> SpotService.fromParameterName(new Stack(), "Spot", name), "'parameterName'", "\"" + name + "\"");
    }
}
