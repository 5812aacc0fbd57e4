package io.github.spotspec.function.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.spotspec.function.cost.InstanceCost.Period;
import io.github.spotspec.function.cost.InstanceCost.Run;
import io.github.spotspec.function.ec2.PoolPrice;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares costs with ones that were computed by hand. The instance is launched at 10:00:00. */
final class InstanceCostTest {
    /** In no order. Two changes are in the second in which the instance's second hour begins. */
    private static final List<PoolPrice> HISTORY = List.of(
            price("2026-03-01T11:00:00.400Z", "0.045"),
            price("2026-03-01T10:30:00Z", "0.04"),
            price("2026-02-28T20:17:03Z", "0.03"),
            price("2026-03-01T11:59:59Z", "0.05"),
            price("2026-03-01T11:00:00Z", "0.036"));

    @ParameterizedTest
    @CsvSource({
        // Ended by a user: 60 seconds of 0.03, at least.
        "false, false, 10:00:00,       60,    0.0005",
        "false, false, 10:00:59,       60,    0.0005",
        "false, false, 10:01:01,       61,    0.0005083333",
        "false, false, 10:45:00,     2700,    0.0225",
        "false, false, 11:00:00,     3600,    0.03",
        "false, false, 11:00:10,     3610,    0.0301",
        // 0.03 + 0.036 + 0.05 / 2
        "false, false, 12:30:00,     9000,    0.091",
        // Interrupted by EC2: the first hour is free.
        "false, true,  10:00:10,        0,    0",
        "false, true,  10:59:59,        0,    0",
        "false, true,  11:00:00,     3600,    0.03",
        "false, true,  12:30:00,     9000,    0.091",
        // SUSE Linux: hours that have begun, or complete hours if EC2 interrupts it.
        "true,  false, 10:00:10,     3600,    0.03",
        "true,  false, 11:00:00,     3600,    0.03",
        "true,  false, 11:00:01,     7200,    0.066",
        "true,  false, 12:30:00,    10800,    0.116",
        "true,  true,  10:59:59,        0,    0",
        "true,  true,  11:59:59,     3600,    0.03",
        "true,  true,  12:30:00,     7200,    0.066",
    })
    void chargesPriceAtBeginningOfEachInstanceHour(
            boolean hourly, boolean interrupted, String end, long seconds, BigDecimal amount) {
        InstanceCost cost =
                InstanceCost.spot(run(end, hourly, interrupted), HISTORY).orElseThrow();

        assertEquals(0, amount.compareTo(cost.amount()), cost.toString());
        assertEquals(seconds, cost.billedSeconds());
    }

    @Test
    void averagesPriceOverChargedSeconds() {
        InstanceCost cost =
                InstanceCost.spot(run("12:30:00", false, false), HISTORY).orElseThrow();
        InstanceCost free =
                InstanceCost.spot(run("10:30:00", false, true), HISTORY).orElseThrow();

        assertEquals(0, new BigDecimal("0.0364").compareTo(Objects.requireNonNull(cost.averagePrice())));
        assertNull(free.averagePrice());
    }

    @Test
    void doesNotKnowCostWithoutPriceAtLaunch() {
        List<PoolPrice> later = List.of(price("2026-03-01T10:00:01Z", "0.03"));

        assertEquals(Optional.empty(), InstanceCost.spot(run("12:30:00", false, false), later));
        assertEquals(Optional.empty(), InstanceCost.spot(run("10:00:30", false, false), List.of()));
    }

    @Test
    void takesHigherOfTwoPricesOfOneTime() {
        List<PoolPrice> twice = List.of(price("2026-03-01T09:00:00Z", "0.06"), price("2026-03-01T09:00:00Z", "0.03"));

        InstanceCost cost =
                InstanceCost.spot(run("10:30:00", false, false), twice).orElseThrow();

        assertEquals(0, new BigDecimal("0.03").compareTo(cost.amount()), cost.toString());
    }

    @Test
    void chargesOnDemandPrice() {
        BigDecimal price = new BigDecimal("0.0816");

        assertEquals(
                0,
                new BigDecimal("0.204")
                        .compareTo(InstanceCost.onDemand(run("12:30:00", false, false), price)
                                .amount()));
        assertEquals(
                0,
                new BigDecimal("0.2448")
                        .compareTo(InstanceCost.onDemand(run("12:30:00", true, false), price)
                                .amount()));
    }

    @Test
    void countsNoTimeBeforeLaunch() {
        // The clocks of EC2 and of the function differ.
        Run early = run("09:59:58", false, false);

        assertEquals(0, early.seconds());
        assertEquals(60, InstanceCost.spot(early, HISTORY).orElseThrow().billedSeconds());
    }

    /**
     * Launched at 22:30:00, the instance-hours begin at 22:30, 23:30, 00:30 and 01:30, when the prices are 0.03, 0.04,
     * 0.06 and 0.02. Midnight halves the second hour.
     */
    @ParameterizedTest
    @CsvSource({
        "false, false, 2026-03-01T23:00:00Z, 1800, 0.015, 0,    0",
        "false, false, 2026-03-02T00:00:00Z, 5400, 0.05,  0,    0",
        // 0.04 / 2 after midnight, not half of the 0.06 that holds since then.
        "false, false, 2026-03-02T00:30:00Z, 5400, 0.05,  1800, 0.02",
        // 0.04 / 2 + 0.06 + 0.02 / 2
        "false, false, 2026-03-02T02:00:00Z, 5400, 0.05,  7200, 0.09",
        "false, true,  2026-03-02T02:00:00Z, 5400, 0.05,  7200, 0.09",
        "false, true,  2026-03-01T23:15:00Z, 0,    0,     0,    0",
        // SUSE Linux: the hour that has begun ends tomorrow.
        "true,  false, 2026-03-01T23:45:00Z, 5400, 0.05,  1800, 0.02",
        "true,  false, 2026-03-02T02:00:00Z, 5400, 0.05,  9000, 0.1",
        "true,  true,  2026-03-02T02:00:00Z, 5400, 0.05,  5400, 0.08",
    })
    void splitsCostAtMidnight(
            boolean hourly,
            boolean interrupted,
            Instant end,
            long firstSeconds,
            BigDecimal firstAmount,
            long secondSeconds,
            BigDecimal secondAmount) {
        List<PoolPrice> history = List.of(
                price("2026-03-02T00:00:00Z", "0.06"),
                price("2026-03-01T23:10:00Z", "0.04"),
                price("2026-02-28T20:17:03Z", "0.03"),
                price("2026-03-02T01:15:00Z", "0.02"));
        Run run = new Run(Instant.parse("2026-03-01T22:30:00Z"), end, hourly, interrupted);

        InstanceCost first = day("2026-03-01", run, history);
        InstanceCost second = day("2026-03-02", run, history);

        assertEquals(0, firstAmount.compareTo(first.amount()), first.toString());
        assertEquals(firstSeconds, first.billedSeconds());
        assertEquals(0, secondAmount.compareTo(second.amount()), second.toString());
        assertEquals(secondSeconds, second.billedSeconds());
        InstanceCost whole = InstanceCost.spot(run, history).orElseThrow();
        assertEquals(0, whole.amount().compareTo(first.amount().add(second.amount())), whole.toString());
        assertEquals(0, day("2026-02-28", run, history).billedSeconds());
        assertEquals(0, day("2026-03-03", run, history).billedSeconds());
    }

    @Test
    void minuteThatIsChargedAtLeastCanEndTomorrow() {
        List<PoolPrice> history = List.of(price("2026-03-01T12:00:00Z", "0.12"));
        Run run = new Run(Instant.parse("2026-03-01T23:59:40Z"), Instant.parse("2026-03-01T23:59:45Z"), false, false);

        assertEquals(20, day("2026-03-01", run, history).billedSeconds());
        assertEquals(40, day("2026-03-02", run, history).billedSeconds());
    }

    @Test
    void splitsOnDemandCostAtMidnight() {
        Run run = new Run(Instant.parse("2026-03-01T22:30:00Z"), Instant.parse("2026-03-02T02:00:00Z"), false, false);

        InstanceCost second =
                InstanceCost.onDemand(run, new BigDecimal("0.08"), Period.dayOf(Instant.parse("2026-03-02T02:00:00Z")));

        assertEquals(0, new BigDecimal("0.16").compareTo(second.amount()), second.toString());
    }

    @Test
    void knowsCostOfDayWithoutPricesOfTheDayBefore() {
        List<PoolPrice> later = List.of(price("2026-03-01T23:10:00Z", "0.04"));
        Run run = new Run(Instant.parse("2026-03-01T22:30:00Z"), Instant.parse("2026-03-02T00:30:00Z"), false, false);

        assertEquals(Optional.empty(), InstanceCost.spot(run, later));
        assertEquals(Optional.empty(), InstanceCost.spot(run, later, dayOf("2026-03-01")));
        assertEquals(
                0,
                new BigDecimal("0.02").compareTo(day("2026-03-02", run, later).amount()));
    }

    private static InstanceCost day(String day, Run run, List<PoolPrice> history) {
        return InstanceCost.spot(run, history, dayOf(day)).orElseThrow();
    }

    private static Period dayOf(String day) {
        return Period.dayOf(Instant.parse(day + "T13:14:15.678Z"));
    }

    private static Run run(String end, boolean hourly, boolean interrupted) {
        return new Run(
                Instant.parse("2026-03-01T10:00:00Z"), Instant.parse("2026-03-01T" + end + "Z"), hourly, interrupted);
    }

    private static PoolPrice price(String since, String usd) {
        return PoolPrice.of(
                "us-west-2",
                "us-west-2a",
                "usw2-az1",
                "m7g.large",
                "Linux/UNIX",
                new BigDecimal(usd),
                Instant.parse(since));
    }
}
