package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import io.github.spotspec.infra.UrlAuth;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.iam.User;

/** The app of {@link UsedRightsIT}, with one service that has every feature and one that takes tokens. */
final class AllFeaturesApp {
    static final String STACK = "Everything";

    private AllFeaturesApp() {}

    static void stacks(App app, String... args) {
        String caller = args[0];
        Stack stack = new Stack(app, STACK);
        Role role = Role.Builder.create(stack, "InstanceRole")
                .assumedBy(new ServicePrincipal("ec2.amazonaws.com"))
                .build();
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .mfaTasks()
                        .allowOnDemand(true)
                        .allowEndWhenIdle(true)
                        .watchedTypes("m7g.large")
                        .rotateKeyEvery(Duration.days(90))
                        .instanceProfile(InstanceProfile.Builder.create(stack, "Profile")
                                .role(role)
                                .build())
                        .build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", caller));
        SpotService tokens = new SpotService(
                stack,
                "Tokens",
                SpotServiceProps.builder()
                        .tasks(SpotTask.PRICE)
                        .mfaTasks()
                        .urlAuth(UrlAuth.token())
                        .build());
        tokens.grantMint(User.fromUserArn(stack, "Minting", caller));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "MinterName")
                .value(tokens.getMinter().orElseThrow().getFunctionName())
                .build();
    }
}
