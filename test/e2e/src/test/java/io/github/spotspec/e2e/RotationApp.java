package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.UrlAuth;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/** The app of {@link RotationIT}, with a service that takes tokens and rotates its secrets. */
final class RotationApp {
    static final String STACK = "Rotating";

    private RotationApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .urlAuth(UrlAuth.token())
                        .rotateKeyEvery(Duration.days(30))
                        .build());
        spot.grantMint(User.fromUserArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "MinterName")
                .value(spot.getMinter().orElseThrow().getFunctionName())
                .build();
        CfnOutput.Builder.create(stack, "SecretName")
                .value(spot.getSecret().orElseThrow().getSecretName())
                .build();
    }
}
