package io.github.spotspec.infra;

import static io.github.spotspec.infra.ErrorMessages.assertRejected;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;

/** The allowed regions and the home region of a service. */
final class RegionsTest {
    private static Stack deployedIn(@Nullable String home, String... regions) {
        Stack stack = new Stack(
                Synthesis.app(Map.of()),
                "Test",
                StackProps.builder()
                        .env(Environment.builder().region(home).build())
                        .build());
        SpotServiceProps.Builder props = SpotServiceProps.builder().tasks(SpotTask.PRICE);
        new SpotService(stack, "Spot", (regions.length == 0 ? props : props.regions(regions)).build());
        return stack;
    }

    @ParameterizedTest
    @CsvSource({
        "cn-north-1,aws-cn",
        "us-gov-west-1,aws-us-gov",
        "us-isob-east-1,an isolated partition",
        "eusc-de-east-1,aws-eusc"
    })
    void rejectsHomeRegionInAnotherPartition(String home, String partition) {
        assertRejected(() -> deployedIn(home, "us-west-2"), home, partition);
    }

    @Test
    void acceptsHomeRegionKnownOnlyAtDeployment() {
        assertDoesNotThrow(() -> deployedIn(null));
    }

    @Test
    void warnsAboutRegionUnknownToTheCdk() {
        Annotations.fromStack(deployedIn("us-west-2", "us-west-2", "us-west-3"))
                .hasWarning("/Test/Spot", Match.stringLikeRegexp("us-west-3.*us-west-[12]"));
        Annotations.fromStack(deployedIn("us-west-2", "us-west-2", "mx-central-1"))
                .hasNoWarning("/Test/Spot", Match.anyValue());
    }

    @Test
    void forwarderRejectsInvalidHomeRegion() {
        for (String wrong : new String[] {"us-wset-2", "cn-north-1"}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new SpotEventForwarder(
                            new Stack(Synthesis.app(Map.of()), "Abroad"), "SpotEventForwarder", wrong));
        }
    }
}
