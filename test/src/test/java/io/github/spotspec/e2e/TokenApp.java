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
 * An app with a service whose URL takes tokens, and whose acts need MFA, and a look at the history, too, which {@link Minting}
 * deploys. Its argument is who may mint them.
 */
final class TokenApp {
    static final String STACK = "Tokens";

    private TokenApp() {}

    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .urlAuth(UrlAuth.token())
                        .mfaTasks(
                                SpotTask.HISTORY,
                                SpotTask.LAUNCH,
                                SpotTask.EXTEND,
                                SpotTask.CANCEL,
                                SpotTask.TERMINATE,
                                SpotTask.END)
                        .build());
        spot.grantMint(User.fromUserArn(stack, "Caller", args[0]));
        output(stack, "Url", spot.getUrl());
        output(stack, "FunctionName", spot.getFunction().getFunctionName());
        output(stack, "SecretName", spot.getSecret().orElseThrow().getSecretName());
        output(stack, "MinterName", spot.getMinter().orElseThrow().getFunctionName());
        app.synth();
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
