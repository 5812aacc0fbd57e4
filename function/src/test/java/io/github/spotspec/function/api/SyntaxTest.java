package io.github.spotspec.function.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.model.InstanceType;

final class SyntaxTest {
    @org.junit.jupiter.api.Test
    void acceptsEveryNameThatTheSdkKnows() {
        InstanceType.knownValues().forEach(type -> assertTrue(Syntax.isInstanceType(type.toString()), type.toString()));
        Region.regions().stream()
                .filter(region -> !region.isGlobalRegion())
                .forEach(region -> assertTrue(Syntax.isRegion(region.id()), region.id()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "us-west",
                "evil.com",
                "us-west-2.evil.com",
                "us-west-2/",
                "us-west-2@evil",
                "us-west-2#",
                "US-WEST-2",
                "us-west-2\n",
                "us-west-22",
                "127.0.0.1",
                "localhost",
                "us-west-\u0662"
            })
    void rejectsOtherRegions(String region) {
        assertFalse(Syntax.isRegion(region), region);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "m7g", ".large", "m7g.", "m7g large", "m7g.large.", "m7g.lar*ge", "M7G.LARGE", "m7g.large\n"
            })
    void rejectsOtherTypes(String type) {
        assertFalse(Syntax.isInstanceType(type), type);
    }
}
