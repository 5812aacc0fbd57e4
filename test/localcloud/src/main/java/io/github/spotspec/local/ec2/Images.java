package io.github.spotspec.local.ec2;

import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Machine images, which differ between regions only by their ids, and the public parameters that name them: the newest
 * images of Amazon, Canonical and Debian for both architectures, and a few unusual images without a parameter.
 */
public final class Images {
    /** The prefix of a public parameter's name. */
    public static final String PARAMETERS = "/aws/service/";

    private static final String AMAZON = "137112412989";
    private static final String CANONICAL = "099720109477";
    private static final String DEBIAN = "136693071363";
    private static final String WINDOWS = "801119661308";
    private static final String ECS = "591542846629";
    private static final String DEEP_LEARNING = "898082745236";
    private static final String SOMEBODY = "999988887777";

    /**
     * A volume that an image creates.
     *
     * @param type EC2's name of the volume type
     */
    public record Volume(String device, int size, String type, boolean root) {}

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

    /**
     * An image of every region.
     *
     * @param suffix the end of its ids
     * @param parameter the public parameter that names it, without the prefix, or empty
     */
    private record Kind(
            String suffix,
            String name,
            String parameter,
            String owner,
            boolean arm,
            String platform,
            boolean ebs,
            List<Volume> volumes) {
        /**
         * Amazon and the verified providers, whose images have this alias, own all images except those of the other
         * account.
         */
        String alias() {
            return owner.equals(SOMEBODY) ? "" : "amazon";
        }
    }

    private static final List<Volume> ROOT = root("/dev/xvda", 8, "gp3");

    private static final List<Kind> KINDS = List.of(
            arm("01", "al2023-arm64", "ami-amazon-linux-latest/al2023-ami-kernel-default-arm64", AMAZON, ROOT),
            x86("02", "al2023-x86_64", "ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", AMAZON, ROOT),
            windows("03", "2025"),
            x86("04", "somebody-x86_64", "", SOMEBODY, ROOT),
            x86(
                    "05",
                    "two-volumes-x86_64",
                    "",
                    AMAZON,
                    List.of(new Volume("/dev/xvda", 8, "gp3", true), new Volume("/dev/sdf", 50, "gp3", false))),
            new Kind("06", "instance-store-x86_64", "", AMAZON, false, "Linux/UNIX", false, List.of()),
            windows("07", "2022"),
            arm(
                    "08",
                    "al2023-minimal-arm64",
                    "ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
                    AMAZON,
                    root("/dev/xvda", 2, "gp3")),
            x86(
                    "09",
                    "al2023-minimal-x86_64",
                    "ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
                    AMAZON,
                    root("/dev/xvda", 2, "gp3")),
            arm("0a", "ubuntu-24.04-arm64", ubuntu("24.04", "arm64", "gp3"), CANONICAL, root("/dev/sda1", 8, "gp3")),
            x86("0b", "ubuntu-24.04-x86_64", ubuntu("24.04", "amd64", "gp3"), CANONICAL, root("/dev/sda1", 8, "gp3")),
            arm("0c", "ubuntu-22.04-arm64", ubuntu("22.04", "arm64", "gp2"), CANONICAL, root("/dev/sda1", 8, "gp2")),
            x86("0d", "ubuntu-22.04-x86_64", ubuntu("22.04", "amd64", "gp2"), CANONICAL, root("/dev/sda1", 8, "gp2")),
            arm("0e", "debian-12-arm64", "debian/release/12/latest/arm64", DEBIAN, ROOT),
            x86("0f", "debian-12-x86_64", "debian/release/12/latest/amd64", DEBIAN, ROOT),
            arm("10", "debian-13-arm64", "debian/release/13/latest/arm64", DEBIAN, ROOT),
            x86("11", "debian-13-x86_64", "debian/release/13/latest/amd64", DEBIAN, ROOT),
            arm("12", "ecs-al2023-arm64", ecs("arm64/"), ECS, root("/dev/xvda", 30, "gp3")),
            x86("13", "ecs-al2023-x86_64", ecs(""), ECS, root("/dev/xvda", 30, "gp3")),
            x86("14", "ecs-al2023-gpu-x86_64", ecs("gpu/"), ECS, root("/dev/xvda", 30, "gp3")),
            x86("15", "ecs-al2023-neuron-x86_64", ecs("neuron/"), ECS, root("/dev/xvda", 30, "gp3")),
            arm(
                    "16",
                    "deep-learning-al2023-arm64",
                    deepLearning("arm64", "amazon-linux-2023"),
                    DEEP_LEARNING,
                    root("/dev/xvda", 75, "gp3")),
            x86(
                    "17",
                    "deep-learning-al2023-x86_64",
                    deepLearning("x86_64", "amazon-linux-2023"),
                    DEEP_LEARNING,
                    root("/dev/xvda", 75, "gp3")),
            arm(
                    "18",
                    "deep-learning-ubuntu-24.04-arm64",
                    deepLearning("arm64", "ubuntu-24.04"),
                    DEEP_LEARNING,
                    root("/dev/sda1", 75, "gp3")),
            x86(
                    "19",
                    "deep-learning-ubuntu-24.04-x86_64",
                    deepLearning("x86_64", "ubuntu-24.04"),
                    DEEP_LEARNING,
                    root("/dev/sda1", 75, "gp3")),
            arm(
                    "1a",
                    "deep-learning-ubuntu-22.04-arm64",
                    deepLearning("arm64", "ubuntu-22.04"),
                    DEEP_LEARNING,
                    root("/dev/sda1", 75, "gp3")),
            x86(
                    "1b",
                    "deep-learning-ubuntu-22.04-x86_64",
                    deepLearning("x86_64", "ubuntu-22.04"),
                    DEEP_LEARNING,
                    root("/dev/sda1", 75, "gp3")));

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
        return parameter.replaceFirst("-kernel-6\\.(1|12|18)-", "-kernel-default-");
    }

    private static Kind arm(String suffix, String name, String parameter, String owner, List<Volume> volumes) {
        return new Kind(suffix, name, parameter, owner, true, "Linux/UNIX", true, volumes);
    }

    private static Kind x86(String suffix, String name, String parameter, String owner, List<Volume> volumes) {
        return new Kind(suffix, name, parameter, owner, false, "Linux/UNIX", true, volumes);
    }

    private static Kind windows(String suffix, String version) {
        return new Kind(
                suffix,
                "windows-" + version,
                "ami-windows-latest/Windows_Server-" + version + "-English-Full-Base",
                WINDOWS,
                false,
                "Windows",
                true,
                root("/dev/sda1", 30, "gp2"));
    }

    private static List<Volume> root(String device, int size, String type) {
        return List.of(new Volume(device, size, type, true));
    }

    private static String ubuntu(String version, String architecture, String volumeType) {
        return "canonical/ubuntu/server/" + version + "/stable/current/" + architecture + "/hvm/ebs-" + volumeType
                + "/ami-id";
    }

    private static String ecs(String variant) {
        return "ecs/optimized-ami/amazon-linux-2023/" + variant + "recommended/image_id";
    }

    private static String deepLearning(String architecture, String system) {
        return "deeplearning/ami/" + architecture + "/base-oss-nvidia-driver-gpu-" + system + "/latest/ami-id";
    }

    private static String id(String region, Kind kind) {
        return "ami-" + "%015x".formatted(region.hashCode() & 0xffffffffL) + kind.suffix();
    }
}
