package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotCredentials;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.IUser;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.secretsmanager.Secret;

/**
 * The app of {@link CredentialModesIT}. Each stack has an operator other than a user of its own. The arguments are the
 * caller's ARN, and the names of an existing user and an existing secret.
 */
final class CredentialModesApp {
    static final String BY_ROLE = "ByRole";
    static final String BY_SECRET = "BySecret";

    private CredentialModesApp() {}

    static void stacks(App app, String... args) {
        service(new Stack(app, BY_ROLE), SpotCredentials.functionRole(), args[0]);
        Stack bySecret = new Stack(app, BY_SECRET);
        IUser robot = User.fromUserName(bySecret, "Robot", args[1]);
        service(bySecret, SpotCredentials.secret(Secret.fromSecretNameV2(bySecret, "Keys", args[2])), args[0])
                .getPolicies()
                .forEach(policy -> policy.attachToUser(robot));
    }

    private static SpotService service(Stack stack, SpotCredentials credentials, String caller) {
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder().credentials(credentials).build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", caller));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        return spot;
    }
}
