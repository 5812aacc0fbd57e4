package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.MachineImage;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.InstanceProfileAttributes;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.secretsmanager.Secret;

/** The version description, which changes with values that are known only at deployment. */
final class VersionDescriptionTest {
    /** A prop with a value that is known only at deployment. */
    private record Case(String name, BiFunction<Stack, String, SpotServiceProps.Builder> props) {}

    private static List<Case> props() {
        return List.of(
                new Case("regions", (stack, value) -> builder().regions(value)),
                new Case("images", (stack, value) -> builder().images(value)),
                new Case("defaultImage", (stack, value) -> builder().defaultImage(value)),
                new Case("imageOwners", (stack, value) -> builder().imageOwners(value)),
                new Case("subnets", (stack, value) -> builder().subnets(Subnet.fromSubnetId(stack, "S", value))),
                new Case(
                        "securityGroups",
                        (stack, value) ->
                                builder().securityGroups(SecurityGroup.fromSecurityGroupId(stack, "G", value))),
                new Case("keyPairs", (stack, value) -> builder().keyPairs(KeyPair.fromKeyPairName(stack, "K", value))),
                new Case(
                        "instanceProfile",
                        (stack, value) -> builder()
                                .instanceProfile(InstanceProfile.fromInstanceProfileAttributes(
                                        stack,
                                        "I",
                                        InstanceProfileAttributes.builder()
                                                .instanceProfileArn(value)
                                                .role(Role.fromRoleArn(stack, "R", Deployments.INSTANCE_ROLE))
                                                .build()))),
                new Case(
                        "credentials",
                        (stack, value) -> builder()
                                .credentials(SpotCredentials.secret(Secret.fromSecretCompleteArn(stack, "C", value)))),
                new Case("encryptionKey", (stack, value) -> builder().encryptionKey(Key.fromKeyArn(stack, "E", value))),
                new Case(
                        "logGroup",
                        (stack, value) -> builder().logGroup(LogGroup.fromLogGroupName(stack, "L", value))));
    }

    private static SpotServiceProps.Builder builder() {
        return SpotServiceProps.builder().tasks(SpotTask.PRICE, SpotTask.LAUNCH);
    }

    private static String description(Synthesis synthesis) {
        return String.valueOf(
                synthesis.only("AWS::Lambda::Version").properties().get("Description"));
    }

    /** Returns the description of a service without secrets, which has only the values of the props. */
    private static String description(Function<Stack, SpotServiceProps.Builder> props) {
        return description(Synthesis.of(stack -> new SpotService(
                stack,
                "Spot",
                props.apply(stack).credentials(SpotCredentials.functionRole()).build())));
    }

    private static List<ISubnet> subnets(Stack stack, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Subnet.fromSubnetId(
                        stack, "Subnet" + i, new CfnParameter(stack, "Value" + i).getValueAsString()))
                .toList();
    }

    @Test
    void containsParameterValues() {
        // One app for all props, because a synthesis is slow.
        App app = Synthesis.app(Map.of());
        Map<String, Stack> stacks = new TreeMap<>();
        for (Case prop : props()) {
            Stack stack = new Stack(app, prop.name());
            new SpotService(
                    stack,
                    "Spot",
                    prop.props()
                            .apply(stack, new CfnParameter(stack, "Value").getValueAsString())
                            .build());
            stacks.put(prop.name(), stack);
        }

        stacks.forEach((prop, stack) -> {
            String description = description(Synthesis.of(stack));
            assertTrue(List.of(description.split(" ")).contains("${Value}"), prop + ": " + description);
        });
    }

    @Test
    void containsResourceNames() {
        assertTrue(description(stack -> builder()
                        .instanceProfile(InstanceProfile.Builder.create(stack, "Profile")
                                .role(Role.Builder.create(stack, "InstanceRole")
                                        .assumedBy(new ServicePrincipal("ec2.amazonaws.com"))
                                        .build())
                                .build()))
                .matches("[$][{]Profile[0-9A-F]{8}[.]Arn[}]"));
    }

    @Test
    void containsSsmParametersAndMappings() {
        String description = description(stack -> builder()
                .images(
                        MachineImage.latestAmazonLinux2023().getImage(stack).getImageId(),
                        MachineImage.genericLinux(Map.of("us-west-2", "ami-0123456789abcdef0"))
                                .getImage(stack)
                                .getImageId()));

        assertTrue(description.matches("[$][{]Ssm.+[}] [$][{].+[.]us-west-2[.]ami[}]"), description);
    }

    @Test
    void containsEachValueOnce() {
        assertEquals("${Value}", description(stack -> {
            String value = new CfnParameter(stack, "Value").getValueAsString();
            return builder().images(value, value, "ami-0123456789abcdef0");
        }));
    }

    @Test
    void omitsValuesInTheTemplate() {
        assertEquals(
                "null",
                description(stack -> builder()
                        .regions(Aws.REGION, "us-east-1")
                        .imageOwners(Aws.ACCOUNT_ID)
                        .images("ami-0123456789abcdef0")
                        .keyPairs(KeyPair.fromKeyPairName(stack, "Key", "dev"))));
    }

    @Test
    void containsGeneratedSecretsIfThereIsRoom() {
        Synthesis few = Synthesis.of(stack ->
                new SpotService(stack, "Spot", SpotServiceProps.builder().build()));
        assertTrue(
                description(few)
                        .matches("[$][{]SpotOperatorSecret[0-9A-F]{8}[}] [$][{]SpotSessionSecret[0-9A-F]{8}[}]"),
                description(few));

        Synthesis many = Synthesis.of(stack -> new SpotService(
                stack, "Spot", builder().subnets(subnets(stack, 14)).build()));
        assertEquals(14, description(many).split(" ").length, description(many));
    }

    @Test
    void rejectsMoreValuesThanFit() {
        assertRejected(
                () -> description(stack -> builder()
                        .images(new CfnParameter(stack, "Image").getValueAsString())
                        .subnets(subnets(stack, 14))),
                "'images' (1)",
                "'subnets' (14)",
                "269");
    }
}
