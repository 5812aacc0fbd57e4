package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/**
 * The app of {@link SpotClientConnectIT}, with a service without MFA. The arguments are the caller and the user that it
 * may log in as.
 */
final class ConnectApp {
    static final String STACK = "Connect";

    private ConnectApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder().mfaTasks().osUsers(args[1]).build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "SecretName")
                .value(spot.getSecret().orElseThrow().getSecretName())
                .build();
    }
}
