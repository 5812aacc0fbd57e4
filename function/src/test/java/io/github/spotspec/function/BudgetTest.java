package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the limit of what living instances may cost until their leases end. m7g.large costs 0.0816 US dollars an hour
 * on demand, so 0.2448 for three hours.
 */
final class BudgetTest {
    private static final String LAUNCH =
            "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','lease':'3h'";
    private static final String REAL = ",'dryRun':false";

    private FunctionUnderTest function = withCap("1");

    private static FunctionUnderTest withCap(String dollars) {
        return with("'maxCommitted':'" + dollars + "'");
    }

    private static FunctionUnderTest with(String settings) {
        FunctionUnderTest function = FunctionUnderTest.withRegions(settings, "us-west-2", "us-east-1");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02").price("us-east-1a", "m7g.large", "0.03");
        function.aws().priceList().price("m7g.large", "0.0816");
        return function;
    }

    private FunctionUnderTest.Answer launch(String more) {
        return function.send("{" + LAUNCH + more + "}");
    }

    private FunctionUnderTest.Answer extend(FakeInstance instance, String lease) {
        return function.send(
                "{'task':'extend','instanceIds':['" + instance.id() + "'],'lease':'" + lease + "','shorten':true}");
    }

    /** Adds an instance with a lease that ends in an hour. */
    private FakeInstance managed() {
        return function.ec2().managedInstance("us-west-2a", "m7g.large");
    }

    private static Map<String, String> budget(FunctionUnderTest.Answer answer) {
        return budget(answer, "budget");
    }

    private static Map<String, String> budget(FunctionUnderTest.Answer answer, String name) {
        assertEquals(200, answer.status(), answer.body());
        Map<?, ?> budget = (Map<?, ?>) Objects.requireNonNull(answer.meta().get(name), answer.body());
        return Map.of(
                "committed",
                String.valueOf(budget.get("committed")),
                "maxCommitted",
                String.valueOf(budget.get("maxCommitted")),
                "left",
                String.valueOf(budget.get("left")));
    }

    private static Map<String, String> of(String committed, String maxCommitted, String left) {
        return Map.of("committed", committed, "maxCommitted", maxCommitted, "left", left);
    }

    private static void assertExceeded(FunctionUnderTest.Answer answer, String... numbers) {
        assertEquals("BudgetExceeded", answer.error(), answer.body());
        assertEquals(409, answer.status());
        for (String number : numbers) {
            assertTrue(answer.details().contains(number), answer.details());
        }
    }

    /** Returns what living instances can still cost, from the dry run of a launch of one for an hour. */
    private String committed() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH.replace("3h", "1h") + "}");
        return new BigDecimal(Objects.requireNonNull(budget(answer).get("committed")))
                .subtract(new BigDecimal("0.0816"))
                .stripTrailingZeros()
                .toPlainString();
    }

    @Test
    void refusesLaunchThatWouldPassTheCap() {
        assertEquals(of("0.9792", "1", "0.0208"), budget(launch(REAL + ",'count':4")));
        function.aws().clearCalls();

        FunctionUnderTest.Answer refused = launch(REAL);

        assertExceeded(refused, "1 × m7g.large × $0.0816/h × 3h = $0.2448", "4 living", "$0.9792", "$1.224", "of $1;");
        assertEquals(List.of(), function.aws().calls("RunInstances"));
        assertEquals(4, function.ec2().alive().size());
    }

    @Test
    void dryRunAndCheckRefuseAlike() {
        FunctionUnderTest.Answer real = launch(REAL + ",'count':5");

        assertExceeded(real, "$1.224");
        assertEquals(real.details(), launch(",'count':5").details());
        FunctionUnderTest.Answer check = function.send("{'task':'check'," + LAUNCH.substring(16) + ",'count':5}");
        assertTrue(check.column("Error").contains("BudgetExceeded"), check.body());
    }

    @ParameterizedTest
    @CsvSource({"0.2448, true", "0.24479999, false"})
    void allowsExactlyTheCap(String cap, boolean fits) {
        function = withCap(cap);

        assertEquals(fits ? 200 : 409, launch(REAL).status());
    }

    @Test
    void countsTheMinuteThatLeasesAreRoundedUpTo() {
        function = withCap("0.2448");
        function.advanceClock(Duration.ofSeconds(1));

        // 10859 seconds, until the next full minute.
        assertExceeded(launch(REAL), "10859s");
    }

    @Test
    void endingMakesRoom() {
        launch(REAL + ",'count':4");
        assertExceeded(launch(REAL));
        String id = function.ec2().alive().getFirst().id();

        assertEquals(
                200,
                function.send("{'task':'end','instanceIds':['" + id + "']}").status());

        assertEquals(of("0.9792", "1", "0.0208"), budget(launch(REAL)));
    }

    @Test
    void timeMakesRoom() {
        launch(REAL + ",'count':4");
        function.advanceClock(Duration.ofHours(1));

        // Four times two hours and once three hours.
        assertEquals(of("0.8976", "1", "0.1024"), budget(launch(REAL)));
    }

    @Test
    void refusesExtensionThatWouldPassTheCap() {
        FakeInstance instance = managed();
        managed();

        // 0.9792 for one until then, and 0.0816 for the other.
        assertExceeded(
                extend(instance, "12h"), "$0.9792", "$0.0816", "$0.8976", "2 living", "$0.1632", "$1.0608", "$1;");
        assertEquals(List.of(), function.aws().calls("CreateTags"));
        assertEquals(of("0.9792", "1", "0.0208"), budget(extend(instance, "11h")));
    }

    @Test
    void countsInstanceThatEndsWhileAnotherIdIsLookedFor() {
        FakeInstance ending = managed();
        function.aws().next("DescribeInstances", Fault.none(), (call, service) -> {
            ending.state("terminated");
            return service.answer(call);
        });

        FunctionUnderTest.Answer answer = function.send("{'task':'extend','region':'us-west-2','lease':'9h',"
                + "'instanceIds':['" + ending.id() + "','i-00000000000000000']}");

        assertEquals(200, answer.status(), answer.body());
        assertTrue(answer.body().contains("i-00000000000000000"), answer.body());
    }

    @Test
    void shortensLeasesAboveTheCap() {
        function = withCap("0.01");
        FakeInstance instance = managed();

        assertExceeded(extend(instance, "61m"));
        FunctionUnderTest.Answer shorter = extend(instance, "30m");

        assertEquals("2026-03-01T12:30:00Z", instance.tags().get("spotspec:lease"));
        assertFalse(shorter.meta().containsKey("budget"), "nothing was read for it");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "spotspec:max-price, 0.05, 0.05",
                "spotspec:max-price, 0.5, 0.0816",
                "spotspec:max-price, 0, 0.0816",
                "spotspec:max-price, -1, 0.0816",
                "spotspec:max-price, cheap, 0.0816",
                "spotspec:max-price, 1E-9, 0.0816",
                "spotspec:max-price, 1E+999999999, 0.0816",
                // Seven days from the launch an hour ago are 167 hours.
                "spotspec:lease, none, 13.6272",
                "spotspec:lease, tomorrow, 13.6272",
                "spotspec:lease, 2027-01-01T00:00:00Z, 13.6272",
                "spotspec:lease, 2026-03-01T11:00:00Z, 0"
            })
    void countsPriceLimitUntilLeaseEnds(String tag, @Nullable String value, String committed) {
        function = withCap("100");
        FakeInstance instance = managed();
        if (value == null) {
            instance.withoutTag(tag);
        } else {
            instance.tag(tag, value);
        }

        assertEquals(committed, committed());
    }

    @ParameterizedTest
    @CsvSource({"running, 0.0816", "pending, 0.0816", "stopped, 0.0816", "stopping, 0.0816", "terminated, 0"})
    void countsWhatMayRunAgain(String state, String committed) {
        managed().state(state);
        function.ec2().foreignInstance("us-west-2a", "m7g.large");

        assertEquals(committed, committed());
    }

    @Test
    void countsOnDemandInstancesAtTheirPrice() {
        managed().onDemand().tag("spotspec:max-price", "0.01");

        assertEquals("0.0816", committed());
    }

    @Test
    void countsLocalZonesAtTheirMaximumPrice() {
        FakeInstance local = function.ec2().managedInstance("us-west-2-lax-1a", "m7g.large");

        assertEquals("PriceUnavailable", launch("").error(), "on demand costs more there than in the region");
        local.tag("spotspec:max-price", "0.1");
        assertEquals("0.1", committed());
    }

    @Test
    void countsAllRegions() {
        function.aws().priceList().price("us-east-1", "m7g.large", "0.1");
        function.ec2().managedInstance("us-east-1a", "m7g.large");

        assertEquals("0.1", committed());
    }

    @Test
    void readsEachRegionOnceAndNoSpotRequests() {
        launch("");
        assertEquals(2, function.aws().calls("DescribeInstances").size());
        function.aws().clearCalls();

        FakeInstance instance = managed();
        extend(instance, "2h");
        assertEquals(2, function.aws().calls("DescribeInstances").size());
        function.aws().clearCalls();

        function.send("{'task':'check','regions':'all'," + LAUNCH.substring(16) + "}");
        assertEquals(
                4,
                function.aws().calls("DescribeInstances").stream()
                        .filter(call -> !call.has("DryRun=true"))
                        .count(),
                "two are for an instance to do the other dry runs on");
        function.aws().clearCalls();

        function = with("'allowOnDemand':false");
        launch(REAL);
        assertEquals(1, function.aws().calls("DescribeInstances").size(), "without a cap");
        assertEquals(List.of(), function.aws().calls("DescribeSpotInstanceRequests"));
    }

    @Test
    void refusesWhatItCannotCount() {
        FakeInstance instance = managed();
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));

        FunctionUnderTest.Answer launch = launch(REAL);
        FunctionUnderTest.Answer extension = extend(instance, "2h");

        assertEquals("NotAuthorized", launch.error(), launch.body());
        assertTrue(launch.details().contains("us-east-1"), launch.details());
        assertEquals("NotAuthorized", extension.error(), extension.body());
        assertEquals(200, extend(instance, "30m").status(), "a shorter lease costs less");
        assertEquals(List.of(), function.aws().calls("RunInstances"));
    }

    @Test
    void refusesWhatHasNoKnownPrice() {
        function.ec2().catalog().price("us-west-2a", "c7g.large", "0.02");
        String unknown = LAUNCH.replace("m7g", "c7g");

        assertEquals(
                "PriceUnavailable", function.send("{" + unknown + REAL + "}").error());
        assertEquals(of("0.15", "1", "0.85"), budget(function.send("{" + unknown + REAL + ",'price':0.05}")));
        assertEquals(of("0.3948", "1", "0.6052"), budget(launch(REAL)), "it has its price in its tag");

        function.ec2().alive().getFirst().withoutTag("spotspec:max-price");
        FunctionUnderTest.Answer refused = launch(REAL);
        assertEquals("PriceUnavailable", refused.error());
        assertTrue(refused.details().contains(function.ec2().alive().getFirst().id()), refused.details());
    }

    @Test
    void countsMaximumPriceWithoutPriceList() {
        function.aws().priceList().denyAccess();

        assertEquals("PriceUnavailable", launch(REAL).error());
        function = with("'maxCommitted':'1','maxPrice':'0.3'");
        function.aws().priceList().denyAccess();

        assertEquals(of("0.9", "1", "0.1"), budget(launch(REAL)));
        assertEquals("0.3", function.ec2().alive().getFirst().tags().get("spotspec:max-price"));
        assertExceeded(launch(REAL), "$0.3/h");
    }

    @Test
    void recordsMaximumPriceOfLaunchWithAndWithoutCap() {
        function = with("'allowOnDemand':false");

        launch(REAL + ",'price':'0.0500'");
        launch(REAL);

        assertEquals("0.0500", function.ec2().alive().getFirst().tags().get("spotspec:max-price"));
        assertFalse(function.ec2().alive().getLast().tags().containsKey("spotspec:max-price"));
    }

    @Test
    void priceOfLaunchLimitsWhatItCanCost() {
        assertEquals(of("0.6", "1", "0.4"), budget(launch(REAL + ",'price':'0.05','count':4")));
        assertExceeded(launch(REAL + ",'price':'0.05','count':3"), "3 × m7g.large × $0.05/h", "$0.45", "$1.05");
    }

    @Test
    void leavesOutPoolsThatWouldPassTheCap() {
        function.ec2().catalog().price("us-west-2a", "m7g.8xlarge", "0.01");
        function.aws().priceList().price("m7g.8xlarge", "1.3056");
        String both = "{" + LAUNCH.replace("'m7g.large'", "'m7g.8xlarge','m7g.large'");

        assertEquals(List.of("m7g.large us-west-2a"), function.send(both + "}").pools("candidates"));
        assertEquals(of("0.2448", "1", "0.7552"), budget(function.send(both + REAL + "}")));
        assertEquals("m7g.large", function.ec2().alive().getFirst().type());
        function = withCap("100");
        function.ec2().catalog().price("us-west-2a", "m7g.8xlarge", "0.01");
        function.aws().priceList().price("m7g.8xlarge", "1.3056");
        assertEquals(2, function.send(both + "}").pools("candidates").size());
    }

    @Test
    void namesTheCheapestPoolOfRefusedLaunch() {
        function.ec2().catalog().price("us-west-2a", "m7g.8xlarge", "0.01");
        function.aws().priceList().price("m7g.8xlarge", "1.3056");

        assertExceeded(
                function.send("{" + LAUNCH.replace("'m7g.large'", "'m7g.8xlarge','m7g.large'") + ",'count':5}"),
                "5 × m7g.large × $0.0816/h");
    }

    @Test
    void limitsFleetsAlike() {
        function = with("'maxCommitted':'1','fleets':true");
        String fleet = REAL + ",'allocation':'price-capacity-optimized'";

        assertEquals(of("0.9792", "1", "0.0208"), budget(launch(fleet + ",'count':4")));
        assertExceeded(launch(fleet));
        assertEquals(1, function.aws().calls("CreateFleet").size());
    }

    @Test
    void answersRepeatedLaunchAboveTheCap() {
        String keyed = REAL + ",'count':4,'idempotencyKey':'same'";
        launch(keyed);

        FunctionUnderTest.Answer again = launch(keyed);

        assertEquals(true, again.meta().get("repeated"), again.body());
        assertEquals(of("0.9792", "1", "0.0208"), budget(again));
        function.aws().always("DescribeInstances", Fault.error("us-east-1", 403, "UnauthorizedOperation"));
        assertEquals(true, launch(keyed).meta().get("repeated"), "it launches nothing");
    }

    @Test
    void countsOnlyWhatWasLaunched() {
        function.ec2().launches().capacity("us-west-2a", "m7g.large", 1);

        assertEquals(of("0.2448", "1", "0.7552"), budget(launch(REAL + ",'count':3")));
    }

    @Test
    void saysNothingWithoutCap() {
        function = with("'allowOnDemand':false");

        assertFalse(launch(REAL).meta().containsKey("budget"));
        assertFalse(extend(managed(), "2h").meta().containsKey("budget"));
    }

    @Test
    void showsBudgetInWords() {
        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}", "accept", "text/plain");

        assertTrue(answer.body().contains("$0.2448 of $1 committed, $0.7552 left"), answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'maxCommitted':'1',"})
    void tokenLimitsItsOwnInstances(String cap) {
        function = withTokens(cap);
        MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());
        String token = minter.token("{'tasks':['launch','extend','end'],'committed':'0.5'}");
        FakeInstance others = managed();
        String launch = "{" + LAUNCH + REAL;

        FunctionUnderTest.Answer first = function.sendWithToken(token, launch + ",'count':2}");

        assertEquals(of("0.4896", "0.5", "0.0104"), budget(first, "tokenBudget"));
        assertEquals(!cap.isEmpty(), first.meta().containsKey("budget"));
        assertExceeded(
                function.sendWithToken(token, launch + "}"), "2 living", "$0.4896", "$0.7344", "'committed' of $0.5");
        String own = String.valueOf(first.row(0).get("InstanceId"));
        assertExceeded(
                function.sendWithToken(token, "{'task':'extend','instanceIds':['" + own + "'],'lease':'4h'}"),
                "$0.0816");
        assertEquals(
                "ScopeExceeded",
                function.sendWithToken(token, "{'task':'extend','instanceIds':['" + others.id() + "'],'lease':'4h'}")
                        .error());
        assertEquals(
                200,
                function.sendWithToken(token, "{'task':'end','instanceIds':['" + own + "']}")
                        .status());
        assertEquals(of("0.4896", "0.5", "0.0104"), budget(function.sendWithToken(token, launch + "}"), "tokenBudget"));
    }

    @Test
    void deploymentsCapHoldsForTokensOfOtherRegions() {
        function = withTokens("'maxCommitted':'0.3',");
        MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());
        function.ec2().managedInstance("us-west-2a", "m7g.large");
        function.ec2().catalog().price("eu-west-1a", "m7g.large", "0.02");
        String token = minter.token("{'tasks':['launch'],'regions':['eu-west-1'],'committed':'0.25'}");

        assertExceeded(function.sendWithToken(token, "{" + LAUNCH + REAL + "}"), "'maxCommitted' of $0.3");
        function.ec2().alive().getFirst().state("terminated");
        assertEquals(of("0.2448", "0.3", "0.0552"), budget(function.sendWithToken(token, "{" + LAUNCH + REAL + "}")));
    }

    @Test
    void readsOnlyTheTokensRegionsWithoutCap() {
        function = withTokens("");
        MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());
        String token = minter.token("{'tasks':['launch'],'regions':['us-west-2'],'committed':1}");

        assertEquals(
                of("0.2448", "1", "0.7552"), budget(function.sendWithToken(token, "{" + LAUNCH + "}"), "tokenBudget"));
        assertEquals(1, function.aws().calls("DescribeInstances").size());
    }

    private static FunctionUnderTest withTokens(String cap) {
        FunctionUnderTest function =
                FunctionUnderTest.withRegions(cap + FunctionUnderTest.TOKENS, "us-west-2", "eu-west-1");
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        function.aws().priceList().price("m7g.large", "0.0816");
        return function;
    }

    @Test
    void statusShowsTheLimits() {
        function = withTokens("'maxCommitted':'12.50',");
        MinterUnderTest minter = new MinterUnderTest(function.aws(), function.clock());
        String token = minter.token("{'tasks':['extend'],'committed':'0.5'}");

        FunctionUnderTest.Answer status = function.sendWithToken(token, "{'task':'status'}");

        assertEquals("12.50", status.meta().get("maxCommitted"));
        assertEquals("0.5", status.meta().get("committed"));
        assertFalse(FunctionUnderTest.with("'maxCommitted':'1'")
                .send("{'task':'status'}")
                .meta()
                .containsKey("committed"));
    }
}
