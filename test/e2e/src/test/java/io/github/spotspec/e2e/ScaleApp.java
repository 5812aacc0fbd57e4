package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Role;

/** The app of {@link ScaleIT}. The arguments are the role that may call the URL, and the reserved concurrency. */
final class ScaleApp {
    static final String STACK = "Scale";

    private ScaleApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .regions(LocalDeployment.REGIONS.toArray(String[]::new))
                        .maxInstances(1_000)
                        .reservedConcurrency(Integer.parseInt(args[1]))
                        .build());
        spot.grantInvoke(Role.fromRoleArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
    }
}
