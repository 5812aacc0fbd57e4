package io.github.spotspec.local.ec2;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A few machine images, which differ between regions only by their ids, and the public parameters that name them. */
public final class Images {
    /** The prefix of a public parameter's name. */
    public static final String PARAMETERS = "/aws/service/";

    private static final String AMAZON = "137112412989";
    private static final String SOMEBODY = "999988887777";

    /** A volume that an image creates. */
    public record Volume(String device, int size, boolean root) {}

    /**
     * A machine image.
     *
     * @param platform EC2's PlatformDetails
     * @param ebs whether the root volume is an EBS volume
     */
    public record Image(
            String id,
            String region,
            String name,
            String ownerId,
            String ownerAlias,
            boolean arm,
            String platform,
            boolean ebs,
            List<Volume> volumes) {}

    private record Kind(
            String suffix,
            String name,
            String parameter,
            String owner,
            String alias,
            boolean arm,
            String platform,
            boolean ebs,
            List<Volume> volumes) {}

    private static final List<Volume> ROOT = List.of(new Volume("/dev/xvda", 8, true));

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "01",
                    "al2023-arm64",
                    "ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
                    AMAZON,
                    "amazon",
                    true,
                    "Linux/UNIX",
                    true,
                    ROOT),
            new Kind(
                    "02",
                    "al2023-x86_64",
                    "ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
                    AMAZON,
                    "amazon",
                    false,
                    "Linux/UNIX",
                    true,
                    ROOT),
            new Kind(
                    "03",
                    "windows-2025",
                    "ami-windows-latest/Windows_Server-2025-English-Full-Base",
                    AMAZON,
                    "amazon",
                    false,
                    "Windows",
                    true,
                    List.of(new Volume("/dev/sda1", 30, true))),
            new Kind("04", "somebody-x86_64", "", SOMEBODY, "", false, "Linux/UNIX", true, ROOT),
            new Kind(
                    "05",
                    "two-volumes-x86_64",
                    "",
                    AMAZON,
                    "amazon",
                    false,
                    "Linux/UNIX",
                    true,
                    List.of(new Volume("/dev/xvda", 8, true), new Volume("/dev/sdf", 50, false))),
            new Kind("06", "instance-store-x86_64", "", AMAZON, "amazon", false, "Linux/UNIX", false, List.of()));

    private final Map<String, Image> images = new ConcurrentSkipListMap<>();

    /** The ids of newer images that public parameters name, by region and parameter. */
    private final Map<String, String> released = new ConcurrentHashMap<>();

    /** Creates the images of the given regions. */
    public Images(List<String> regions) {
        for (String region : regions) {
            for (Kind kind : KINDS) {
                String id = id(region, kind);
                images.put(
                        id,
                        new Image(
                                id,
                                region,
                                kind.name(),
                                kind.owner(),
                                kind.alias(),
                                kind.arm(),
                                kind.platform(),
                                kind.ebs(),
                                kind.volumes()));
            }
        }
    }

    /** Returns an image of a region. */
    public Image get(String region, String id) {
        Image image = images.get(id);
        if (image == null || !image.region().equals(region)) {
            throw new AwsError(400, "InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
        }
        return image;
    }

    /** Returns the id of the image with a name. */
    public String id(String region, String name) {
        return images.values().stream()
                .filter(image -> image.region().equals(region) && image.name().equals(name))
                .findFirst()
                .orElseThrow()
                .id();
    }

    /** Returns the value of a public parameter. */
    public String parameter(String region, String name) {
        return KINDS.stream()
                .filter(kind ->
                        !kind.parameter().isEmpty() && defaultKernel(name).equals(PARAMETERS + kind.parameter()))
                .findFirst()
                .map(kind -> released.getOrDefault(region + defaultKernel(name), id(region, kind)))
                .orElseThrow(() -> new AwsError(400, "ParameterNotFound", "Parameter " + name + " not found."));
    }

    /** Releases a newer image and returns its id. A public parameter of the region then names that image. */
    public String release(String region, String parameter) {
        Image before = get(region, parameter(region, parameter));
        // A higher id is listed after the earlier ones.
        String id = "ami-" + "%017x".formatted(Long.parseLong(before.id().substring(4), 16) + 0x100);
        images.put(
                id,
                new Image(
                        id,
                        region,
                        before.name() + "-newer",
                        before.ownerId(),
                        before.ownerAlias(),
                        before.arm(),
                        before.platform(),
                        before.ebs(),
                        before.volumes()));
        released.put(region + defaultKernel(parameter), id);
        return id;
    }

    /**
     * Returns the parameter for the default kernel. Images of Amazon Linux with the default kernel also have parameters
     * that name the kernel, which the CDK uses.
     */
    private static String defaultKernel(String parameter) {
        return parameter.replace("-kernel-6.1-", "-kernel-default-");
    }

    private static String id(String region, Kind kind) {
        return "ami-" + "%015x".formatted(region.hashCode() & 0xffffffffL) + kind.suffix();
    }
}
