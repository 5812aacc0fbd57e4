package io.github.spotspec.function;

import static io.github.spotspec.function.fake.AwsResponse.priceRecord;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which prices are shown, in which order, and with which on-demand prices. */
final class PriceChoiceTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    PriceChoiceTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.030")
                .price("us-west-2b", "m7g.large", "0.010")
                .price("us-west-2a", "c7g.large", "0.020")
                .price("us-east-1a", "m7g.large", "0.040")
                .type("m7g.large", 2, 8, "arm64")
                .type("m7g.xlarge", 4, 16, "arm64")
                .type("c7g.large", 2, 4, "arm64")
                .type("m7i.large", 2, 8, "x86_64");
    }

    @Test
    void hidesPricesAboveTheMaximum() {
        assertEquals(
                List.of("0.010", "0.020"),
                function.send("{'task':'price','maxPrice':'0.02','sort':'price'}")
                        .column("SpotPrice"));
    }

    @ParameterizedTest
    @CsvSource({
        "price, us-west-2b us-west-2a us-west-2a us-east-1a",
        "type, us-west-2a us-west-2b us-west-2a us-east-1a",
        "zone, us-east-1a us-west-2a us-west-2a us-west-2b"
    })
    void sortsRowsAcrossRegions(String by, String zones) {
        FunctionUnderTest.Answer answer = function.send("{'task':'price','regions':'all','sort':'" + by + "'}");

        assertEquals(zones, String.join(" ", answer.column("AvailabilityZone")));
    }

    @Test
    void sortsByPriceByDefault() {
        assertEquals(
                List.of("0.010", "0.020", "0.030", "0.040"),
                function.send("{'task':'price','regions':['us-east-1','us-west-2']}")
                        .column("SpotPrice"));
    }

    @Test
    void showsLinuxByDefault() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.001");

        FunctionUnderTest.Answer answer = function.send("{'task':'price'}");

        assertEquals(Set.of("Linux/UNIX"), Set.copyOf(answer.column("ProductDescription")));
        assertEquals(1, function.aws().calls("DescribeSpotPriceHistory").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"'all'", "['all']"})
    void showsAllProductsOnRequest(String all) {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.001");

        FunctionUnderTest.Answer answer = function.send("{'task':'price','products':" + all + "}");

        assertEquals(List.of("Windows", "Linux/UNIX", "Linux/UNIX", "Linux/UNIX"), answer.column("ProductDescription"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"['all','Windows']", "'ALL'", "['']", "[]"})
    void rejectsAllAmongOtherProducts(String products) {
        for (String task : List.of("price", "history")) {
            assertEquals(
                    "InvalidValue",
                    function.send("{'task':'" + task + "','types':['m7g.large'],'products':" + products + "}")
                            .error());
        }
    }

    /** The ancestor returned the prices of all products, as EC2 returned them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'isLogging':false | 0.030 0.010 0.020 0.001",
                "'sort':'price' | 0.001 0.010 0.020 0.030",
                "'product':'Linux/UNIX' | 0.030 0.010 0.020",
                "'product':'all' | 0.030 0.010 0.020 0.001"
            })
    void envelopeKeepsTheAncestorsDefaults(String attribute, String prices) {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "Windows", "0.001");

        assertEquals(
                prices,
                String.join(
                        " ",
                        function.send("{'construct':{'keys':{'region':'us-west-2'}},'attributes':{'task':'price',"
                                        + attribute + "}}")
                                .column("SpotPrice")));
    }

    @Test
    void comparesPricesAsNumbers() {
        function.ec2().catalog().price("us-west-2c", "m7g.large", "0.0100001").price("us-west-2d", "m7g.large", "0.1");

        assertEquals(
                List.of("0.010", "0.0100001", "0.020", "0.030", "0.1"),
                function.send("{'task':'price','sort':'price'}").column("SpotPrice"));
    }

    @Test
    void limitsRowsAndReportsHowManyMatched() {
        FunctionUnderTest.Answer answer = function.send("{'task':'price','sort':'price','limit':1}");

        assertEquals(List.of("0.010"), answer.column("SpotPrice"));
        assertEquals("3", String.valueOf(answer.meta().get("matched")));
        assertFalse(function.send("{'task':'price','limit':3}").meta().containsKey("matched"));
    }

    @Test
    void appliesLimitAcrossRegions() {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','regions':['us-east-1','us-west-2'],'sort':'price','limit':2}");

        assertEquals(List.of("0.010", "0.020"), answer.column("SpotPrice"));
        assertEquals("4", String.valueOf(answer.meta().get("matched")));
        assertEquals(List.of("us-east-1", "us-west-2"), answer.meta().get("regions"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"price", "type", "zone"})
    void limitsToTheFirstRowsOfTheFullAnswer(String by) {
        for (String zone : List.of("us-west-2c", "us-east-1b", "us-west-2d")) {
            for (String type : List.of("m7g.xlarge", "c7g.large", "m7i.large")) {
                for (String product : List.of("Windows", "Linux/UNIX", "SUSE Linux")) {
                    function.ec2().catalog().price(zone, type, product, "0.020");
                }
            }
        }
        String question = "{'task':'price','products':'all','regions':['us-west-2','us-east-1'],'sort':'" + by + "'";
        List<?> all = function.send(question + "}").data();
        assertEquals(31, all.size());

        for (int limit = 1; limit <= all.size(); limit++) {
            assertEquals(
                    all.subList(0, limit),
                    function.send(question + ",'limit':" + limit + "}").data());
        }
    }

    @Test
    void cachesPricesForAMinute() {
        function.send("{'task':'price','types':['m7g.large']}");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.050");
        function.advanceClock(Duration.ofSeconds(59));

        FunctionUnderTest.Answer kept = function.send("{'task':'price','types':['m7g.large']}");
        assertEquals(List.of("0.010", "0.030"), kept.column("SpotPrice"));
        assertEquals("2026-03-01T12:00:00Z", kept.meta().get("at"));

        function.advanceClock(Duration.ofSeconds(1));
        FunctionUnderTest.Answer fresh = function.send("{'task':'price','types':['m7g.large']}");
        assertEquals("2026-03-01T12:01:00Z", fresh.meta().get("at"));
        assertTrue(fresh.column("SpotPrice").contains("0.050"), fresh.body());
        assertEquals(2, function.aws().calls().size());
    }

    @Test
    void queriesEachRegionOnceForItsZones() {
        FunctionUnderTest.Answer answer = function.send("""
                {'task':'price','types':['m7g.large'],'regions':['us-west-2','us-east-1'],
                 'zones':['us-west-2b','us-east-1a']}""");

        assertEquals(2, function.aws().calls().size());
        for (AwsCall call : function.aws().calls()) {
            assertEquals(
                    List.of(call.region().equals("us-west-2") ? "us-west-2b" : "us-east-1a"),
                    call.filter("availability-zone"));
        }
        assertEquals(2, answer.data().size());
    }

    @Test
    void skipsRegionsWithoutGivenZones() {
        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','types':['m9z.large'],'regions':'all','zones':['us-west-2b']}");

        assertEquals(
                List.of("us-west-2"),
                function.aws().calls("DescribeSpotPriceHistory").stream()
                        .map(AwsCall::region)
                        .toList());
        assertEquals(List.of("us-west-2"), answer.meta().get("regions"));
        assertEquals(
                List.of(Map.of("region", "us-west-2", "types", List.of("m9z.large"))),
                answer.meta().get("withoutPrice"));
    }

    @Test
    void rejectsZoneOutsideTheGivenRegions() {
        FunctionUnderTest.Answer answer = function.send("{'task':'price','zones':['us-east-1a']}");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("us-east-1a") && answer.details().contains("us-west-2"), answer.details());
    }

    @Test
    void showsOnDemandPriceAndSavings() {
        function.aws().priceList().price("m7g.large", "0.0816000000");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','types':['m7g.large','c7g.large'],'with':['onDemand']}");

        assertEquals(List.of("0.010", "0.020", "0.030"), answer.column("SpotPrice"));
        assertEquals(List.of("0.0816", "null", "0.0816"), answer.column("OnDemandPrice"));
        assertEquals(List.of("87.7", "null", "63.2"), answer.column("SavingPercent"));
        assertEquals("pricing:GetProducts", answer.meta().get("onDemandSource"));
        assertEquals(2, function.aws().priceList().queries().size(), "one query for each type");
        assertTrue(
                function.aws()
                        .priceList()
                        .queries()
                        .contains(Map.of(
                                "regionCode", "us-west-2",
                                "instanceType", "m7g.large",
                                "operatingSystem", "Linux",
                                "tenancy", "Shared",
                                "preInstalledSw", "NA",
                                "capacitystatus", "Used",
                                "marketoption", "OnDemand",
                                "licenseModel", "No License required")),
                function.aws().priceList().queries().toString());
    }

    @Test
    void usesSameOnDemandPriceInVpc() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "",
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z"),
                        priceRecord(
                                "us-west-2a", "m7g.large", "Linux/UNIX (Amazon VPC)", "0.03", "2026-03-01T09:00:00Z")));
        function.aws().priceList().price("m7g.large", "0.0816000000");

        assertEquals(
                List.of("0.0816", "0.0816"),
                function.send("{'task':'price','types':['m7g.large'],'with':['onDemand']}")
                        .column("OnDemandPrice"));
        assertEquals(1, function.aws().priceList().queries().size());
    }

    @Test
    void ignoresPriceOfZero() {
        function.aws().priceList().price("m7g.large", "0.0000000000");

        assertEquals(
                List.of("null", "null"),
                function.send("{'task':'price','types':['m7g.large'],'with':'onDemand'}")
                        .column("OnDemandPrice"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | {\"__type\":\"AccessDeniedException\",\"message\":\"no\"}",
                "400 | {\"__type\":\"UnrecognizedClientException\",\"message\":\"no\"}",
                "401 |",
                "200 | {\"PriceList\":[\"{\"]}",
                "200 | {\"PriceList\":[],\"NextToken\":\"again\"}"
            },
            quoteCharacter = '`')
    void showsSpotPricesWhenOnDemandPricesAreUnavailable(int status, @Nullable String body) {
        function.aws().priceList().respondWith(new AwsResponse(status, String.valueOf(body)));

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large'],'with':['onDemand']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(List.of("0.010", "0.030"), answer.column("SpotPrice"));
        assertEquals(List.of("null", "null"), answer.column("OnDemandPrice"));
        Map<?, ?> without =
                (Map<?, ?>) ((List<?>) Objects.requireNonNull(answer.meta().get("withoutOnDemand"))).getFirst();
        assertEquals("us-west-2", without.get("region"));
        assertEquals("PriceUnavailable", without.get("error"));
    }

    @Test
    void readsOnDemandPricesToTheLastPage() {
        function.aws().priceList().price("m7g.large", "0.08").startWithEmptyPage();

        assertEquals(
                List.of("0.08", "0.08"),
                function.send("{'task':'price','types':['m7g.large'],'with':['onDemand']}")
                        .column("OnDemandPrice"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]x", "", "{\"terms\":1,\"terms\":2}"})
    void doesNotBlameBodyForMalformedPriceList(String entry) {
        function.aws().priceList().entry("m7g.large", entry);

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large'],'with':['onDemand']}");

        assertEquals(200, answer.status(), answer.body());
        assertTrue(answer.body().contains("\"error\":\"PriceUnavailable\""), answer.body());
    }

    @Test
    void ignoresMalformedOnDemandPrice() {
        function.aws().priceList().price("m7g.large", "free");

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large'],'with':['onDemand']}");

        assertEquals(200, answer.status(), answer.body());
        assertTrue(answer.meta().containsKey("withoutOnDemand"), answer.body());
    }

    @Test
    void readsAllPoolsForTooManyTypes() {
        for (int i = 0; i < 108; i++) {
            function.ec2()
                    .catalog()
                    .type("c7g." + i + "xlarge", 16, 64, "arm64")
                    .price("us-west-2a", "c7g." + i + "xlarge", "0.5" + (108 - i));
        }

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','vcpu':16,'sort':'price','limit':5,'products':['Linux/UNIX']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(5, answer.data().size());
        assertTrue(answer.column("InstanceType").stream().allMatch(type -> type.startsWith("c7g.")), answer.body());
        assertEquals("108", String.valueOf(answer.meta().get("matched")));
        assertEquals(1, function.aws().calls("DescribeSpotPriceHistory").size());
        assertFalse(function.aws().calls("DescribeSpotPriceHistory").getFirst().hasParameter("InstanceType"));
    }

    @Test
    void rejectsHistoryOfMoreThanAHundredTypes() {
        for (int i = 0; i < 101; i++) {
            function.ec2().catalog().type("c7g." + i + "xlarge", 16, 64, "arm64");
        }

        assertEquals(
                "TooManyTypes", function.send("{'task':'history','vcpu':16}").error());
    }

    @Test
    void looksUpOnDemandPricesOnlyOfShownRows() {
        for (int i = 0; i < 30; i++) {
            function.ec2()
                    .catalog()
                    .type("c7g." + i + "xlarge", 16, 64, "arm64")
                    .price("us-west-2a", "c7g." + i + "xlarge", "0.5");
        }

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','vcpu':16,'sort':'price','limit':5,'with':['onDemand']}");

        assertEquals(200, answer.status(), answer.body());
        assertEquals(5, function.aws().priceList().queries().size());
    }

    @Test
    void matchesNoRequirementsWithIncompleteType() {
        function.aws()
                .always(
                        "DescribeInstanceTypes",
                        (call, ec2) -> AwsResponse.of(
                                call.action(),
                                "<instanceTypeSet><item><instanceType>m7g.large</instanceType></item></instanceTypeSet>"));

        assertEquals(
                "InvalidRequest", function.send("{'task':'price','vcpu':2}").error());
        assertEquals(
                "InvalidRequest",
                function.send("{'task':'price','memoryGiB':8}").error());
    }

    @Test
    void rejectsOnDemandPricesOfAllTypes() {
        assertEquals(
                "TooManyTypes",
                function.send("{'task':'price','with':['onDemand']}").error());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'vcpu':2 | c7g.large m7g.large m7i.large",
                "'vcpu':'3-' | m7g.xlarge",
                "'vcpu':'2-4','architecture':'arm64' | c7g.large m7g.large m7g.xlarge",
                "'memoryGiB':'8-16','architecture':'arm64' | m7g.large m7g.xlarge",
                "'memoryGiB':4 | c7g.large",
                "'architecture':'x86_64' | m7i.large"
            },
            quoteCharacter = '`')
    void choosesTypesByRequirements(String requirements, String types) {
        function.send("{'task':'price'," + requirements + "}");

        assertEquals(
                types,
                String.join(
                        " ",
                        function.aws()
                                .calls("DescribeSpotPriceHistory")
                                .getFirst()
                                .list("InstanceType")));
        assertEquals(
                List.of("spot"),
                function.aws().calls("DescribeInstanceTypes").getFirst().filter("supported-usage-class"));
    }

    @Test
    void skipsTypesWithoutVolumeEncryption() {
        function.ec2().catalog().typeWithoutEncryption("m1.large", 2, 8);

        function.send("{'task':'price','vcpu':2,'architecture':'x86_64'}");

        assertEquals(
                List.of("m7i.large"),
                function.aws().calls("DescribeSpotPriceHistory").getFirst().list("InstanceType"));
    }

    @Test
    void cachesTypesOfRequirements() {
        function.send("{'task':'price','vcpu':2}");
        function.send("{'task':'price','vcpu':2,'limit':1}");

        assertEquals(1, function.aws().calls("DescribeInstanceTypes").size());
    }

    @Test
    void boundsCacheOfRequirements() {
        for (int vcpu = 1; vcpu <= 101; vcpu++) {
            function.send("{'task':'price','vcpu':" + vcpu + "}");
        }
        function.send("{'task':'price','vcpu':1}");

        assertEquals(102, function.aws().calls("DescribeInstanceTypes").size());
    }

    @Test
    void rejectsRequirementsThatNoTypeMeets() {
        FunctionUnderTest.Answer answer = function.send("{'task':'price','vcpu':512}");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'vcpu'"), answer.details());
    }

    @Test
    void rejectsTypesTogetherWithRequirements() {
        assertEquals(
                "InvalidRequest",
                function.send("{'task':'price','types':['m7g.large'],'vcpu':2}").error());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0", "-1", "'4-2'", "'-'", "'a'", "'1-2-3'", "'1e2'", "[2]", "true", "''", "'.'", "1e9"},
            quoteCharacter = '`')
    void rejectsInvalidRange(String range) {
        assertEquals(
                "InvalidValue",
                function.send("{'task':'price','vcpu':" + range + "}").error());
    }

    @Test
    void addsPlacementScoresOnRequest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "x1g.large", "0.01")
                .price("us-west-2a", "x2g.large", "0.02")
                .price("us-west-2b", "x3g.large", "0.03")
                .score("us-west-2a", 7);

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','types':['x1g.large','x2g.large','x3g.large'],'with':['score']}");

        assertEquals(List.of("7", "7", "null"), answer.column("Score"), answer.body());
        assertEquals("ec2:GetSpotPlacementScores", answer.meta().get("scoreSource"));
        assertEquals(1, function.aws().calls("GetSpotPlacementScores").size());
    }

    @Test
    void showsPricesWithoutScoresIfEc2DoesNotReturnThem() {
        function.ec2().catalog().price("us-west-2a", "x1g.large", "0.01");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'price','types':['x1g.large'],'with':['score','onDemand']}");

        assertEquals(List.of("null"), answer.column("Score"), answer.body());
        assertEquals(
                "TooFewTypes", ((Map<?, ?>) Objects.requireNonNull(answer.meta().get("withoutScore"))).get("error"));
    }

    @Test
    void requiresTaskScoreForScores() {
        FunctionUnderTest only = FunctionUnderTest.withTasks("price");

        assertEquals(
                "TaskNotAllowed",
                only.send("{'task':'price','types':['m7g.large'],'with':['score']}")
                        .error());
    }
}
