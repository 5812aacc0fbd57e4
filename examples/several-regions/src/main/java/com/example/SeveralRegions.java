package com.example;

import io.github.spotspec.infra.SpotEventForwarder;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;

/**
 * A service that launches in three regions, gets interruption notices from all of them, and has alarms and a dashboard.
 */
public final class SeveralRegions {
    private static final String HOME = "us-west-2";
    private static final List<String> OTHERS = List.of("us-east-1", "eu-west-1");

    public static void main(String[] args) {
        App app = new App();
        Stack home = new Stack(app, "SeveralRegions", in(HOME));
        Topic topic = Topic.Builder.create(home, "Notices").enforceSsl(true).build();
        topic.addSubscription(new EmailSubscription("team@example.com"));
        SpotService spot = new SpotService(
                home,
                "Spot",
                SpotServiceProps.builder()
                        .regions(HOME, OTHERS.get(0), OTHERS.get(1))
                        .interruptionTopic(topic)
                        .alarmTopic(topic)
                        .dashboard(true)
                        .watchedTypes("m7g.large")
                        .build());
        spot.grantInvoke(Role.fromRoleName(home, "Developers", "developers"));
        // EC2 publishes an interruption notice only in the instance's region.
        for (String region : OTHERS) {
            new SpotEventForwarder(new Stack(app, "Events-" + region, in(region)), "SpotEventForwarder", HOME);
        }
        CfnOutput.Builder.create(home, "SpotUrl").value(spot.getUrl()).build();
        spot.getOperator().ifPresent(user -> CfnOutput.Builder.create(home, "Operator")
                .value(user.getUserName())
                .build());
        spot.getMfaSerialNumber().ifPresent(serial -> CfnOutput.Builder.create(home, "MfaSerialNumber")
                .value(serial)
                .build());
        app.synth();
    }

    private static StackProps in(String region) {
        return StackProps.builder()
                .env(Environment.builder().region(region).build())
                .build();
    }
}
