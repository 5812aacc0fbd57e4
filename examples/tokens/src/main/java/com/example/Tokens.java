package com.example;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.UrlAuth;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Role;

/**
 * A service whose callers need no AWS credentials. They send tokens, which the role {@code ci} creates and which last
 * at most 12 hours.
 */
public final class Tokens {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Tokens");
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .urlAuth(UrlAuth.token(Duration.hours(12)))
                        .build());
        spot.grantMint(Role.fromRoleName(stack, "Ci", "ci"));
        spot.getMinter().ifPresent(minter -> CfnOutput.Builder.create(stack, "MinterName")
                .value(minter.getFunctionName())
                .build());
        CfnOutput.Builder.create(stack, "SpotUrl").value(spot.getUrl()).build();
        spot.getOperator().ifPresent(user -> CfnOutput.Builder.create(stack, "Operator")
                .value(user.getUserName())
                .build());
        spot.getMfaSerialNumber().ifPresent(serial -> CfnOutput.Builder.create(stack, "MfaSerialNumber")
                .value(serial)
                .build());
        app.synth();
    }
}
