package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import java.io.IOException;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Role;

/** The app of {@link ScaleIT} and {@link TaskCallsIT}. The argument is the role that may call the URL. */
final class ScaleApp {
    static final String STACK = "Scale";

    private ScaleApp() {}

    /** Deploys the app if necessary, and returns its URL. */
    static SpotUrl deploy(LocalDeployment service) throws IOException {
        if (service.cloud().stacks().find(LocalDeployment.HOME, STACK) == null) {
            service.deployOther(ScaleApp::stacks, service.callerRoleArn());
        }
        return new SpotUrl(service.output(STACK, "Url"), LocalDeployment.HOME);
    }

    private static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .regions(LocalDeployment.REGIONS.toArray(String[]::new))
                        .maxInstances(1_000)
                        .fleets(true)
                        .build());
        spot.grantInvoke(Role.fromRoleArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
    }
}
