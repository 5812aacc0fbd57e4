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

/** Rejects policies and settings that are longer than IAM and Lambda allow. */
final class QuotaValidationTest {
    /** The regions that are enabled in every account by default. */
    static final List<String> REGIONS = List.of(
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

    /** The number of subnets that fit into a policy for these regions, with MFA. */
    private static final int MAX_SUBNETS = 12;

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

    /** Long names that are only in the settings, because no policy of a deployment without launches contains them. */
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
    void acceptsPolicyUpToIamLimit() {
        Synthesis synthesis = withSubnets(MAX_SUBNETS);
        int length = synthesis.all("AWS::IAM::ManagedPolicy").stream()
                .mapToInt(policy -> length(policy.get("PolicyDocument")))
                .max()
                .orElseThrow();

        assertTrue(length > 6_000 && length <= 6_144, length + " characters");
    }

    @Test
    void rejectsPolicyOverIamLimitAtSynthesis() {
        String message = errorMessage(() -> withSubnets(MAX_SUBNETS + 3));

        assertTrue(
                message.matches("(?s).*\\[Test/Spot/OperatorLaunchPolicy\\].* 6,[0-9]{3} .*6,144.*'subnets'.*"),
                message);
    }

    @Test
    void rejectsSettingsOverLambdaLimitAtSynthesis() {
        Resource function = withKeyPairs(36).only("AWS::Lambda::Function", "SpotFunction");
        int length = length(function.get("Environment")) - "{\"Variables\":}".length();

        assertTrue(length > 3_900 && length <= 4_096, length + " bytes");

        String message = errorMessage(() -> withKeyPairs(42));
        assertTrue(message.matches("(?s).*\\[Test/Spot/Function\\].* 4,[0-9]{3} .*4,096.*'keyPairs'.*"), message);
        assertFalse(message.contains("Policy]"), message);
    }
}
