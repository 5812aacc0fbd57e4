package io.github.spotspec.e2e;

import io.github.spotspec.infra.ISpotService;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceAttributes;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.iam.AccessKey;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.sns.Topic;

/**
 * The apps of {@link ImportIT}: one with a service that has a dashboard, alarms and saved queries, and one with stacks
 * that import it.
 */
final class ImportingApp {
    static final String STACK = "Importer";
    static final String BY_PARAMETER = "ByParameter";
    static final String BY_ATTRIBUTES = "ByAttributes";
    static final String ABROAD = "eu-west-1";
    static final String IN_OTHER_ACCOUNT = "InOtherAccount";

    /** Another account that the service's stack lets in. */
    static final String OTHER_ACCOUNT = "444455556666";

    static final String PARAMETER = "/spotspec/importer";

    private ImportingApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions("eu-west-1", "us-west-2")
                        .memorySize(Size.mebibytes(512))
                        .timeout(Duration.seconds(20))
                        .architecture(Architecture.X86_64)
                        .mfaTasks()
                        .parameterName(PARAMETER)
                        .allowOnDemand(true)
                        .allowEndWhenIdle(true)
                        .dashboard(true)
                        .alarmTopic(new Topic(stack, "Alarms"))
                        .watchedTypes("m7g.large", "c7g.large")
                        .build());
        User robot = new User(stack, "Robot");
        spot.grantInvoke(robot);
        spot.grantInvoke(new AccountPrincipal(OTHER_ACCOUNT));
        AccessKey key = AccessKey.Builder.create(stack, "RobotKey").user(robot).build();
        output(stack, "Url", spot.getUrl());
        output(stack, "ServiceName", spot.getServiceName());
        output(stack, "AliasArn", spot.getAlias().getFunctionArn());
        output(stack, "RobotKeyId", key.getAccessKeyId());
        output(stack, "RobotSecret", key.getSecretAccessKey().unsafeUnwrap());
    }

    /**
     * Adds a stack that imports the service by its parameter, and one in another region that imports it by attributes.
     *
     * @param args the outputs {@code Url}, {@code ServiceName} and {@code AliasArn} of the service's stack
     */
    static void importers(App app, String... args) {
        Stack home = new Stack(app, BY_PARAMETER);
        importer(home, SpotService.fromParameterName(home, "Spot", PARAMETER));
        Stack abroad = new Stack(
                app,
                BY_ATTRIBUTES,
                StackProps.builder()
                        .env(Environment.builder().region(ABROAD).build())
                        .build());
        importer(abroad, byAttributes(abroad, args));
    }

    /** Adds a stack of another account that imports the service by attributes, which are as for {@link #importers}. */
    static void importerInOtherAccount(App app, String... args) {
        Stack stack = new Stack(
                app,
                IN_OTHER_ACCOUNT,
                StackProps.builder()
                        .env(Environment.builder()
                                .account(OTHER_ACCOUNT)
                                .region(ABROAD)
                                .build())
                        .build());
        byAttributes(stack, args).grantInvoke(role(stack));
    }

    private static ISpotService byAttributes(Stack stack, String... args) {
        return SpotService.fromSpotServiceAttributes(
                stack,
                "Spot",
                SpotServiceAttributes.builder()
                        .url(args[0])
                        .serviceName(args[1])
                        .aliasArn(args[2])
                        .build());
    }

    /** Adds a stack that imports a service with tokens by its parameter. */
    static void minter(App app, String... args) {
        Stack stack = new Stack(app, BY_PARAMETER + "Tokens");
        ISpotService spot = SpotService.fromParameterName(stack, "Spot", args[0]);
        Role role = role(stack);
        spot.grantMint(role);
        output(stack, "RoleArn", role.getRoleArn());
    }

    /** Adds a stack that grants minting to a role, although the imported service takes no tokens. */
    static void minterOfServiceWithoutTokens(App app, String... args) {
        Stack stack = new Stack(app, BY_PARAMETER + "Wrong");
        SpotService.fromParameterName(stack, "Spot", PARAMETER).grantMint(role(stack));
    }

    private static void importer(Stack stack, ISpotService spot) {
        Role role = role(stack);
        spot.grantInvoke(role);
        output(stack, "RoleArn", role.getRoleArn());
        output(stack, "OtherRoleArn", role(stack, "Other").getRoleArn());
        output(stack, "Url", spot.getUrl());
        output(stack, "ServiceName", spot.getServiceName());
        output(stack, "Region", spot.getHomeRegion());
        output(stack, "Account", spot.getHomeAccount());
    }

    private static Role role(Stack stack) {
        return role(stack, "Job");
    }

    private static Role role(Stack stack, String id) {
        return Role.Builder.create(stack, id)
                .assumedBy(new AccountRootPrincipal())
                .build();
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
