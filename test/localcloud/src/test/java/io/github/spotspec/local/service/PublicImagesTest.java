package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.spotspec.local.Json;
import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.service.SmallCloud.Answer;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the public images and the parameters of Systems Manager that name them. */
final class PublicImagesTest {
    private static final SmallCloud CLOUD = new SmallCloud();

    @BeforeAll
    static void allowAnn() {
        CLOUD.allow("ec2:DescribeImages", "*");
        CLOUD.put("ssm", PolicyTexts.statement("Allow", "ssm:GetParameter", "*"));
    }

    private static Answer parameter(String name) {
        return CLOUD.json("ssm", "GetParameter", "{\"Name\":\"/aws/service/" + name + "\"}");
    }

    private static Answer image(String region, String id) {
        return CLOUD.ec2(region, "Action", "DescribeImages", "ImageId.1", id);
    }

    @ParameterizedTest
    @CsvSource({
        "ami-amazon-linux-latest/al2023-ami-kernel-default-arm64, arm64, Linux/UNIX, /dev/xvda, 8",
        "ami-amazon-linux-latest/al2023-ami-kernel-6.12-x86_64, x86_64, Linux/UNIX, /dev/xvda, 8",
        "ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64, arm64, Linux/UNIX, /dev/xvda, 2",
        "ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64, x86_64, Linux/UNIX, /dev/xvda, 2",
        "canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id, arm64, Linux/UNIX, /dev/sda1, 8",
        "canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id, x86_64, Linux/UNIX, /dev/sda1, 8",
        "canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id, arm64, Linux/UNIX, /dev/sda1, 8",
        "canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id, x86_64, Linux/UNIX, /dev/sda1, 8",
        "debian/release/12/latest/arm64, arm64, Linux/UNIX, /dev/xvda, 8",
        "debian/release/12/latest/amd64, x86_64, Linux/UNIX, /dev/xvda, 8",
        "debian/release/13/latest/arm64, arm64, Linux/UNIX, /dev/xvda, 8",
        "debian/release/13/latest/amd64, x86_64, Linux/UNIX, /dev/xvda, 8",
        "ami-windows-latest/Windows_Server-2022-English-Full-Base, x86_64, Windows, /dev/sda1, 30",
        "ami-windows-latest/Windows_Server-2025-English-Full-Base, x86_64, Windows, /dev/sda1, 30",
        "ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id, arm64, Linux/UNIX, /dev/xvda, 30",
        "ecs/optimized-ami/amazon-linux-2023/recommended/image_id, x86_64, Linux/UNIX, /dev/xvda, 30",
        "ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id, x86_64, Linux/UNIX, /dev/xvda, 30",
        "ecs/optimized-ami/amazon-linux-2023/neuron/recommended/image_id, x86_64, Linux/UNIX, /dev/xvda, 30",
        "deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id, arm64, Linux/UNIX,"
                + " /dev/xvda, 75",
        "deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-24.04/latest/ami-id, x86_64, Linux/UNIX,"
                + " /dev/sda1, 75"
    })
    void parameterNamesImage(String name, String architecture, String platform, String device, String size) {
        Answer image = image("us-east-1", (String) value(parameter(name)));

        assertEquals(architecture, image.element("architecture"));
        assertEquals(platform, image.element("platformDetails"));
        assertEquals(device, image.element("rootDeviceName"));
        assertEquals(size, image.element("volumeSize"));
        assertEquals("amazon", image.element("imageOwnerAlias"));
    }

    private static Object value(Answer answer) {
        Map<?, ?> parameter =
                (Map<?, ?>) Objects.requireNonNull(Json.object(answer.text()).get("Parameter"));
        return Objects.requireNonNull(parameter.get("Value"));
    }

    @Test
    void parameterDoesNotNameImageOfAnotherArchitecture() {
        assertEquals(
                400,
                parameter("ecs/optimized-ami/amazon-linux-2023/arm64/gpu/recommended/image_id")
                        .status());
        assertEquals(
                400,
                parameter("ami-amazon-linux-latest/al2023-ami-kernel-5.10-arm64")
                        .status());
    }

    @Test
    void everyRegionHasItsOwnImages() {
        String name = "/aws/service/debian/release/13/latest/arm64";
        String here = CLOUD.parameters.get("us-east-1", name);
        for (String region : Geography.regions()) {
            String id = CLOUD.parameters.get(region, name);

            assertEquals(200, image(region, id).status(), region);
            if (!region.equals("us-east-1")) {
                assertNotEquals(here, id, region);
                assertEquals("InvalidAMIID.NotFound", image(region, here).element("Code"), region);
            }
        }
    }
}
