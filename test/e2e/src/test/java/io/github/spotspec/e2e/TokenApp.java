package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import io.github.spotspec.infra.UrlAuth;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/**
 * The app of {@link TokenService}. Its URL takes tokens, and {@code history} requires MFA too. The arguments are the
 * principal that may mint tokens, and optionally the reserved concurrency.
 */
final class TokenApp {
    static final String STACK = "Tokens";
    static final String OTHER_USER = "viewer";
    static final String PARAMETER = "/spotspec/tokens";

    private TokenApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotServiceProps.Builder props = SpotServiceProps.builder()
                .urlAuth(UrlAuth.token())
                .parameterName(PARAMETER)
                // The first is the only user as which the SSH server of the tests lets anyone log in.
                .osUsers(System.getProperty("user.name"), OTHER_USER)
                .mfaTasks(
                        SpotTask.HISTORY,
                        SpotTask.LAUNCH,
                        SpotTask.EXTEND,
                        SpotTask.CANCEL,
                        SpotTask.TERMINATE,
                        SpotTask.END);
        if (args.length > 1) {
            props.reservedConcurrency(Integer.parseInt(args[1]));
        }
        SpotService spot = new SpotService(stack, "Spot", props.build());
        spot.grantMint(User.fromUserArn(stack, "Caller", args[0]));
        output(stack, "Url", spot.getUrl());
        output(stack, "FunctionName", spot.getFunction().getFunctionName());
        output(stack, "SecretName", spot.getSecret().orElseThrow().getSecretName());
        output(stack, "MinterName", spot.getMinter().orElseThrow().getFunctionName());
        output(stack, "KeeperName", spot.getKeeper().orElseThrow().getFunctionName());
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
