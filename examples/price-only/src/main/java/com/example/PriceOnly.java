package com.example;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccountPrincipal;

/** A service that only reads prices and placement scores. Another account may grant its own principals access. */
public final class PriceOnly {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "PriceOnly");
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .tasks(SpotTask.PRICE, SpotTask.HISTORY, SpotTask.SCORE)
                        .build());
        spot.grantInvoke(new AccountPrincipal("444455556666"));
        CfnOutput.Builder.create(stack, "SpotUrl").value(spot.getUrl()).build();
        app.synth();
    }
}
