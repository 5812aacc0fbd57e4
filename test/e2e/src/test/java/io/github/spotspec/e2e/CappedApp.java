package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.UrlAuth;
import java.math.BigDecimal;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.User;

/**
 * The app of {@link BudgetIT}: a service in two regions whose instances may cost one US dollar until their leases end,
 * and whose URL takes tokens. The argument is the principal that may mint them.
 */
final class CappedApp {
    static final String STACK = "Capped";

    private CappedApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .urlAuth(UrlAuth.token())
                        .mfaTasks()
                        .regions("us-west-2", "us-east-1")
                        .maxCommitted(new BigDecimal("1.00"))
                        .build());
        spot.grantMint(User.fromUserArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "MinterName")
                .value(spot.getMinter().orElseThrow().getFunctionName())
                .build();
    }
}
