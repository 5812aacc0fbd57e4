package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccessKey;
import software.amazon.awscdk.services.iam.User;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.sns.Topic;

/** The app of {@link ImportIT}, with a service that has a dashboard, alarms and saved queries. */
final class ImportingApp {
    static final String STACK = "Importer";

    private ImportingApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions("eu-west-1", "us-west-2")
                        .memorySize(Size.mebibytes(512))
                        .timeout(Duration.seconds(20))
                        .architecture(Architecture.X86_64)
                        .mfaTasks()
                        .allowOnDemand(true)
                        .allowEndWhenIdle(true)
                        .dashboard(true)
                        .alarmTopic(new Topic(stack, "Alarms"))
                        .watchedTypes("m7g.large", "c7g.large")
                        .build());
        User robot = new User(stack, "Robot");
        spot.grantInvoke(robot);
        AccessKey key = AccessKey.Builder.create(stack, "RobotKey").user(robot).build();
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "RobotKeyId")
                .value(key.getAccessKeyId())
                .build();
        CfnOutput.Builder.create(stack, "RobotSecret")
                .value(key.getSecretAccessKey().unsafeUnwrap())
                .build();
    }
}
