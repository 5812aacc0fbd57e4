package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/** An app with a service whose operator's key is rotated, which {@link RotationIT} deploys for its caller. */
final class RotationApp {
    static final String STACK = "Rotating";

    private RotationApp() {}

    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .rotateKeyEvery(Duration.days(30))
                        .build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "SecretName")
                .value(spot.getSecret().orElseThrow().getSecretName())
                .build();
        app.synth();
    }
}
