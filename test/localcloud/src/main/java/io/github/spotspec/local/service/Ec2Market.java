package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.Ec2Api.failIfDryRun;
import static io.github.spotspec.local.service.Ec2Api.filters;
import static io.github.spotspec.local.service.Ec2Api.fits;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.market.Capacity;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.Hardware;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** EC2's actions on what can be launched: prices, scores, types, zones, images, subnets. */
final class Ec2Market {
    private static final int MAX_RESULTS = 1_000;
    private static final int MAX_TYPES = 100;
    private static final Duration MEMORY = Duration.ofDays(90);

    /** Every fifth page is empty and still has a next page, as EC2's pages can. */
    private static final int EMPTY_PAGE_EVERY = 5;

    private final SpotMarket market;
    private final Capacity capacity;
    private final Images images;
    private final Network network;
    private final InstantSource clock;
    private final Map<String, List<SpotMarket.Pool>> pools = new ConcurrentHashMap<>();

    Ec2Market(SpotMarket market, Capacity capacity, Images images, Network network, InstantSource clock) {
        this.market = market;
        this.capacity = capacity;
        this.images = images;
        this.network = network;
        this.clock = clock;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of(
                "DescribeSpotPriceHistory", this::describeSpotPriceHistory,
                "GetSpotPlacementScores", this::getSpotPlacementScores,
                "DescribeInstanceTypes", this::describeInstanceTypes,
                "DescribeAvailabilityZones", this::describeAvailabilityZones,
                "DescribeImages", this::describeImages,
                "DescribeSubnets", this::describeSubnets);
    }

    private Consumer<Xml> describeSpotPriceHistory(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> types = params.list("InstanceType");
        List<String> products = params.list("ProductDescription");
        Map<String, List<String>> filters = filters(
                params, List.of("availability-zone", "availability-zone-id", "instance-type", "product-description"));
        String zone = params.text("AvailabilityZone");
        String zoneId = params.text("AvailabilityZoneId");
        Instant now = clock.instant();
        Instant from = orElse(params.time("StartTime"), Instant.EPOCH);
        Instant to = earlier(orElse(params.time("EndTime"), now), now);
        int most = params.whole("MaxResults", MAX_RESULTS);
        String token = params.text("NextToken");
        int page = token == null ? 0 : Ec2Api.number(token);
        call.authorize("ec2:DescribeSpotPriceHistory", "*");
        failIfDryRun(dryRun);
        if (zone != null && zoneId != null) {
            throw new AwsError(
                    400,
                    "InvalidParameterCombination",
                    "Either AvailabilityZone or AvailabilityZoneId can be specified, but not both.");
        }
        Instant oldest = now.minus(MEMORY);
        Instant start = earlier(from.isBefore(oldest) ? oldest : from, to);

        // It is uncertain whether EC2 rejects a type that does not exist. Here that type has no price. The function
        // handles both.
        boolean empty = page % EMPTY_PAGE_EVERY == EMPTY_PAGE_EVERY - 1;
        int size = Math.clamp(most, 1, MAX_RESULTS);
        // Reads one more price than fits, to find out whether there are more. Finds no price if the whole period is
        // older than EC2's history.
        List<SpotMarket.Price> found = to.isBefore(oldest)
                ? List.of()
                : pools.computeIfAbsent(call.region(), market::pools).stream()
                        .filter(pool -> fits(types, pool.type().name())
                                && fits(products, pool.product())
                                && (zone == null || zone.equals(pool.zone()))
                                && (zoneId == null || zoneId.equals(pool.zoneId()))
                                && fits(filters, "availability-zone-id", pool.zoneId())
                                && fits(filters, "availability-zone", pool.zone())
                                && fits(filters, "instance-type", pool.type().name())
                                && fits(filters, "product-description", pool.product()))
                        .flatMap(pool -> market.history(pool, start, to).stream())
                        .skip((long) (page - page / EMPTY_PAGE_EVERY) * size)
                        .limit(size + 1L)
                        .toList();
        List<SpotMarket.Price> shown = empty ? List.of() : found.subList(0, Math.min(size, found.size()));
        boolean more = found.size() > shown.size();
        return xml -> xml.list(
                        "spotPriceHistorySet",
                        "item",
                        shown,
                        (item, price) -> item.put(
                                        "instanceType", price.pool().type().name())
                                .put("productDescription", price.pool().product())
                                .put("spotPrice", price.price().toPlainString())
                                .put("timestamp", price.since())
                                .put("availabilityZone", price.pool().zone())
                                .put("availabilityZoneId", price.pool().zoneId()))
                .put("nextToken", more ? Ec2Api.token(page + 1) : "");
    }

    private record Score(String region, @Nullable String zoneId, int score) {}

    private Consumer<Xml> getSpotPlacementScores(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> types = params.list("InstanceType");
        List<String> regions = params.list("RegionName");
        int count = params.whole("TargetCapacity", 0);
        boolean perZone = params.flag("SingleAvailabilityZone");
        params.text("NextToken");
        call.authorize("ec2:GetSpotPlacementScores", "*");
        failIfDryRun(dryRun);
        if (types.isEmpty() || count < 1 || regions.size() > 10) {
            throw new AwsError(400, "InvalidParameterValue", "The configuration is not valid.");
        }
        // Compares the text, because EC2 counts the same types in another order as another configuration.
        if (!capacity.canScore(types + " " + regions + count + perZone)) {
            throw new AwsError(
                    400,
                    "MaxConfigLimitExceeded",
                    "You have exceeded your maximum allowed Spot placement configurations.");
        }
        List<Score> scores = new ArrayList<>();
        for (String region : regions.isEmpty() ? Geography.regions() : regions) {
            List<Score> zones = Geography.zones(region).stream()
                    .map(zone -> new Score(region, zone.id(), score(types, zone.name(), count)))
                    .toList();
            if (perZone) {
                scores.addAll(zones);
            } else {
                scores.add(new Score(
                        region,
                        null,
                        zones.stream().mapToInt(Score::score).max().orElse(1)));
            }
        }
        return xml -> xml.list(
                "spotPlacementScoreSet",
                "item",
                scores,
                (item, score) -> item.put("region", score.region())
                        .put("availabilityZoneId", score.zoneId())
                        .put("score", score.score()));
    }

    private int score(List<String> types, String zone, int count) {
        if (types.size() < 3) {
            return 1;
        }
        int room = types.stream()
                .mapToInt(type -> capacity.spot(type, zone, clock.instant()))
                .sum();
        return Math.clamp(room / Math.max(1, count * 2L), 1, 9);
    }

    private Consumer<Xml> describeInstanceTypes(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> types = params.list("InstanceType");
        Map<String, List<String>> filters = filters(
                params,
                List.of(
                        "instance-type",
                        "supported-usage-class",
                        "ebs-info.encryption-support",
                        "processor-info.supported-architecture",
                        "vcpu-info.default-vcpus",
                        "burstable-performance-supported",
                        "instance-storage-supported",
                        "instance-storage-info.total-size-in-gb"));
        int size = Math.clamp(params.whole("MaxResults", MAX_TYPES), 5, MAX_TYPES);
        String token = params.text("NextToken");
        call.authorize("ec2:DescribeInstanceTypes", "*");
        failIfDryRun(dryRun);
        List<Catalog.Type> found = Catalog.all().values().stream()
                .filter(type -> fits(types, type.name())
                        && fits(filters, "instance-type", type.name())
                        && fits(filters, "supported-usage-class", "spot")
                        && fits(filters, "ebs-info.encryption-support", encryption(type))
                        && fits(filters, "processor-info.supported-architecture", architecture(type.arm()))
                        && fits(filters, "vcpu-info.default-vcpus", Integer.toString(type.vcpus()))
                        && fits(filters, "burstable-performance-supported", Boolean.toString(type.burstable()))
                        && fits(filters, "instance-storage-supported", Boolean.toString(hasStorage(type)))
                        && fits(
                                filters,
                                "instance-storage-info.total-size-in-gb",
                                hasStorage(type)
                                        ? Integer.toString(type.hardware().storageGB())
                                        : ""))
                .toList();
        Ec2Api.Page<Catalog.Type> page = Ec2Api.page(found, size, token);
        return xml -> xml.list("instanceTypeSet", "item", page.shown(), Ec2Market::instanceType)
                .put("nextToken", page.next());
    }

    private static void instanceType(Xml item, Catalog.Type type) {
        item.put("instanceType", type.name())
                .put("hibernationSupported", type.hibernation())
                .list("supportedUsageClasses", "item", List.of("on-demand", "spot"), Xml::text)
                .put("burstablePerformanceSupported", type.burstable())
                .put("instanceStorageSupported", hasStorage(type))
                .nest("vCpuInfo", info -> info.put("defaultVCpus", type.vcpus()))
                .nest("memoryInfo", info -> info.put("sizeInMiB", type.memoryMiB()))
                .nest("ebsInfo", info -> info.put("encryptionSupport", encryption(type)))
                .nest(
                        "processorInfo",
                        info -> info.list(
                                "supportedArchitectures", "item", List.of(architecture(type.arm())), Xml::text));
        Hardware.Gpus gpus = type.hardware().gpus();
        if (gpus != null) {
            item.nest(
                    "gpuInfo",
                    info -> info.list(
                                    "gpus",
                                    "item",
                                    List.of(gpus),
                                    (gpu, of) -> gpu.put("name", of.model())
                                            .put("manufacturer", of.manufacturer())
                                            .put("count", of.count())
                                            .put("logicalGpuCount", of.logicalCount())
                                            .put(
                                                    "gpuPartitionSize",
                                                    of.partitionSize().toPlainString())
                                            .nest("memoryInfo", memory -> memory.put("sizeInMiB", of.memoryMiB())))
                            .put("totalGpuMemoryInMiB", gpus.logicalCount() * gpus.memoryMiB()));
        }
        Hardware.NeuronDevices devices = type.hardware().neuronDevices();
        if (devices != null) {
            item.nest(
                    "neuronInfo",
                    info -> info.list(
                                    "neuronDevices",
                                    "item",
                                    List.of(devices),
                                    (device, of) -> device.put("name", of.name())
                                            .put("count", of.count())
                                            .nest(
                                                    "coreInfo",
                                                    core -> core.put("count", of.cores())
                                                            .put("version", of.coreVersion()))
                                            .nest("memoryInfo", memory -> memory.put("sizeInMiB", of.memoryMiB())))
                            .put("totalNeuronDeviceMemoryInMiB", devices.count() * devices.memoryMiB()));
        }
        if (hasStorage(type)) {
            item.nest(
                    "instanceStorageInfo",
                    info -> info.put("totalSizeInGB", type.hardware().storageGB()));
        }
    }

    private static boolean hasStorage(Catalog.Type type) {
        return type.hardware().storageGB() > 0;
    }

    private Consumer<Xml> describeAvailabilityZones(ApiCall call, Params params) {
        boolean all = params.flag("AllAvailabilityZones");
        call.authorize("ec2:DescribeAvailabilityZones", "*");
        String region = call.region();
        List<Geography.Zone> zones = Geography.zones(region);
        return xml -> xml.nest("availabilityZoneInfo", info -> {
            for (Geography.Zone zone : zones) {
                info.nest(
                        "item",
                        item -> zone(item, zone, region, "availability-zone", region + "-zg-1")
                                .put("optInStatus", "opt-in-not-required"));
            }
            for (Geography.EdgeZone edge : Geography.edgeZones(region)) {
                if (all || edge.optedIn()) {
                    info.nest(
                            "item",
                            item -> zone(item, edge.zone(), region, edge.type(), edge.group())
                                    .put("optInStatus", edge.optedIn() ? "opted-in" : "not-opted-in")
                                    .put(
                                            "parentZoneName",
                                            zones.get(edge.parent()).name())
                                    .put(
                                            "parentZoneId",
                                            zones.get(edge.parent()).id()));
                }
            }
        });
    }

    private static Xml zone(Xml item, Geography.Zone zone, String region, String type, String group) {
        return item.put("zoneName", zone.name())
                .put("zoneId", zone.id())
                .put("zoneType", type)
                .put("zoneState", "available")
                .put("groupName", group)
                .put("regionName", region);
    }

    private Consumer<Xml> describeImages(ApiCall call, Params params) {
        List<String> ids = params.list("ImageId");
        call.authorize("ec2:DescribeImages", "*");
        List<Images.Image> found =
                ids.stream().map(id -> images.get(call.region(), id)).toList();
        return xml -> xml.list(
                "imagesSet",
                "item",
                found,
                (item, image) -> item.put("imageId", image.id())
                        .put("imageState", "available")
                        .put("imageOwnerId", image.ownerId())
                        .put("imageOwnerAlias", image.ownerAlias().isEmpty() ? null : image.ownerAlias())
                        .put("isPublic", true)
                        .put("architecture", architecture(image.arm()))
                        .put("name", image.name())
                        .put("platformDetails", image.platform())
                        .put("rootDeviceType", image.ebs() ? "ebs" : "instance-store")
                        .put("rootDeviceName", root(image))
                        .list(
                                "blockDeviceMapping",
                                "item",
                                image.volumes(),
                                (mapping, volume) -> mapping.put("deviceName", volume.device())
                                        .nest(
                                                "ebs",
                                                ebs -> ebs.put("volumeSize", volume.size())
                                                        .put("volumeType", volume.type())
                                                        .put("encrypted", false)
                                                        .put("deleteOnTermination", volume.root()))));
    }

    private static String root(Images.Image image) {
        return image.volumes().stream()
                .filter(Images.Volume::root)
                .map(Images.Volume::device)
                .findFirst()
                .orElse("/dev/sda1");
    }

    private Consumer<Xml> describeSubnets(ApiCall call, Params params) {
        Map<String, List<String>> filters = filters(params, List.of("subnet-id"));
        params.whole("MaxResults", MAX_RESULTS);
        call.authorize("ec2:DescribeSubnets", "*");
        List<Network.Subnet> found = network.subnets(call.region()).stream()
                .filter(subnet -> fits(filters, "subnet-id", subnet.id()))
                .toList();
        return xml -> xml.list(
                "subnetSet",
                "item",
                found,
                (item, subnet) -> item.put("subnetId", subnet.id())
                        .put("vpcId", subnet.vpc())
                        .put("availabilityZone", subnet.zone())
                        .put("availabilityZoneId", subnet.zoneId())
                        .put("state", "available")
                        .put("defaultForAz", subnet.isDefault())
                        .put("mapPublicIpOnLaunch", subnet.mapsPublicIp())
                        .put("ownerId", subnet.owner()));
    }

    private static String encryption(Catalog.Type type) {
        return type.encryption() ? "supported" : "unsupported";
    }

    private static String architecture(boolean arm) {
        return arm ? "arm64" : "x86_64";
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
