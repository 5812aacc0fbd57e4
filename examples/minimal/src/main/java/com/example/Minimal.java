package com.example;

import io.github.spotspec.infra.SpotService;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Role;

/** A service with every default, which the account's role {@code developers} may call. */
public final class Minimal {
    public static void main(String[] args) {
        App app = new App();
        stack(app);
        app.synth();
    }

    static Stack stack(App app) {
        Stack stack = new Stack(app, "Minimal");
        SpotService spot = new SpotService(stack, "Spot");
        spot.grantInvoke(Role.fromRoleName(stack, "Developers", "developers"));
        CfnOutput.Builder.create(stack, "SpotUrl").value(spot.getUrl()).build();
        spot.getOperator().ifPresent(user -> CfnOutput.Builder.create(stack, "Operator")
                .value(user.getUserName())
                .build());
        spot.getMfaSerialNumber().ifPresent(serial -> CfnOutput.Builder.create(stack, "MfaSerialNumber")
                .value(serial)
                .build());
        return stack;
    }
}
