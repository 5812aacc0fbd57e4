package io.github.spotspec.infra;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.Subnet;

/** Documents as long as IAM and Lambda take them, and longer ones. */
final class QuotaValidationTest {
    /** The regions that an account has without asking for more. */
    private static final List<String> REGIONS = List.of(
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2");

    /** So many subnets fit into a policy for these regions, with MFA. */
    private static final int MAX_SUBNETS = 13;

    private static Synthesis withSubnets(int count) {
        return Synthesis.of(stack -> new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions(REGIONS)
                        .subnets(IntStream.range(10, 10 + count)
                                .mapToObj(i -> "subnet-0123456789abcde" + i)
                                .map(id -> Subnet.fromSubnetId(stack, id, id))
                                .toList())
                        .build()));
    }

    private static Synthesis withKeyPairs(int count) {
        return Synthesis.of(
                stack -> new SpotService(stack, "Spot", keyPairs(stack, count).build()));
    }

    /** Names that are long in the settings, and in no policy, since nothing is launched. */
    private static SpotServiceProps.Builder keyPairs(Stack stack, int count) {
        return SpotServiceProps.builder()
                .tasks(SpotTask.PRICE)
                .keyPairs(IntStream.range(0, count)
                        .mapToObj(i -> "key-%03d-\"%s\"".formatted(i, "x".repeat(80)))
                        .map(name -> KeyPair.fromKeyPairName(stack, name, name))
                        .toList());
    }

    private static String errorMessage(Runnable synthesis) {
        return String.valueOf(
                assertThrows(RuntimeException.class, synthesis::run).getMessage());
    }

    private static int length(Object document) {
        try {
            return new ObjectMapper().writeValueAsString(document).length();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPolicyAsLongAsIamTakesFits() {
        Synthesis synthesis = withSubnets(MAX_SUBNETS);
        int length = synthesis.all("AWS::IAM::ManagedPolicy").stream()
                .mapToInt(policy -> length(policy.get("PolicyDocument")))
                .max()
                .orElseThrow();

        assertTrue(length > 6_000 && length <= 6_144, length + " characters");
    }

    @Test
    void aPolicyThatIamWouldRefuseInTheMiddleOfTheDeploymentIsRefusedBefore() {
        String refusal = errorMessage(() -> withSubnets(MAX_SUBNETS + 3));

        assertTrue(
                refusal.matches("(?s).*\\[Test/Spot/OperatorLaunchPolicy\\] the operator's policy would have 6,[0-9]{3}"
                        + " characters, and IAM takes 6,144 at most; name fewer 'regions', .*'subnets', .*"),
                refusal);
    }

    @Test
    void settingsThatLambdaWouldRefuseAreRefusedBefore() {
        Resource function = withKeyPairs(36).only("AWS::Lambda::Function", "SpotFunction");
        int length = length(function.get("Environment")) - "{\"Variables\":}".length();

        assertTrue(length > 3_900 && length <= 4_096, length + " bytes");

        String refusal = errorMessage(() -> withKeyPairs(42));
        assertTrue(
                refusal.matches("(?s).*\\[Test/Spot/Function\\] the function's settings would have 4,[0-9]{3} bytes,"
                        + " and Lambda takes 4,096 at most; name fewer .*"),
                refusal);
        assertFalse(refusal.contains("the operator's policy"), refusal);
    }
}
