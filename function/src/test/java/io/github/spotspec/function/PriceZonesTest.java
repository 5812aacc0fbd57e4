package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.fake.AwsCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests prices of Availability Zones, Local Zones and Wavelength Zones, by name and by id. */
final class PriceZonesTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    @ParameterizedTest
    @CsvSource({
        "us-west-2-lax-1a, us-west-2-lax-1a",
        "us-west-2-wl1-las-wlz-1, us-west-2-wl1-las-wlz-1",
        "usw2-az4, us-west-2a",
        "usw2-lax1-az1, us-west-2-lax-1a",
        "usw2-wl1-las-wlz1, us-west-2-wl1-las-wlz-1"
    })
    void acceptsZonesByNameAndById(String given, String zone) {
        setPriceInEveryKindOfZone();

        for (String field : new String[] {"zones", "AvailabilityZoneId"}) {
            FunctionUnderTest.Answer answer = function.send(
                    "{'task':'price','types':['m7g.large'],'regions':'all','" + field + "':'" + given + "'}");

            assertEquals(List.of(zone), answer.column("AvailabilityZone"), answer.body());
        }
        assertEquals(
                List.of("us-west-2"),
                function.aws().calls().stream().map(AwsCall::region).distinct().toList());
    }

    @Test
    void queriesNamesAndIdsSeparatelyWithoutDuplicates() {
        setPriceInEveryKindOfZone();

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'price','types':['m7g.large'],'zones':['us-west-2a','usw2-az4','usw2-lax1-az1']}");

        assertEquals(
                List.of("us-west-2-lax-1a", "us-west-2a"),
                answer.column("AvailabilityZone").stream().sorted().toList());
        assertEquals(2, function.aws().calls("DescribeSpotPriceHistory").size());
    }

    @Test
    void rejectsZoneOfAnotherRegion() {
        for (String zone : new String[] {"euw1-az1", "eu-west-1-wl1-x-wlz-1", "us-west-1a"}) {
            assertEquals(
                    "InvalidRequest",
                    function.send("{'task':'price','types':['m7g.large'],'zones':['" + zone + "']}")
                            .error(),
                    zone);
        }
    }

    @Test
    void showsNoOnDemandPriceForLocalZone() {
        setPriceInEveryKindOfZone();
        function.aws().priceList().price("m7g.large", "0.08");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','types':['m7g.large'],'sort':'zone','with':['onDemand']}");

        assertEquals(
                List.of("us-west-2-lax-1a", "us-west-2-wl1-las-wlz-1", "us-west-2a"),
                answer.column("AvailabilityZone"));
        assertEquals(List.of("null", "null", "0.08"), answer.column("OnDemandPrice"));
    }

    private void setPriceInEveryKindOfZone() {
        for (String zone : new String[] {"us-west-2a", "us-west-2-lax-1a", "us-west-2-wl1-las-wlz-1"}) {
            function.ec2().catalog().price(zone, "m7g.large", "0.03");
        }
    }
}
