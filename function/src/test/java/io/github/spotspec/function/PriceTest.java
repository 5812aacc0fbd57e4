package io.github.spotspec.function;

import static io.github.spotspec.function.fake.AwsResponse.priceRecord;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.AwsResponse;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PriceTest {
    private static final String ALL = "{\"task\":\"price\"}";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2", "us-east-1");

    @Test
    void readsEveryPageEvenWhenOneIsEmpty() {
        function.aws().ec2((call, ec2) -> {
            if (call.has("NextToken=b")) {
                return AwsResponse.prices(
                        "", priceRecord("us-west-2b", "m7g.large", "Linux/UNIX", "0.04", "2026-03-01T10:00:00Z"));
            }
            return call.has("NextToken=a")
                    ? AwsResponse.prices("b")
                    : AwsResponse.prices(
                            "a", priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z"));
        });

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"types\":[\"m7g.large\"]}");

        assertEquals(200, answer.status());
        assertEquals(2, answer.data().size());
        assertEquals(3, function.aws().calls().size());
        assertTrue(
                function.aws().calls().stream().allMatch(call -> call.has("InstanceType.1=m7g.large")),
                "every page repeats the query");
    }

    @Test
    void retriesTruncatedPageWithoutDuplicateRows() {
        AtomicInteger pages = new AtomicInteger();
        function.aws().ec2((call, ec2) -> {
            AwsResponse whole = AwsResponse.prices(
                    "", priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z"));
            return pages.incrementAndGet() == 1
                    ? new AwsResponse(
                            200, whole.body().substring(0, whole.body().length() - 30))
                    : whole;
        });

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large']}");

        assertEquals(List.of("0.03"), answer.column("SpotPrice"));
        assertEquals(2, function.aws().calls().size());
    }

    @Test
    void ignoresUnknownElementsOfRow() {
        String row = priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z");
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "", row.replace("</item>", "<new><item>1</item><spotPrice>9</spotPrice></new></item>")));

        assertEquals(
                List.of("0.03"),
                function.send("{'task':'price','types':['m7g.large']}").column("SpotPrice"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"availabilityZone", "instanceType", "productDescription", "spotPrice", "timestamp"})
    void skipsAndCountsIncompleteRows(String member) {
        String row = priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z");
        String broken = row.replaceAll("<" + member + ">.*</" + member + ">", "");
        function.aws()
                .always(
                        "DescribeSpotPriceHistory",
                        (call, ec2) -> call.has("NextToken=b")
                                ? AwsResponse.prices("", broken)
                                : AwsResponse.prices("b", broken, row));

        for (String task : List.of("price", "history")) {
            FunctionUnderTest.Answer answer =
                    function.send("{'task':'" + task + "','types':['m7g.large'],'regions':'all'}");

            assertEquals(200, answer.status(), answer.body());
            assertEquals(2, answer.data().size(), "one row for each region");
            assertEquals("4", String.valueOf(answer.meta().get("skippedRows")));
        }
    }

    @Test
    void omitsSkippedRowsWhenThereAreNone() {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03");

        assertFalse(function.send("{'task':'price'}").meta().containsKey("skippedRows"));
    }

    @Test
    void stopsWhenPageTokenRepeats() {
        function.aws()
                .always(
                        "DescribeSpotPriceHistory",
                        (call, ec2) -> call.has("NextToken=a") ? AwsResponse.prices("b") : AwsResponse.prices("a"));

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large']}");

        assertEquals("Ec2Unavailable", answer.error());
        assertEquals(3, function.aws().calls().size());
    }

    @Test
    void returnsPageTokenUnchanged() {
        function.aws()
                .ec2((call, ec2) -> call.has("NextToken=a&b<\"c")
                        ? AwsResponse.prices(
                                "",
                                priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T10:00:00Z"))
                        : AwsResponse.prices("a&amp;b&lt;&quot;c"));

        assertEquals(
                1,
                function.send("{'task':'price','types':['m7g.large']}").data().size());
    }

    @Test
    void keepsLatestRecordOfPoolInAnyOrder() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "",
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.02", "2026-03-01T09:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T11:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.01", "2026-03-01T10:00:00Z"),
                        priceRecord("us-west-2a", "m7g.large", "Windows", "0.09", "2026-03-01T08:00:00Z")));

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\"}");

        assertEquals(2, answer.data().size());
        assertEquals(
                Map.of(
                        "Region", "us-west-2",
                        "AvailabilityZone", "us-west-2a",
                        "AvailabilityZoneId", "usw2-az4",
                        "InstanceType", "m7g.large",
                        "ProductDescription", "Linux/UNIX",
                        "SpotPrice", "0.03",
                        "Timestamp", "2026-03-01T11:00:00Z"),
                answer.row(0));
    }

    @Test
    void ignoresOutdatedRecordInAnyOrder() {
        String outdated = priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.01", "2026-03-01T09:00:00Z");
        String latest = priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.09", "2026-03-01T11:00:00Z");
        String other = priceRecord("us-west-2b", "m7g.large", "Linux/UNIX", "0.05", "2026-03-01T10:00:00Z");
        for (List<String> pages : List.of(List.of(outdated + other, latest), List.of(latest, other + outdated))) {
            FunctionUnderTest fresh = new FunctionUnderTest("us-west-2");
            fresh.aws()
                    .ec2((call, ec2) -> call.has("ProductDescription.1=Linux/UNIX")
                            ? call.has("NextToken=b")
                                    ? AwsResponse.prices("", pages.getLast())
                                    : AwsResponse.prices("b", pages.getFirst())
                            : AwsResponse.prices(""));

            FunctionUnderTest.Answer answer = fresh.send("{'task':'price','sort':'price','limit':1}");

            assertEquals(List.of("0.05"), answer.column("SpotPrice"));
            assertEquals("2", String.valueOf(answer.meta().get("matched")));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T11:00:00.123Z, 2026-03-01T11:00:00.123Z",
        "2026-03-01T11:00:00.000Z, 2026-03-01T11:00:00Z",
        "2026-03-01T11:00:00Z, 2026-03-01T11:00:00Z",
        "2026-03-01T11:00:00.5Z, 2026-03-01T11:00:00.500Z",
        "2026-03-01T12:00:00+01:00, 2026-03-01T11:00:00Z"
    })
    void readsEveryIso8601Time(String written, String time) {
        function.aws()
                .ec2((call, ec2) ->
                        AwsResponse.prices("", priceRecord("us-west-2a", "m7g.large", "Windows", "0.03", written)));

        assertEquals(
                List.of(time),
                function.send("{'task':'price','types':['m7g.large']}").column("Timestamp"));
    }

    @ParameterizedTest
    @CsvSource({
        "0.03, 2026-02-30T11:00:00.000Z",
        "0.03, 2026-03-01T24:00:01Z",
        "0.03, 2026-03-01 11:00:00Z",
        "0.03, today",
        "0.000000, 2026-03-01T11:00:00Z",
        "-0.03, 2026-03-01T11:00:00Z",
        "cheap, 2026-03-01T11:00:00Z",
        "0.12345678901234567890, 2026-03-01T11:00:00Z"
    })
    void skipsRowsWithInvalidPriceOrTime(String price, String time) {
        function.aws()
                .always(
                        "DescribeSpotPriceHistory",
                        (call, ec2) ->
                                AwsResponse.prices("", priceRecord("us-west-2a", "m7g.large", "Windows", price, time)));

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m7g.large']}");

        assertEquals(List.of(), answer.data());
        assertEquals("1", String.valueOf(answer.meta().get("skippedRows")));
    }

    @Test
    void keepsEveryDigitOfPrice() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "",
                        priceRecord("us-west-2a", "t4g.nano", "Linux/UNIX", "0.000001234500", "2026-03-01T09:00:00Z")));

        assertEquals(
                "0.000001234500", function.post("{\"task\":\"price\"}").row(0).get("SpotPrice"));
    }

    @Test
    void acceptsTypesAndProductsUnknownToTheSdk() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "", priceRecord("us-west-2a", "z99.mega", "Plan 9", "0.5", "2026-03-01T09:00:00Z")));

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"types\":[\"z99.mega\"]}");

        assertEquals("z99.mega", answer.row(0).get("InstanceType"));
        assertEquals("Plan 9", answer.row(0).get("ProductDescription"));
        assertTrue(function.aws().calls().getFirst().has("InstanceType.1=z99.mega"));
    }

    @Test
    void queriesCurrentPricesWithTheOperatorsKey() {
        function.post("{\"task\":\"price\",\"zones\":[\"us-west-2a\"],\"products\":[\"Linux/UNIX\"]}");

        AwsCall call = function.aws().calls().getFirst();
        assertEquals("AKIAFIRST", call.accessKeyId());
        assertTrue(call.has("StartTime=2026-03-01T12:00:00Z"), call.form());
        assertTrue(call.has("Filter.1.Name=availability-zone"), call.form());
        assertTrue(call.has("Filter.1.Value.1=us-west-2a"), call.form());
        assertTrue(call.has("ProductDescription.1=Linux/UNIX"), call.form());
    }

    @Test
    void queriesOperatingSystemsInParallel() {
        CountDownLatch systems = new CountDownLatch(4);
        function.aws().ec2((call, ec2) -> {
            systems.countDown();
            assertTrue(systems.await(10, TimeUnit.SECONDS), "the queries do not run in parallel");
            return call.has("ProductDescription.1=Windows")
                    ? AwsResponse.prices(
                            "", priceRecord("us-west-2a", "m7g.large", "Windows", "0.09", "2026-03-01T09:00:00Z"))
                    : AwsResponse.prices("");
        });

        FunctionUnderTest.Answer answer = function.send("{'task':'price','products':'all'}");

        assertEquals(List.of("Windows"), answer.column("ProductDescription"));
        assertEquals(4, function.aws().calls().size());
        for (String product : SpotPrices.PRODUCTS) {
            assertEquals(
                    1,
                    function.aws().calls().stream()
                            .filter(call -> call.has("ProductDescription.1=" + product)
                                    || call.has("ProductDescription.2=" + product))
                            .count(),
                    product);
        }
    }

    @Test
    void cancelsOtherQueriesWhenOneFails() {
        function.aws().ec2((call, ec2) -> {
            if (call.has("ProductDescription.1=Windows")) {
                return AwsResponse.error(400, "InvalidParameterValue", "no");
            }
            // Waits until it is interrupted. The deadline interrupts it as well, but then the error is another one.
            new CountDownLatch(1).await();
            return AwsResponse.prices("");
        });

        assertEquals(
                "Ec2Refused", function.send("{'task':'price','products':'all'}").error());
    }

    @Test
    void queriesOneOperatingSystemInOneCall() {
        function.send("{'task':'price','products':['Linux/UNIX','Linux/UNIX (Amazon VPC)']}");

        assertEquals(1, function.aws().calls().size());
    }

    @Test
    void queriesTheDefaultRegionOnce() {
        function.post("{\"task\":\"price\",\"types\":[\"m7g.large\"]}");

        assertEquals(
                List.of("us-west-2"),
                function.aws().calls("DescribeSpotPriceHistory").stream()
                        .map(AwsCall::region)
                        .toList());
    }

    @Test
    void omitsFailedRegionAndReportsWhy() {
        function.aws()
                .ec2((call, ec2) -> call.region().equals("us-east-1")
                        ? AwsResponse.error(403, "UnauthorizedOperation", "encoded-secret-message")
                        : AwsResponse.prices(
                                "",
                                priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z")));

        FunctionUnderTest.Answer answer =
                function.post("{\"task\":\"price\",\"regions\":[\"us-west-2\",\"us-east-1\"]}");

        assertEquals(200, answer.status());
        assertEquals(1, answer.data().size());
        assertEquals(List.of("us-west-2"), answer.meta().get("regions"));
        Map<?, ?> failed =
                (Map<?, ?>) ((List<?>) Objects.requireNonNull(answer.meta().get("failed"))).getFirst();
        assertEquals("us-east-1", failed.get("region"));
        assertEquals("NotAuthorized", failed.get("error"));
        assertTrue(String.valueOf(failed.get("details")).contains("ec2:DescribeSpotPriceHistory in us-east-1"));
    }

    @Test
    void failsWhenEveryRegionFails() {
        function.aws().ec2((call, ec2) -> AwsResponse.error(400, "InvalidParameterValue", "Invalid value 'x'"));

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"regions\":\"all\"}");

        assertEquals(400, answer.status());
        assertEquals("Ec2Refused", answer.error());
        assertTrue(answer.details().contains("Invalid value 'x'"), answer.details());
    }

    @Test
    void answersWithoutLateRegion() {
        function.aws().ec2((call, ec2) -> {
            if (call.region().equals("us-east-1")) {
                // Waits until the deadline interrupts it.
                new CountDownLatch(1).await();
            }
            return AwsResponse.prices(
                    "", priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z"));
        });

        FunctionUnderTest.Answer answer;
        Duration left = Duration.ofMillis(300);
        do {
            // Doubles the time if it was too short for the other region as well.
            left = left.multipliedBy(2);
            function.setRemainingTime(left);
            answer = function.post("{\"task\":\"price\",\"regions\":\"all\"}");
        } while (answer.error().equals("TimedOut") && left.compareTo(Duration.ofSeconds(30)) < 0);

        assertEquals(200, answer.status(), answer.body());
        assertEquals(1, answer.data().size());
        assertTrue(answer.meta().toString().contains("TimedOut"), answer.body());
    }

    @Test
    void namesTypesWithoutPrice() {
        function.aws()
                .ec2((call, ec2) -> AwsResponse.prices(
                        "", priceRecord("us-west-2a", "m7g.large", "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z")));

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"types\":[\"m7g.large\",\"m7g.lagre\"]}");

        assertEquals(
                List.of(Map.of("region", "us-west-2", "types", List.of("m7g.lagre"))),
                answer.meta().get("withoutPrice"));
        assertEquals(List.of("m7g.lagre"), answer.meta().get("unknownTypes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"price", "history"})
    void rejectsTypesThatNoRegionKnows(String task) {
        function.ec2().catalog().withoutType("us-west-2", "m99.large").withoutType("us-east-1", "m99.large");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'" + task + "','types':['m99.large'],'regions':'all'}");

        assertEquals(400, answer.status(), answer.body());
        assertEquals("UnknownType", answer.error());
        assertTrue(answer.details().contains("m99.large"), answer.details());
    }

    @ParameterizedTest
    @ValueSource(strings = {"price", "history"})
    void acceptsTypeThatOneRegionKnows(String task) {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.03").withoutType("us-east-1", "m7g.large");

        FunctionUnderTest.Answer answer =
                function.send("{'task':'" + task + "','types':['m7g.large'],'regions':'all'}");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("unknownTypes"), answer.body());
        assertEquals(
                List.of("us-east-1"),
                function.aws().calls("DescribeInstanceTypes").stream()
                        .map(AwsCall::region)
                        .toList(),
                "types are looked up only in regions without a row");
    }

    @Test
    void acceptsTypeWhenEc2DoesNotAnswer() {
        function.aws().always("DescribeInstanceTypes", Fault.denied());

        FunctionUnderTest.Answer answer = function.send("{'task':'price','types':['m99.large']}");

        assertEquals(200, answer.status(), answer.body());
        assertFalse(answer.meta().containsKey("unknownTypes"), answer.body());
    }

    @Test
    void treatsDryRunOperationAsSuccess() {
        function.aws()
                .ec2((call, ec2) -> call.has("DryRun=true")
                        ? AwsResponse.error(
                                412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
                        : AwsResponse.prices(""));

        FunctionUnderTest.Answer answer = function.post("{\"task\":\"price\",\"dryRun\":\"true\"}");

        assertEquals(200, answer.status());
        assertEquals(true, answer.meta().get("dryRun"));
        assertFalse(answer.meta().containsKey("withoutPrice"));
    }

    @Test
    void readsTheEnvelope() {
        function.post("""
                {"construct":{"keys":{"region":"us-east-1"},"upgrade":{"tokenCode":"","durationSeconds":"900"}},
                 "attributes":{"task":"price","type":"m3.large","product":"Windows","dryRun":"false","isLogging":"true",
                 "ami":"ami-d5ea86b5","keyName":"yourKeyName","securityGroups":[],"fileUserData":"x.txt","price":"0.0083"}}""");

        AwsCall call = function.aws().calls().getFirst();
        assertEquals("us-east-1", call.region());
        assertTrue(call.has("InstanceType.1=m3.large"), call.form());
        assertTrue(call.has("ProductDescription.1=Windows"), call.form());
    }

    @Test
    void failsWhenAnswerIsTooLargeForLambda() {
        function.aws().ec2((call, ec2) -> page(call));

        FunctionUnderTest.Answer answer = function.post(ALL);

        assertEquals(413, answer.status());
        assertEquals("AnswerTooLarge", answer.error());
        assertEquals(41_000, sendAcceptingGzip().data().size());
    }

    @Test
    void timesOutBeforeWritingLongAnswer() {
        function.aws().ec2((call, ec2) -> {
            function.setRemainingTime(Duration.ZERO);
            return page(call);
        });

        FunctionUnderTest.Answer answer = sendAcceptingGzip();

        assertEquals(504, answer.status());
        assertEquals("TimedOut", answer.error());
    }

    /** Returns one of 41 pages. */
    private static AwsResponse page(AwsCall call) {
        int page = call.hasParameter("NextToken") ? Integer.parseInt(call.text("NextToken")) : 0;
        String[] items = new String[1_000];
        for (int i = 0; i < items.length; i++) {
            items[i] =
                    priceRecord("us-west-2a", "m7g.x" + page + "x" + i, "Linux/UNIX", "0.03", "2026-03-01T09:00:00Z");
        }
        return AwsResponse.prices(page == 40 ? "" : Integer.toString(page + 1), items);
    }

    private FunctionUnderTest.Answer sendAcceptingGzip() {
        Map<String, String> gzip = Map.of("accept-encoding", "gzip");
        return function.handle(FunctionUnderTest.event("POST", "/", FunctionUnderTest.CALLER, ALL, false, gzip));
    }
}
