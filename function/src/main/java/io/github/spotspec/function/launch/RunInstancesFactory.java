package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.ec2.Images.Image;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.TagValues;
import io.github.spotspec.function.ec2.Tags;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.EbsBlockDevice;
import software.amazon.awssdk.services.ec2.model.HttpTokensState;
import software.amazon.awssdk.services.ec2.model.IamInstanceProfileSpecification;
import software.amazon.awssdk.services.ec2.model.InstanceMarketOptionsRequest;
import software.amazon.awssdk.services.ec2.model.InstanceMetadataTagsState;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.Placement;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.ShutdownBehavior;
import software.amazon.awssdk.services.ec2.model.SpotInstanceType;
import software.amazon.awssdk.services.ec2.model.SpotMarketOptions;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * Creates the RunInstances calls of a launch. Spot and on-demand calls share one base. Only spot calls get market
 * options, so a fallback to on-demand cannot carry them.
 */
final class RunInstancesFactory {
    private final Launch launch;
    private final Map<String, String> tags;
    private final MaxPrice maxPrice;
    private final @Nullable String instanceProfile;
    private final @Nullable Integer metadataHopLimit;
    private final Map<String, List<BlockDeviceMapping>> volumesByImage = new HashMap<>();
    private final Instant validUntil;

    /**
     * Creates the factory from what all calls of the launch share.
     *
     * @param pools the pools that calls are created for
     * @param tags the deployment's and the caller's tags
     * @throws ServiceException if an image creates a larger volume than the deployment allows
     */
    RunInstancesFactory(
            Launch launch,
            List<CapacityPool> pools,
            Map<String, String> tags,
            MaxPrice maxPrice,
            GuardRails guardRails,
            Instant now) {
        this.launch = launch;
        this.tags = tags;
        this.maxPrice = maxPrice;
        this.instanceProfile = guardRails.instanceLimits().profile();
        Integer requested = launch.settings().metadataHopLimit();
        this.metadataHopLimit = requested == null ? guardRails.instanceLimits().defaultMetadataHopLimit() : requested;
        pools.stream()
                .map(CapacityPool::image)
                .distinct()
                .forEach(image -> volumesByImage.put(image.id(), volumes(launch, image, guardRails)));
        // After the longest lease, a persistent request must not launch again, even if the keeper fails. Rounded to the
        // minute like the lease, so that EC2 treats a retry within the same minute as the same call.
        this.validUntil = ManagedTags.leaseEnd(now, guardRails.leases().maxLease());
    }

    /** Returns a call that launches Spot Instances. */
    RunInstancesRequest.Builder spot(CapacityPool pool, int count) {
        SpotMarketOptions.Builder spot = SpotMarketOptions.builder()
                .instanceInterruptionBehavior(launch.market().interruption().ec2Name())
                .spotInstanceType(SpotInstanceType.ONE_TIME);
        if (launch.market().interruption() != Launch.InterruptionBehavior.TERMINATE) {
            // EC2 stops and hibernates only the instances of persistent requests.
            spot.spotInstanceType(SpotInstanceType.PERSISTENT).validUntil(validUntil);
        }
        BigDecimal most = maxPrice.spot(pool);
        if (most != null) {
            spot.maxPrice(most.toPlainString());
        }
        return base(pool, count)
                .instanceInitiatedShutdownBehavior(shutdown())
                .instanceMarketOptions(InstanceMarketOptionsRequest.builder()
                        .marketType(MarketType.SPOT)
                        .spotOptions(spot.build())
                        .build())
                .tagSpecifications(
                        tagged(ResourceType.INSTANCE, ResourceType.VOLUME, ResourceType.SPOT_INSTANCES_REQUEST));
    }

    /**
     * Returns what EC2 does when an instance shuts itself down. Instances of persistent requests stop, which is EC2's
     * default, because a persistent request launches again what was terminated.
     */
    private ShutdownBehavior shutdown() {
        return launch.market().interruption() == Launch.InterruptionBehavior.TERMINATE
                ? ShutdownBehavior.TERMINATE
                : ShutdownBehavior.STOP;
    }

    /** Returns a call that launches On-Demand Instances. */
    RunInstancesRequest.Builder onDemand(CapacityPool pool, int count) {
        return base(pool, count).tagSpecifications(tagged(ResourceType.INSTANCE, ResourceType.VOLUME));
    }

    private RunInstancesRequest.Builder base(CapacityPool pool, int count) {
        RunInstancesRequest.Builder request = RunInstancesRequest.builder()
                .imageId(pool.image().id())
                .instanceType(pool.type())
                .minCount(1)
                .maxCount(count)
                .keyName(launch.settings().keyName())
                .userData(launch.settings().userData())
                .ebsOptimized(launch.settings().ebsOptimized())
                .instanceInitiatedShutdownBehavior(ShutdownBehavior.TERMINATE)
                .metadataOptions(options -> options.httpTokens(HttpTokensState.REQUIRED)
                        .httpPutResponseHopLimit(metadataHopLimit)
                        .instanceMetadataTags(metadataTags()))
                .blockDeviceMappings(
                        Objects.requireNonNull(volumesByImage.get(pool.image().id())));
        if (pool.subnet() == null) {
            request.placement(Placement.builder().availabilityZone(pool.zone()).build());
        } else {
            request.subnetId(pool.subnet());
        }
        if (!launch.settings().securityGroups().isEmpty()) {
            request.securityGroups(launch.settings().securityGroups());
        }
        if (!launch.settings().securityGroupIds().isEmpty()) {
            request.securityGroupIds(launch.settings().securityGroupIds());
        }
        if (launch.settings().monitoring() != null) {
            request.monitoring(
                    monitoring -> monitoring.enabled(launch.settings().monitoring()));
        }
        if (instanceProfile != null) {
            request.iamInstanceProfile(IamInstanceProfileSpecification.builder()
                    .arn(instanceProfile)
                    .build());
        }
        return request;
    }

    /**
     * Returns whether the instance shows its tags, and with them its lease, in its metadata. With a tag that EC2 does
     * not show there, the launch would fail. The call then says so, because the account's default may differ.
     */
    private InstanceMetadataTagsState metadataTags() {
        return tags.keySet().stream().allMatch(Tags::isAllowedInMetadata)
                ? InstanceMetadataTagsState.ENABLED
                : InstanceMetadataTagsState.DISABLED;
    }

    /**
     * Returns the volumes of the launch and of the image. All are encrypted, because the operator's policy requires it.
     * EC2 takes from the image what a device mapping leaves out, such as the snapshot. The mappings state the sizes,
     * because AWS does not document whether the policy applies to a size that only the image states. Volumes are
     * deleted with their instances unless the caller says otherwise, whatever the image says, so that nothing outlives
     * a lease and costs money without the caller's request.
     */
    private static List<BlockDeviceMapping> volumes(Launch launch, Image image, GuardRails guardRails) {
        Map<String, EbsBlockDevice> devices = new LinkedHashMap<>();
        for (Images.Volume volume : image.volumes()) {
            devices.put(volume.device(), deletedOnTermination(volume.size()));
        }
        if (image.rootDevice() != null) {
            devices.putIfAbsent(image.rootDevice(), deletedOnTermination(null));
        }
        for (Launch.Volume volume : launch.settings().volumes()) {
            String device = volume.device() == null ? image.rootDevice() : volume.device();
            if (device == null) {
                throw new ServiceException(
                        ErrorCode.INVALID_VALUE,
                        "'volumeSize' sets the size of the root volume, but the root of image " + image.id()
                                + " is not an EBS volume.");
            }
            if (volume.device() == null) {
                // Another mapping of the root device may set more than the size, so only the size is replaced.
                devices.computeIfPresent(
                        device,
                        (root, ebs) -> ebs.toBuilder().volumeSize(volume.size()).build());
                continue;
            }
            EbsBlockDevice ofImage = devices.get(device);
            devices.put(
                    device,
                    EbsBlockDevice.builder()
                            .encrypted(true)
                            .deleteOnTermination(volume.deleteOnTermination())
                            .volumeSize(volume.size() == null && ofImage != null ? ofImage.volumeSize() : volume.size())
                            .volumeType(volume.type())
                            .iops(volume.iops())
                            .throughput(volume.throughput())
                            .build());
        }
        // The caller's own values were checked before.
        for (Images.Volume volume : image.volumes()) {
            EbsBlockDevice ebs = Objects.requireNonNull(devices.get(volume.device()));
            boolean ofImage = ebs.volumeTypeAsString() == null;
            guardRails
                    .volumes()
                    .check(
                            "Image " + image.id() + "'s volume " + volume.device(),
                            ebs.volumeSize(),
                            ofImage ? volume.type() : ebs.volumeTypeAsString(),
                            ofImage && ebs.iops() == null ? volume.iops() : ebs.iops(),
                            ofImage && ebs.throughput() == null ? volume.throughput() : ebs.throughput());
        }
        return devices.entrySet().stream()
                .map(device -> BlockDeviceMapping.builder()
                        .deviceName(device.getKey())
                        .ebs(device.getValue())
                        .build())
                .toList();
    }

    private static EbsBlockDevice deletedOnTermination(@Nullable Integer size) {
        return EbsBlockDevice.builder()
                .encrypted(true)
                .deleteOnTermination(true)
                .volumeSize(size)
                .build();
    }

    /** Returns the values of the tags of an instance of this launch. */
    TagValues tagValues() {
        return TagValues.of(tagList());
    }

    /** Returns the tags of the launch for new resources of these types. */
    List<TagSpecification> tagged(ResourceType... types) {
        List<Tag> all = tagList();
        List<TagSpecification> specifications = new ArrayList<>();
        for (ResourceType type : types) {
            specifications.add(
                    TagSpecification.builder().resourceType(type).tags(all).build());
        }
        return specifications;
    }

    private List<Tag> tagList() {
        return tags.entrySet().stream()
                .map(tag ->
                        Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                .toList();
    }

    /** Returns the deployment's tags for a launch, together with the caller's tags. */
    static Map<String, String> tags(
            String service, Instant lease, LaunchId id, String caller, MaxPrice maxPrice, Launch launch) {
        Map<String, String> tags = new TreeMap<>(launch.tags());
        if (launch.lifetime().endWhenIdle() != null) {
            tags.put(Tags.END_WHEN_IDLE, launch.lifetime().endWhenIdle().toString());
        }
        tags.put(Tags.ALLOCATION, launch.pools().allocation().requestName());
        tags.put(Tags.SERVICE, service);
        tags.put(Tags.LEASE, lease.toString());
        tags.put(Tags.REQUEST, id.tag());
        BigDecimal most = maxPrice.limit();
        if (most != null) {
            tags.put(Tags.MAX_PRICE, most.toPlainString());
        }
        // Only an ARN can be longer than a tag's value. The service's name must stay whole because policies name it.
        tags.put(Tags.CALLER, Tags.value(caller));
        return tags;
    }
}
