package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/** The app of {@link MfaIT}, with a service that requires MFA by default. The arguments are the callers. */
final class MfaApp {
    private MfaApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, "Mfa");
        SpotService spot =
                new SpotService(stack, "Spot", SpotServiceProps.builder().build());
        for (String caller : args) {
            spot.grantInvoke(User.fromUserArn(stack, "Caller" + caller.substring(caller.indexOf('/') + 1), caller));
        }
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "SecretName")
                .value(spot.getSecret().orElseThrow().getSecretName())
                .build();
    }
}
