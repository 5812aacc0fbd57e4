package io.github.spotspec.infra;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;

/** Warnings about home regions without Function URLs. */
final class FunctionUrlRegionsTest {
    private static Annotations deployedIn(@Nullable String home) {
        Stack stack = new Stack(
                Synthesis.app(Map.of()),
                "Test",
                StackProps.builder()
                        .env(Environment.builder().region(home).build())
                        .build());
        new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions("ap-east-2")
                        .tasks(SpotTask.PRICE)
                        .build());
        return Annotations.fromStack(stack);
    }

    @Test
    void warnsAboutHomeRegionWithoutFunctionUrls() {
        deployedIn("ap-east-2").hasWarning("/Test/Spot", Match.stringLikeRegexp("ap-east-2.*'regions'"));
    }

    @Test
    void doesNotWarnAboutOtherOrUnknownHomeRegions() {
        deployedIn("us-west-2").hasNoWarning("/Test/Spot", Match.anyValue());
        deployedIn(null).hasNoWarning("/Test/Spot", Match.anyValue());
    }
}
