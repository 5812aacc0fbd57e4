package io.github.spotspec.local.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.local.service.SmallCloud.Answer;
import io.github.spotspec.local.wire.SignedRequest;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests EC2's answers about Availability Zones, Local Zones and Wavelength Zones. */
final class Ec2ZonesTest {
    private static final SmallCloud CLOUD = new SmallCloud();

    @BeforeAll
    static void allowAnn() {
        CLOUD.allow("ec2:*", "*");
    }

    private static Answer ask(String... parameters) {
        return CLOUD.ec2("us-west-2", parameters);
    }

    private static Answer prices(String... parameters) {
        return ask(Stream.concat(
                        Stream.of(
                                "Action",
                                "DescribeSpotPriceHistory",
                                "StartTime",
                                SignedRequest.NOW.toString(),
                                "ProductDescription.1",
                                "Linux/UNIX"),
                        Stream.of(parameters))
                .toArray(String[]::new));
    }

    private static List<String> all(Answer answer, String element) {
        return Pattern.compile("<" + element + ">([^<]*)<")
                .matcher(answer.text())
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"usw2-az1, us-west-2d", "usw2-az4, us-west-2a"})
    void filtersPricesByZoneId(String id, String name) {
        Answer byFilter =
                prices("InstanceType.1", "m7g.large", "Filter.1.Name", "availability-zone-id", "Filter.1.Value.1", id);
        Answer byParameter = prices("InstanceType.1", "m7g.large", "AvailabilityZoneId", id);

        assertEquals(List.of(name), all(byFilter, "availabilityZone"));
        assertEquals(List.of(id), all(byFilter, "availabilityZoneId"));
        assertEquals(all(byFilter, "spotPrice"), all(byParameter, "spotPrice"));
    }

    @Test
    void rejectsZoneNameTogetherWithZoneId() {
        assertEquals(
                "InvalidParameterCombination",
                prices("AvailabilityZone", "us-west-2a", "AvailabilityZoneId", "usw2-az4")
                        .element("Code"));
    }

    @Test
    void onlySomeTypesHavePricesInLocalZones() {
        assertTrue(
                all(prices("InstanceType.1", "m5.2xlarge"), "availabilityZone").contains("us-west-2-lax-1a"));
        assertFalse(
                all(prices("InstanceType.1", "m7g.large"), "availabilityZone").contains("us-west-2-lax-1a"));
    }

    @Test
    void wavelengthZonesAndZonesNotOptedInHaveNoPrices() {
        for (String zone : new String[] {"us-west-2-wl1-las-wlz-1", "us-west-2-den-1a"}) {
            assertEquals(List.of(), all(prices("AvailabilityZone", zone), "spotPrice"), zone);
        }
    }

    @Test
    void describesOptedInZonesByDefault() {
        Answer usual = ask("Action", "DescribeAvailabilityZones");
        Answer all = ask("Action", "DescribeAvailabilityZones", "AllAvailabilityZones", "true");

        assertTrue(all(usual, "zoneName").containsAll(List.of("us-west-2a", "us-west-2-lax-1a")), usual.text());
        assertFalse(all(usual, "zoneName").contains("us-west-2-wl1-las-wlz-1"), usual.text());
        assertEquals(List.of("opt-in-not-required", "opted-in"), all(usual, "optInStatus"));
        assertTrue(all(all, "zoneId").contains("usw2-wl1-las-wlz1"), all.text());
        assertEquals(List.of("not-opted-in", "opt-in-not-required", "opted-in"), all(all, "optInStatus"));
        assertEquals(List.of("availability-zone", "local-zone", "wavelength-zone"), all(all, "zoneType"));
    }

    @ParameterizedTest
    @CsvSource({"us-west-2-lax-1a, InvalidInput", "us-west-2-den-1a, InvalidParameterValue"})
    void localZoneHasNoDefaultSubnet(String zone, String code) {
        Answer answer = ask(
                "Action",
                "RunInstances",
                "ImageId",
                CLOUD.images.id("us-west-2", "al2023-x86_64"),
                "InstanceType",
                "m5.2xlarge",
                "Placement.AvailabilityZone",
                zone,
                "MinCount",
                "1",
                "MaxCount",
                "1");

        assertEquals(code, answer.element("Code"));
    }

    @Test
    void subnetShowsZoneId() {
        Answer answer = ask("Action", "DescribeSubnets");

        assertTrue(answer.text().contains("<availabilityZone>us-west-2a</availabilityZone>"), answer.text());
        assertEquals(List.of("usw2-az1", "usw2-az2", "usw2-az3", "usw2-az4"), all(answer, "availabilityZoneId"));
    }
}
