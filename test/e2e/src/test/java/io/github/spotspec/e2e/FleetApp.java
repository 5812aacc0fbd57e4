package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/** The app of {@link FleetIT}, with a service that launches with EC2 Fleet. The argument is the caller. */
final class FleetApp {
    static final String STACK = "Fleets";

    private FleetApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .regions("us-west-2", "us-east-1")
                        .instanceTypes("m7g.*", "m6i.large")
                        .fleets(true)
                        .build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", args[0]));
        output(stack, "Url", spot.getUrl());
        output(stack, "SecretName", spot.getSecret().orElseThrow().getSecretName());
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
