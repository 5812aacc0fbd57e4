package io.github.spotspec.function.ec2;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The short names of public images. Each name stands for the Systems Manager parameter of the newest image, one for
 * each architecture, because the architecture of an instance type determines which image it can run.
 */
public final class ImageNames {
    private static final String DEEP_LEARNING = "/aws/service/deeplearning/ami/";
    private static final String ECS = "/aws/service/ecs/optimized-ami/amazon-linux-2023/";

    private static final Map<String, Parameters> NAMES = names(
            both("al2023", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-", "arm64", "x86_64", ""),
            both(
                    "al2023-minimal",
                    "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-",
                    "arm64",
                    "x86_64",
                    ""),
            both(
                    "ubuntu-24.04",
                    "/aws/service/canonical/ubuntu/server/24.04/stable/current/",
                    "arm64",
                    "amd64",
                    "/hvm/ebs-gp3/ami-id"),
            both(
                    "ubuntu-22.04",
                    "/aws/service/canonical/ubuntu/server/22.04/stable/current/",
                    "arm64",
                    "amd64",
                    "/hvm/ebs-gp2/ami-id"),
            both("debian-13", "/aws/service/debian/release/13/latest/", "arm64", "amd64", ""),
            both("debian-12", "/aws/service/debian/release/12/latest/", "arm64", "amd64", ""),
            onlyX86("windows-2025", "/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base"),
            onlyX86("windows-2022", "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"),
            both("ecs-al2023", ECS, "arm64/", "", "recommended/image_id"),
            onlyX86("ecs-al2023-gpu", ECS + "gpu/recommended/image_id"),
            onlyX86("ecs-al2023-neuron", ECS + "neuron/recommended/image_id"),
            both(
                    "deep-learning-al2023",
                    DEEP_LEARNING,
                    "arm64",
                    "x86_64",
                    "/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"),
            both(
                    "deep-learning-ubuntu-24.04",
                    DEEP_LEARNING,
                    "arm64",
                    "x86_64",
                    "/base-oss-nvidia-driver-gpu-ubuntu-24.04/latest/ami-id"),
            both(
                    "deep-learning-ubuntu-22.04",
                    DEEP_LEARNING,
                    "arm64",
                    "x86_64",
                    "/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id"));

    /** The parameters of one name. Null means that there is no such image for the architecture. */
    private record Parameters(
            String name, @Nullable String arm64, @Nullable String x86) {}

    private ImageNames() {}

    /** Returns whether a text is a short name. */
    public static boolean isName(String text) {
        return NAMES.containsKey(text);
    }

    /** Returns all short names, the most common first. */
    public static List<String> names() {
        return List.copyOf(NAMES.keySet());
    }

    /**
     * Returns the name of the public parameter that holds the id of the newest image, or nothing if there is no such
     * short name or no such image for the architecture.
     *
     * @param architecture EC2's name, such as {@code arm64} or {@code x86_64}
     */
    public static Optional<String> parameter(String name, String architecture) {
        Parameters parameters = NAMES.get(name);
        if (parameters == null) {
            return Optional.empty();
        }
        return switch (architecture) {
            case "arm64" -> Optional.ofNullable(parameters.arm64());
            case "x86_64" -> Optional.ofNullable(parameters.x86());
            default -> Optional.empty();
        };
    }

    private static Parameters both(String name, String before, String arm64, String x86, String after) {
        return new Parameters(name, before + arm64 + after, before + x86 + after);
    }

    private static Parameters onlyX86(String name, String parameter) {
        return new Parameters(name, null, parameter);
    }

    private static Map<String, Parameters> names(Parameters... all) {
        Map<String, Parameters> names = new LinkedHashMap<>();
        for (Parameters one : all) {
            names.put(one.name(), one);
        }
        return names;
    }
}
