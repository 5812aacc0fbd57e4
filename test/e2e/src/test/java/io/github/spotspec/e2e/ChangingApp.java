package io.github.spotspec.e2e;

import io.github.spotspec.infra.SpotCredentials;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.AmazonLinux2023ImageSsmParameterProps;
import software.amazon.awscdk.services.ec2.AmazonLinuxCpuType;
import software.amazon.awscdk.services.ec2.MachineImage;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.iam.User;

/**
 * An app whose limits are known only at deployment. A template parameter names the subnet. The instance profile is
 * replaced when its path changes. A parameter of Systems Manager names the image. The arguments are the caller and the
 * path.
 */
final class ChangingApp {
    static final String STACK = "Changing";
    static final String PARAMETER = "SubnetId";

    private ChangingApp() {}

    static void stacks(App app, String... args) {
        Stack stack = new Stack(app, STACK);
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .credentials(SpotCredentials.functionRole())
                        .subnets(Subnet.fromSubnetId(
                                stack, "Subnet", new CfnParameter(stack, PARAMETER).getValueAsString()))
                        .instanceProfile(InstanceProfile.Builder.create(stack, "Profile")
                                .path(args[1])
                                .role(Role.Builder.create(stack, "InstanceRole")
                                        .assumedBy(new ServicePrincipal("ec2.amazonaws.com"))
                                        .build())
                                .build())
                        .images(MachineImage.latestAmazonLinux2023(AmazonLinux2023ImageSsmParameterProps.builder()
                                        .cpuType(AmazonLinuxCpuType.ARM_64)
                                        .build())
                                .getImage(stack)
                                .getImageId())
                        .build());
        spot.grantInvoke(User.fromUserArn(stack, "Caller", args[0]));
        CfnOutput.Builder.create(stack, "Url").value(spot.getUrl()).build();
    }
}
