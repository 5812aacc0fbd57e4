package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** EC2's prices, types, images, subnets, zones and scores. Guarded by its {@link FakeEc2}. */
public final class FakeCatalog {
    /** An image of Amazon with one volume. */
    public static final String AMI = "ami-0123456789abcdef0";

    /** The newest image of Amazon Linux 2023 for arm64. */
    public static final String AL2023_ARM64 = "ami-0a2023000000000a6";

    /** The newest image of Amazon Linux 2023 for x86_64. */
    public static final String AL2023_X86_64 = "ami-0a202300000000086";

    /** The newest image of Windows Server 2025. */
    public static final String WINDOWS_2025 = "ami-0b202500000000086";

    /** The time since which prices are in effect, unless a test says otherwise. */
    private static final String SINCE = "2026-03-01T10:00:00Z";

    private record Price(String zone, String type, String product, String price, String since) {}

    private record Type(String name, int vcpu, int mebibytes, String architecture, String encryption) {}

    private final List<Price> prices = Collections.synchronizedList(new ArrayList<>());
    private final List<Type> types = new ArrayList<>();
    private final Map<String, String> gpus = new LinkedHashMap<>();
    private final Map<String, Integer> neuronDevices = new LinkedHashMap<>();
    private final Map<String, Integer> localStorage = new LinkedHashMap<>();
    private final Set<String> burstable = new HashSet<>();
    private final Set<String> unknown = new HashSet<>();
    private final Set<String> hibernating = new HashSet<>();
    private final Map<String, String> images = new LinkedHashMap<>();
    private final Map<String, String> subnets = new LinkedHashMap<>();
    private final Map<String, Integer> scores = new LinkedHashMap<>();

    FakeCatalog() {
        image(AMI, "137112412989", "amazon", "Linux/UNIX", "/dev/xvda", "/dev/xvda");
        image(AL2023_ARM64, "137112412989", "amazon", "Linux/UNIX", "/dev/xvda", "/dev/xvda");
        architecture(AL2023_ARM64, "arm64");
        image(AL2023_X86_64, "137112412989", "amazon", "Linux/UNIX", "/dev/xvda", "/dev/xvda");
        architecture(AL2023_X86_64, "x86_64");
        image(WINDOWS_2025, "801119661308", "amazon", "Windows", "/dev/sda1", "/dev/sda1");
        architecture(WINDOWS_2025, "x86_64");
    }

    /** Sets the price of a pool of Linux instances, in place of its previous price. */
    public FakeCatalog price(String zone, String type, String price) {
        prices.removeIf(one -> one.zone().equals(zone) && one.type().equals(type));
        return price(zone, type, "Linux/UNIX", price);
    }

    public FakeCatalog price(String zone, String type, String product, String price) {
        return priceSince(zone, type, product, price, SINCE);
    }

    /** Adds a price to the history of a pool. */
    public FakeCatalog priceSince(String zone, String type, String product, String price, String since) {
        prices.add(new Price(zone, type, product, price, since));
        return this;
    }

    public FakeCatalog type(String name, int vcpu, int gibibytes, String architecture) {
        types.add(new Type(name, vcpu, gibibytes * 1_024, architecture, "supported"));
        return this;
    }

    /** Gives a type whole GPUs. */
    public FakeCatalog gpus(String type, String model, int count) {
        return gpus(type, model, count, count, "1.0");
    }

    /** Gives a type a part of a GPU, which EC2 counts as 0 GPUs. */
    public FakeCatalog partOfGpu(String type, String model, String fraction) {
        return gpus(type, model, 0, 1, fraction);
    }

    private FakeCatalog gpus(String type, String model, int count, int logicalCount, String fraction) {
        gpus.put(
                type,
                "<gpuInfo>"
                        + list(
                                "gpus",
                                List.of(element("name", model)
                                        + element("count", count)
                                        + element("logicalGpuCount", logicalCount)
                                        + element("gpuPartitionSize", fraction)))
                        + "</gpuInfo>");
        return this;
    }

    /** Gives a type Neuron devices. */
    public FakeCatalog neuronDevices(String type, int count) {
        neuronDevices.put(type, count);
        return this;
    }

    /** Gives a type an instance store of this many GB. */
    public FakeCatalog localStorage(String type, int gigabytes) {
        localStorage.put(type, gigabytes);
        return this;
    }

    /** Makes a type a burstable performance instance type. */
    public FakeCatalog burstable(String type) {
        burstable.add(type);
        return this;
    }

    /** Makes a type unknown in a region; any other type exists when it is requested by name. */
    public FakeCatalog withoutType(String region, String type) {
        unknown.add(region + " " + type);
        return this;
    }

    /** Makes a type support hibernation. */
    public FakeCatalog hibernating(String type) {
        hibernating.add(type);
        return this;
    }

    /** Adds an x86_64 type without support for encrypted volumes, like EC2's oldest types. */
    public FakeCatalog typeWithoutEncryption(String name, int vcpu, int gibibytes) {
        types.add(new Type(name, vcpu, gibibytes * 1_024, "x86_64", "unsupported"));
        return this;
    }

    /**
     * Adds an image. Its root has 8 GiB; its other volumes have 50 GiB and are not deleted on termination.
     *
     * @param alias EC2's alias of a well-known owner
     * @param root the device of the root volume, or null if it is not an EBS volume
     */
    public void image(
            String id, String owner, @Nullable String alias, String product, @Nullable String root, String... devices) {
        images.put(
                id,
                element("imageId", id)
                        + element("imageOwnerId", owner)
                        + element("imageOwnerAlias", alias)
                        + element("rootDeviceType", root == null ? "instance-store" : "ebs")
                        + element("rootDeviceName", root)
                        + element("platformDetails", product)
                        + list(
                                "blockDeviceMapping",
                                List.of(devices).stream()
                                        .map(device -> element("deviceName", device) + "<ebs>"
                                                + element("snapshotId", "snap-" + device.hashCode())
                                                + element("volumeSize", device.equals(root) ? 8 : 50)
                                                + element("deleteOnTermination", device.equals(root)) + "</ebs>")
                                        .toList()));
    }

    /** Makes an image part of an AWS Marketplace product. */
    public FakeCatalog marketplace(String image) {
        images.computeIfPresent(
                image,
                (id, xml) -> xml
                        + list(
                                "productCodes",
                                List.of(element("productCode", "5sku") + element("type", "marketplace"))));
        return this;
    }

    /** Sets the type and the IOPS of an image's volumes. */
    public FakeCatalog provisioned(String image, String type, int iops) {
        images.computeIfPresent(
                image,
                (id, xml) -> xml.replace("</ebs>", element("volumeType", type) + element("iops", iops) + "</ebs>"));
        return this;
    }

    /** Sets the provisioned throughput of the volumes of an image. */
    public FakeCatalog throughput(String image, int mebibytes) {
        images.computeIfPresent(image, (id, xml) -> xml.replace("</ebs>", element("throughput", mebibytes) + "</ebs>"));
        return this;
    }

    /** Sets the architecture of an image. */
    public FakeCatalog architecture(String image, String architecture) {
        images.computeIfPresent(image, (id, xml) -> xml + element("architecture", architecture));
        return this;
    }

    public FakeCatalog subnet(String id, String zone) {
        subnets.put(id, zone);
        return this;
    }

    /** Sets the score of a zone. */
    public FakeCatalog score(String zone, int score) {
        scores.put(zone, score);
        return this;
    }

    String zoneOf(String subnet) {
        return Objects.requireNonNull(subnets.get(subnet));
    }

    @Nullable
    BigDecimal price(String zone, String type) {
        return prices.stream()
                .filter(one -> one.zone().equals(zone) && one.type().equals(type))
                .findFirst()
                .map(one -> new BigDecimal(one.price()))
                .orElse(null);
    }

    AwsResponse answer(AwsCall call) {
        return switch (call.action()) {
            case "DescribeSpotPriceHistory" -> prices(call);
            case "DescribeInstanceTypes" -> types(call);
            case "DescribeImages" -> images(call);
            case "DescribeSubnets" -> subnets(call);
            case "GetSpotPlacementScores" -> scores(call);
            case "DescribeAvailabilityZones" -> zones(call);
            default -> AwsResponse.error(400, "InvalidAction", "The tests' EC2 does not know " + call.action() + ".");
        };
    }

    private AwsResponse prices(AwsCall call) {
        List<String> asType = call.list("InstanceType");
        List<String> asProduct = call.list("ProductDescription");
        List<String> zones = call.filter("availability-zone");
        List<String> ids = call.filter("availability-zone-id");
        return AwsResponse.prices(
                "",
                prices.stream()
                        .filter(one -> one.zone().startsWith(call.region())
                                && (asType.isEmpty() || asType.contains(one.type()))
                                && (asProduct.isEmpty() || asProduct.contains(one.product()))
                                && (zones == null || zones.contains(one.zone()))
                                && (ids == null || ids.contains(idOf(one.zone()))))
                        .map(one -> AwsResponse.priceRecord(
                                one.zone(), one.type(), one.product(), one.price(), one.since()))
                        .toArray(String[]::new));
    }

    /** Returns a type's architecture. Of a type that was not added, the name decides, as in EC2: m7g is arm64. */
    private String architecture(String name) {
        return types.stream()
                .filter(type -> type.name().equals(name))
                .map(Type::architecture)
                .findFirst()
                .orElse(name.matches("[a-z]+[0-9]+g[a-z]*[.].*") ? "arm64" : "x86_64");
    }

    private static String processor(String architecture) {
        return "<processorInfo>" + list("supportedArchitectures", List.of(architecture)) + "</processorInfo>";
    }

    private AwsResponse types(AwsCall call) {
        List<String> names = call.filter("instance-type");
        if (names != null) {
            return AwsResponse.of(
                    call.action(),
                    list(
                            "instanceTypeSet",
                            names.stream()
                                    .filter(name -> !unknown.contains(call.region() + " " + name))
                                    .map(name -> element("instanceType", name)
                                            + processor(architecture(name))
                                            + element("hibernationSupported", hibernating.contains(name))
                                            + memory(name))
                                    .toList()));
        }
        return AwsResponse.of(
                call.action(),
                list(
                        "instanceTypeSet",
                        types.stream()
                                .filter(type -> passes(type, call))
                                .map(this::describe)
                                .toList()));
    }

    /** Returns the memory of a type that was added. */
    private String memory(String name) {
        return types.stream()
                .filter(type -> type.name().equals(name))
                .map(type -> "<memoryInfo>" + element("sizeInMiB", type.mebibytes()) + "</memoryInfo>")
                .findFirst()
                .orElse("");
    }

    private boolean passes(Type type, AwsCall call) {
        String name = type.name();
        Integer storage = localStorage.get(name);
        return passes(call, "vcpu-info.default-vcpus", type.vcpu())
                && passes(call, "processor-info.supported-architecture", type.architecture())
                && passes(call, "ebs-info.encryption-support", type.encryption())
                && passes(call, "burstable-performance-supported", burstable.contains(name))
                && passes(call, "instance-storage-supported", storage != null)
                && passes(call, "instance-storage-info.total-size-in-gb", storage);
    }

    private static boolean passes(AwsCall call, String filter, @Nullable Object value) {
        List<String> values = call.filter(filter);
        return values == null || values.contains(String.valueOf(value));
    }

    private String describe(Type type) {
        String name = type.name();
        Integer storage = localStorage.get(name);
        return element("instanceType", name)
                + element("burstablePerformanceSupported", burstable.contains(name))
                + "<vCpuInfo>" + element("defaultVCpus", type.vcpu()) + "</vCpuInfo>"
                + "<memoryInfo>" + element("sizeInMiB", type.mebibytes()) + "</memoryInfo>"
                + gpus.getOrDefault(name, "")
                + (neuronDevices.containsKey(name)
                        ? "<neuronInfo>"
                                + list("neuronDevices", List.of(element("count", neuronDevices.get(name))))
                                + "</neuronInfo>"
                        : "")
                + (storage == null
                        ? ""
                        : "<instanceStorageInfo>" + element("totalSizeInGB", storage) + "</instanceStorageInfo>");
    }

    private AwsResponse images(AwsCall call) {
        List<String> ids = call.list("ImageId");
        return ids.stream()
                .filter(id -> !images.containsKey(id))
                .findFirst()
                .map(id ->
                        AwsResponse.error(400, "InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist"))
                .orElseGet(() -> AwsResponse.of(
                        call.action(),
                        list("imagesSet", ids.stream().map(images::get).toList())));
    }

    private AwsResponse subnets(AwsCall call) {
        List<String> ids = Objects.requireNonNull(call.filter("subnet-id"));
        return AwsResponse.of(
                call.action(),
                list(
                        "subnetSet",
                        subnets.entrySet().stream()
                                .filter(subnet -> ids.contains(subnet.getKey())
                                        && subnet.getValue().startsWith(call.region()))
                                .map(subnet -> element("subnetId", subnet.getKey())
                                        + element("availabilityZone", subnet.getValue())
                                        + element("availabilityZoneId", idOf(subnet.getValue())))
                                .toList()));
    }

    private AwsResponse scores(AwsCall call) {
        List<String> regions = call.list("RegionName");
        boolean perZone = call.has("SingleAvailabilityZone=true");
        Map<String, String> items = new LinkedHashMap<>();
        scores.forEach((zone, score) -> {
            String region = FakeEc2.regionOf(zone);
            if (regions.contains(region)) {
                items.putIfAbsent(
                        perZone ? zone : region,
                        element("region", region)
                                + element("availabilityZoneId", perZone ? idOf(zone) : null)
                                + element("score", score));
            }
        });
        return AwsResponse.of(call.action(), list("spotPlacementScoreSet", List.copyOf(items.values())));
    }

    private AwsResponse zones(AwsCall call) {
        return AwsResponse.of(
                call.action(),
                list(
                        "availabilityZoneInfo",
                        scores.keySet().stream()
                                .filter(zone -> zone.startsWith(call.region()))
                                .map(zone -> element("zoneName", zone) + element("zoneId", idOf(zone)))
                                .toList()));
    }

    /** Numbers zones from the end of the alphabet, so that tests fail if code takes an id's number for its letter. */
    static String idOf(String zone) {
        String region = FakeEc2.regionOf(zone);
        String code = region.replaceAll("-([a-z])[a-z]*", "$1").replace("-", "");
        String suffix = zone.substring(region.length());
        return suffix.length() == 1
                ? code + "-az" + ('d' - suffix.charAt(0) + 1)
                : code + suffix.replaceAll("-([0-9])[a-z]$", "$1-az1").replaceAll("wlz-([0-9])$", "wlz$1");
    }
}
