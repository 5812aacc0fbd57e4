package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotEventForwarder;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import io.github.spotspec.local.LocalCloud;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.iam.User;

/**
 * The app of {@link GuardRailsIT}, with three services: one with every limit, one that only prices, and one that may
 * fall back to on-demand and launch with EC2 Fleet. The arguments are the caller, an image, a subnet and a security
 * group.
 */
final class GuardedApp {
    static final String USER_DATA = "#!/bin/sh\necho \"häuser & 'quotes'\"\n";

    private GuardedApp() {}

    static void stacks(App app, String... args) {
        String caller = args[0];

        Stack guarded = new Stack(app, "Guarded");
        service(
                guarded,
                caller,
                SpotServiceProps.builder()
                        .mfaTasks()
                        .instanceTypes("m7g.*", "t4g.small")
                        .images(List.of(args[1]))
                        .subnets(List.of(Subnet.fromSubnetId(guarded, "Subnet", args[2])))
                        .securityGroups(List.of(SecurityGroup.fromSecurityGroupId(guarded, "Group", args[3])))
                        .keyPairs(List.of(KeyPair.fromKeyPairName(guarded, "Key", "dev")))
                        .instanceProfile(profile(guarded))
                        .maxPrice(new BigDecimal("0.9"))
                        .maxInstances(2)
                        .maxVolumeSize(Size.gibibytes(40))
                        .defaultLease(Duration.hours(1))
                        .maxLease(Duration.hours(2))
                        .userData(Map.of("worker", USER_DATA))
                        .build());

        service(
                new Stack(app, "PriceOnly"),
                caller,
                SpotServiceProps.builder().tasks(SpotTask.PRICE).build());

        Stack generous = new Stack(app, "Generous");
        service(
                generous,
                caller,
                SpotServiceProps.builder()
                        .mfaTasks()
                        .regions("us-west-2", "us-east-1", "eu-west-1")
                        .imageOwners(List.of("amazon"))
                        .instanceProfile(profile(generous))
                        .allowOnDemand(true)
                        .fleets(true)
                        .build());
        Stack abroad = new Stack(
                app,
                "Abroad",
                StackProps.builder()
                        .env(Environment.builder()
                                .account(LocalCloud.ACCOUNT)
                                .region("eu-west-1")
                                .build())
                        .build());
        new SpotEventForwarder(abroad, "SpotEventForwarder", "us-west-2");
    }

    private static InstanceProfile profile(Stack stack) {
        Role role = Role.Builder.create(stack, "InstanceRole")
                .assumedBy(new ServicePrincipal("ec2.amazonaws.com"))
                .build();
        return InstanceProfile.Builder.create(stack, "Profile").role(role).build();
    }

    private static void service(Stack stack, String caller, SpotServiceProps props) {
        SpotService spot = new SpotService(stack, "Spot", props);
        spot.grantInvoke(User.fromUserArn(stack, "Caller", caller));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
        CfnOutput.Builder.create(stack, "SecretName")
                .value(spot.getSecret().orElseThrow().getSecretName())
                .build();
    }
}
