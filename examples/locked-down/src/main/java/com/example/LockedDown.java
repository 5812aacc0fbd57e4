package com.example;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import java.math.BigDecimal;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.sns.Topic;

/** A service with few permissions, most of which need a code from the operator's MFA device. */
public final class LockedDown {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(
                app,
                "LockedDown",
                StackProps.builder()
                        .env(Environment.builder().region("us-west-2").build())
                        .build());
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .tasks(SpotTask.PRICE, SpotTask.INSTANCES, SpotTask.LAUNCH, SpotTask.EXTEND, SpotTask.END)
                        .mfaTasks(SpotTask.LAUNCH, SpotTask.EXTEND, SpotTask.END)
                        .instanceTypes("m7g.*", "c7g.*")
                        .images(List.of("ami-0123456789abcdef0"))
                        .subnets(List.of(
                                Subnet.fromSubnetId(stack, "SubnetA", "subnet-0123456789abcdef0"),
                                Subnet.fromSubnetId(stack, "SubnetB", "subnet-0123456789abcdef1")))
                        .securityGroups(List.of(
                                SecurityGroup.fromSecurityGroupId(stack, "Workers", "sg-0123456789abcdef0")))
                        .maxInstances(4)
                        .maxPrice(new BigDecimal("0.20"))
                        .maxVolumeSize(Size.gibibytes(50))
                        .defaultLease(Duration.hours(2))
                        .maxLease(Duration.hours(12))
                        // Lambda keeps 100 of an account's concurrency unreserved. New accounts have a quota of 10 and
                        // must omit this prop, or ask AWS to raise the quota first.
                        .reservedConcurrency(5)
                        .rotateKeyEvery(Duration.days(90))
                        .encryptionKey(Key.Builder.create(stack, "Key")
                                .enableKeyRotation(true)
                                .build())
                        .alarmTopic(Topic.Builder.create(stack, "Alarms")
                                .enforceSsl(true)
                                .build())
                        .build());
        spot.grantInvoke(Role.fromRoleName(stack, "Developers", "developers"));
        spot.getOperator().ifPresent(user -> CfnOutput.Builder.create(stack, "Operator")
                .value(user.getUserName())
                .build());
        spot.getMfaSerialNumber().ifPresent(serial -> CfnOutput.Builder.create(stack, "MfaSerialNumber")
                .value(serial)
                .build());
        CfnOutput.Builder.create(stack, "SpotUrl").value(spot.getUrl()).build();
        app.synth();
    }
}
