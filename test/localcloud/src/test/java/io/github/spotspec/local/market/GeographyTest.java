package io.github.spotspec.local.market;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.market.Geography.Zone;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests regions and zones. */
final class GeographyTest {
    @Test
    void listsCommercialRegions() {
        List<String> regions = Geography.regions();

        assertTrue(
                regions.containsAll(List.of("us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1", "sa-east-1")));
        assertEquals(regions.stream().sorted().distinct().toList(), regions);
        assertAll(regions.stream()
                .map(region -> () -> assertTrue(
                        region.matches("(af|ap|ca|eu|il|me|mx|sa|us)-(north|south|east|west|central)[a-z]*-[1-9]"),
                        region)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cn-north-1", "us-gov-west-1", "us-iso-east-1", "aws-global", "us-east-9", ""})
    void omitsOtherPartitions(String region) {
        assertFalse(Geography.regions().contains(region));
        assertEquals(List.of(), Geography.zones(region));
    }

    @Test
    void zoneNamesAndIdsAreWellFormed() {
        assertAll(Geography.regions().stream()
                .flatMap(region -> Geography.zones(region).stream().map(zone -> () -> {
                    assertTrue(zone.name().matches(region + "[a-f]"), zone::toString);
                    assertTrue(zone.id().matches("[a-z]{3,4}[1-9]-az[1-6]"), zone::toString);
                })));
    }

    @Test
    void zoneNamesAndIdsAreUnique() {
        List<Zone> zones = Geography.regions().stream()
                .flatMap(region -> Geography.zones(region).stream())
                .toList();

        assertEquals(zones.size(), zones.stream().map(Zone::name).distinct().count());
        assertEquals(zones.size(), zones.stream().map(Zone::id).distinct().count());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            us-east-1,      abcdef, use1
            us-west-1,      ac,     usw1
            us-west-2,      abcd,   usw2
            eu-central-1,   abc,    euc1
            ap-northeast-1, acd,    apne1
            ap-southeast-2, abc,    apse2
            ca-central-1,   abd,    cac1
            """)
    void listsZonesOfNewAccount(String region, String letters, String code) {
        List<Zone> zones = Geography.zones(region);

        assertEquals(
                letters.chars().mapToObj(letter -> region + (char) letter).toList(),
                zones.stream().map(Zone::name).toList());
        assertTrue(zones.stream().allMatch(zone -> zone.id().startsWith(code + "-az")), zones::toString);
    }

    @Test
    void hasLocalZonesAndWavelengthZonesByTheirRealNames() {
        List<Geography.EdgeZone> zones = Geography.edgeZones("us-west-2");

        assertTrue(zones.stream()
                .map(Geography.EdgeZone::zone)
                .toList()
                .containsAll(List.of(
                        new Zone("us-west-2-lax-1a", "usw2-lax1-az1"),
                        new Zone("us-west-2-wl1-las-wlz-1", "usw2-wl1-las-wlz1"))));
        assertTrue(zones.stream().allMatch(zone -> zone.zone().name().startsWith(zone.group())), zones::toString);
        assertEquals(List.of(), Geography.edgeZones("eu-west-1"));
    }

    @Test
    void zoneIdsAreInOtherOrderThanNames() {
        // The orders differ, so that tests detect code that confuses names and ids.
        assertEquals(
                Stream.of(6, 5, 4, 3, 2, 1).map(number -> "use1-az" + number).toList(),
                Geography.zones("us-east-1").stream().map(Zone::id).toList());
    }
}
