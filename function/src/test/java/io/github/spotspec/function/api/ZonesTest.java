package io.github.spotspec.function.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ZonesTest {
    private static final List<String> REGIONS = List.of(
            "us-west-2", "us-east-1", "ap-northeast-1", "ap-southeast-2", "ap-south-1", "ca-central-1", "eu-west-3");

    @ParameterizedTest
    @CsvSource({
        "us-west-2a, us-west-2",
        "us-east-1f, us-east-1",
        "ap-northeast-1d, ap-northeast-1",
        "us-west-2-lax-1a, us-west-2",
        "us-west-2-lax-1b, us-west-2",
        "us-east-1-bue-1a, us-east-1",
        "us-west-2-wl1-las-wlz-1, us-west-2",
        "ap-northeast-1-wl1-nrt-wlz-1, ap-northeast-1",
        "eu-west-3-cmn-wlz-1a, eu-west-3"
    })
    void acceptsNameOfZone(String name, String region) {
        assertTrue(Zones.isZone(name));
        assertFalse(Zones.isId(name));
        assertEquals(
                List.of(region),
                REGIONS.stream().filter(one -> Zones.isIn(one, name)).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "usw2-az1, us-west-2",
        "use1-az6, us-east-1",
        "apne1-az4, ap-northeast-1",
        "apse2-az1, ap-southeast-2",
        "aps1-az1, ap-south-1",
        "cac1-az4, ca-central-1",
        "usw2-lax1-az1, us-west-2",
        "use1-bue1-az1, us-east-1",
        "usw2-wl1-las-wlz1, us-west-2",
        "apne1-wl1-nrt-wlz1, ap-northeast-1"
    })
    void acceptsIdOfZone(String id, String region) {
        assertTrue(Zones.isZone(id));
        assertTrue(Zones.isId(id));
        assertEquals(
                List.of(region),
                REGIONS.stream().filter(one -> Zones.isIn(one, id)).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "a",
                "2",
                "us-west-2",
                "us-west-2A",
                "us-west-2ab",
                "us-west-2a ",
                "us-west-2-",
                "us-west-2-lax-1a-",
                "us_west_2a",
                "us-west-2a.evil",
                "us-west-2a/",
                "-us-west-2a",
                "us-west-2-lax-1a.evil",
                "usw2",
                "usw2-",
                "usw2-az",
                "USW2-az1",
                "usw2-az1/",
                "2-az1",
                "usw2-az\u0661",
                "us-west-2-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-1a"
            })
    void rejectsInvalidZone(String text) {
        assertFalse(Zones.isZone(text));
    }

    @ParameterizedTest
    @CsvSource({"us-west-22a, us-west-2", "usw22-az1, us-west-2", "us-east-1a, us-east-10"})
    void requiresWholeRegionName(String zone, String region) {
        assertFalse(Zones.isIn(region, zone));
    }
}
