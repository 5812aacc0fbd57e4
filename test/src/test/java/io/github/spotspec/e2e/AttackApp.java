package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.UrlAuth;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/**
 * An app with a service whose URL anybody can reach, and whose acts need MFA, for the attacks. Its arguments are who may mint
 * tokens, and the concurrency to reserve, if any.
 */
final class AttackApp {
    static final String STACK = "Attacked";

    private AttackApp() {}

    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, STACK);
        SpotServiceProps.Builder props = SpotServiceProps.builder().urlAuth(UrlAuth.token());
        if (args.length > 1) {
            props.reservedConcurrency(Integer.parseInt(args[1]));
        }
        SpotService spot = new SpotService(stack, "Spot", props.build());
        spot.grantMint(User.fromUserArn(stack, "Caller", args[0]));
        output(stack, "Url", spot.getUrl());
        output(stack, "FunctionName", spot.getFunction().getFunctionName());
        output(stack, "MinterName", spot.getMinter().orElseThrow().getFunctionName());
        output(stack, "KeeperName", spot.getKeeper().orElseThrow().getFunctionName());
        output(stack, "SecretName", spot.getSecret().orElseThrow().getSecretName());
        app.synth();
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
