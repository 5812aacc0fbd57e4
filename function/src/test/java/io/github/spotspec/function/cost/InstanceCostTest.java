package io.github.spotspec.function.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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
