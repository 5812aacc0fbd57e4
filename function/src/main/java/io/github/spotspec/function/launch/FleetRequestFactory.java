package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.TagValues;
import io.github.spotspec.function.runtime.Sha256;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateLaunchTemplateRequest;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.FleetType;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateBlockDeviceMappingRequest;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RequestLaunchTemplateData;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/**
 * Creates the calls of a launch with EC2 Fleet. The launch template of each image holds what the RunInstances call for
 * the image would hold, so that both ways of launching result in equal instances. The type, the zone or subnet, and the
 * maximum price are in the call to CreateFleet, because IAM authorizes what a call itself contains.
 */
final class FleetRequestFactory {
    /** Always the content with which the template was created. */
    private static final String FIRST_VERSION = "1";

    private final Launch launch;
    private final LaunchId id;
    private final RunInstancesFactory requests;
    private final MaxPrice maxPrice;

    FleetRequestFactory(Launch launch, LaunchId id, RunInstancesFactory requests, MaxPrice maxPrice) {
        this.launch = launch;
        this.id = id;
        this.requests = requests;
        this.maxPrice = maxPrice;
    }

    /** A launch template, with the pools in which a fleet launches from it. */
    record Template(String name, RequestLaunchTemplateData content, List<CapacityPool> pools) {}

    /** Returns the values of the tags of an instance of this launch. */
    TagValues tagValues() {
        return requests.tagValues();
    }

    /** Returns the launch template of each image. */
    List<Template> templates(List<CapacityPool> pools) {
        Map<String, List<CapacityPool>> byImage = new LinkedHashMap<>();
        pools.forEach(pool -> byImage.computeIfAbsent(pool.image().id(), image -> new ArrayList<>())
                .add(pool));
        return byImage.values().stream()
                .map(ofImage -> {
                    RequestLaunchTemplateData content = content(ofImage.getFirst());
                    // The SDK's text omits user data, but the launch's tag holds a hash of it.
                    String hash = Sha256.hex(id.tag() + "\n" + content);
                    return new Template("spotspec-" + hash.substring(0, 40), content, List.copyOf(ofImage));
                })
                .toList();
    }

    /** Returns the call that creates a launch template. */
    CreateLaunchTemplateRequest.Builder create(Template template) {
        return CreateLaunchTemplateRequest.builder()
                .launchTemplateName(template.name())
                .launchTemplateData(template.content())
                .tagSpecifications(requests.tagged(ResourceType.LAUNCH_TEMPLATE));
    }

    /**
     * Returns the call that launches Spot Instances from launch templates. Names the templates by name and not by id,
     * so that the call stays the same if a template must be created again.
     */
    CreateFleetRequest.Builder fleet(List<Template> templates, int count) {
        return CreateFleetRequest.builder()
                .type(FleetType.INSTANT)
                .targetCapacitySpecification(target ->
                        target.totalTargetCapacity(count).defaultTargetCapacityType(DefaultTargetCapacityType.SPOT))
                .spotOptions(spot ->
                        spot.allocationStrategy(launch.pools().allocation().requestName()))
                .launchTemplateConfigs(templates.stream()
                        .map(template -> FleetLaunchTemplateConfigRequest.builder()
                                .launchTemplateSpecification(specification -> specification
                                        .launchTemplateName(template.name())
                                        .version(FIRST_VERSION))
                                .overrides(template.pools().stream()
                                        .map(this::overrides)
                                        .toList())
                                .build())
                        .toList())
                .tagSpecifications(requests.tagged(ResourceType.FLEET, ResourceType.INSTANCE, ResourceType.VOLUME));
    }

    private FleetLaunchTemplateOverridesRequest overrides(CapacityPool pool) {
        FleetLaunchTemplateOverridesRequest.Builder overrides =
                FleetLaunchTemplateOverridesRequest.builder().instanceType(pool.type());
        if (pool.subnet() == null) {
            overrides.availabilityZone(pool.zone());
        } else {
            overrides.subnetId(pool.subnet());
        }
        BigDecimal most = maxPrice.spot(pool);
        if (most != null) {
            overrides.maxPrice(most.toPlainString());
        }
        return overrides.build();
    }

    private RequestLaunchTemplateData content(CapacityPool pool) {
        RunInstancesRequest call = requests.spot(pool, 1).build();
        RequestLaunchTemplateData.Builder content = RequestLaunchTemplateData.builder()
                .imageId(call.imageId())
                .keyName(call.keyName())
                .userData(call.userData())
                .ebsOptimized(call.ebsOptimized())
                .instanceInitiatedShutdownBehavior(call.instanceInitiatedShutdownBehaviorAsString())
                .metadataOptions(
                        options -> options.httpTokens(call.metadataOptions().httpTokensAsString())
                                .httpPutResponseHopLimit(call.metadataOptions().httpPutResponseHopLimit())
                                .instanceMetadataTags(call.metadataOptions().instanceMetadataTagsAsString()))
                .blockDeviceMappings(call.blockDeviceMappings().stream()
                        .map(FleetRequestFactory::device)
                        .toList())
                // A call to CreateFleet cannot tag spot requests.
                .tagSpecifications(requests.tagged(ResourceType.SPOT_INSTANCES_REQUEST).stream()
                        .map(tags -> LaunchTemplateTagSpecificationRequest.builder()
                                .resourceType(tags.resourceType())
                                .tags(tags.tags())
                                .build())
                        .toList());
        if (call.hasSecurityGroups()) {
            content.securityGroups(call.securityGroups());
        }
        if (call.hasSecurityGroupIds()) {
            content.securityGroupIds(call.securityGroupIds());
        }
        if (call.monitoring() != null) {
            content.monitoring(
                    monitoring -> monitoring.enabled(call.monitoring().enabled()));
        }
        if (call.iamInstanceProfile() != null) {
            content.iamInstanceProfile(
                    profile -> profile.arn(call.iamInstanceProfile().arn()));
        }
        return content.build();
    }

    private static LaunchTemplateBlockDeviceMappingRequest device(BlockDeviceMapping mapping) {
        return LaunchTemplateBlockDeviceMappingRequest.builder()
                .deviceName(mapping.deviceName())
                .ebs(ebs -> ebs.encrypted(mapping.ebs().encrypted())
                        .deleteOnTermination(mapping.ebs().deleteOnTermination())
                        .volumeSize(mapping.ebs().volumeSize())
                        .volumeType(mapping.ebs().volumeTypeAsString())
                        .iops(mapping.ebs().iops())
                        .throughput(mapping.ebs().throughput()))
                .build();
    }
}
