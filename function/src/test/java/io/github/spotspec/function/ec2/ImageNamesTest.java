package io.github.spotspec.function.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the short names of public images against the parameters that AWS, Canonical and Debian document. */
final class ImageNamesTest {
    @ParameterizedTest
    @CsvSource({
        "al2023, arm64, /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "al2023, x86_64, /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "al2023-minimal, arm64, /aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
        "al2023-minimal, x86_64, /aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
        "ubuntu-24.04, arm64, /aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id",
        "ubuntu-24.04, x86_64, /aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "ubuntu-22.04, arm64, /aws/service/canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id",
        "ubuntu-22.04, x86_64, /aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
        "debian-13, arm64, /aws/service/debian/release/13/latest/arm64",
        "debian-13, x86_64, /aws/service/debian/release/13/latest/amd64",
        "debian-12, arm64, /aws/service/debian/release/12/latest/arm64",
        "debian-12, x86_64, /aws/service/debian/release/12/latest/amd64",
        "windows-2025, x86_64, /aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base",
        "windows-2022, x86_64, /aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
        "ecs-al2023, arm64, /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
        "ecs-al2023, x86_64, /aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "ecs-al2023-gpu, x86_64, /aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id",
        "ecs-al2023-neuron, x86_64, /aws/service/ecs/optimized-ami/amazon-linux-2023/neuron/recommended/image_id",
        "deep-learning-al2023, arm64,"
                + " /aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id",
        "deep-learning-al2023, x86_64,"
                + " /aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id",
        "deep-learning-ubuntu-24.04, arm64,"
                + " /aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-ubuntu-24.04/latest/ami-id",
        "deep-learning-ubuntu-22.04, x86_64,"
                + " /aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id"
    })
    void namesNewestImageOfArchitecture(String name, String architecture, String parameter) {
        assertTrue(ImageNames.isName(name));
        assertEquals(Optional.of(parameter), ImageNames.parameter(name, architecture));
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-2025", "windows-2022", "ecs-al2023-gpu", "ecs-al2023-neuron"})
    void someImagesAreOnlyForX86(String name) {
        assertEquals(Optional.empty(), ImageNames.parameter(name, "arm64"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AL2023", "al2023 ", "ubuntu", "ami-0123456789abcdef0", "resolve:ssm:/aws/service/x"})
    void rejectsOtherNames(String text) {
        assertFalse(ImageNames.isName(text));
        assertEquals(Optional.empty(), ImageNames.parameter(text, "x86_64"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "amd64", "i386", "x86_64_mac"})
    void hasNoImageForOtherArchitectures(String architecture) {
        assertEquals(Optional.empty(), ImageNames.parameter("al2023", architecture));
    }

    @Test
    void everyNameHasItsOwnParameters() {
        List<String> parameters = ImageNames.names().stream()
                .flatMap(name -> Stream.of("arm64", "x86_64")
                        .flatMap(architecture -> ImageNames.parameter(name, architecture).stream()))
                .toList();

        assertTrue(ImageNames.names().stream().allMatch(ImageNames::isName));
        assertEquals(parameters.size(), new HashSet<>(parameters).size());
    }
}
