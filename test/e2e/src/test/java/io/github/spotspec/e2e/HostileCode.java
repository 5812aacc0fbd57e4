package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.spotspec.local.iam.Identities.AccessKey;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.HttpTokensState;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * Calls EC2 with the operator's key, as hostile code in the function could, in the deployments of {@link GuardedApp}.
 */
final class HostileCode {
    static final String DENIED = "UnauthorizedOperation";
    static final String ALLOWED = "DryRunOperation";
    static final String GUARDED = "Guarded/Spot@us-west-2";

    private final LocalDeployment service;
    private final String image;
    private final String subnet;
    private final String group;

    HostileCode(LocalDeployment service) {
        this.service = service;
        this.image = GuardRailsIT.image(service);
        this.subnet = GuardRailsIT.subnets(service).getFirst();
        this.group = GuardRailsIT.group(service);
    }

    /** Returns an EC2 client with the operator's key. */
    Ec2Client operatorClient(String stack, String region) {
        AccessKey key = OperatorSecretFormat.parse(service.secret(stack));
        return service.client(Ec2Client.builder(), region, key).build();
    }

    /** Dry-runs a launch that the guarded deployment allows, apart from a change. */
    String dryRunLaunch(Ec2Client ec2, Consumer<RunInstancesRequest.Builder> change) {
        RunInstancesRequest.Builder run = RunInstancesRequest.builder()
                .dryRun(true)
                .minCount(1)
                .maxCount(1)
                .imageId(image)
                .instanceType(InstanceType.M7_G_LARGE)
                .subnetId(subnet)
                .securityGroupIds(group)
                .keyName("dev")
                .blockDeviceMappings(volume(8, true))
                .metadataOptions(options -> options.httpTokens(HttpTokensState.REQUIRED))
                .instanceMarketOptions(market -> market.marketType(MarketType.SPOT))
                .tagSpecifications(tags(GUARDED, true));
        change.accept(run);
        return errorCode(() -> ec2.runInstances(run.build()));
    }

    static BlockDeviceMapping volume(int size, boolean encrypted) {
        return BlockDeviceMapping.builder()
                .deviceName("/dev/xvda")
                .ebs(ebs -> ebs.volumeSize(size).encrypted(encrypted))
                .build();
    }

    static List<TagSpecification> tags(String service, boolean leased, String... resources) {
        List<String> types =
                resources.length == 0 ? List.of("instance", "volume", "spot-instances-request") : List.of(resources);
        return types.stream()
                .map(type -> {
                    TagSpecification.Builder tags =
                            TagSpecification.builder().resourceType(ResourceType.fromValue(type));
                    Tag own = tag("spotspec:service", service);
                    Tag lease = tag("spotspec:lease", "2030-01-01T00:00:00Z");
                    return (leased ? tags.tags(own, lease) : tags.tags(own)).build();
                })
                .toList();
    }

    static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    static String errorCode(Runnable call) {
        Ec2Exception error = assertThrows(Ec2Exception.class, call::run);
        return error.awsErrorDetails().errorCode();
    }
}
