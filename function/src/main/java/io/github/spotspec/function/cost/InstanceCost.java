package io.github.spotspec.function.cost;

import io.github.spotspec.function.ec2.PoolPrice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one run of an instance costs in US dollars, by the rules that AWS states. It is an estimate: AWS does not say
 * where an instance-hour begins, or how long an instance is pending before it is charged. Here, the first hour begins
 * at the launch time. Immutable.
 *
 * <ul>
 *   <li>A Spot Instance pays for each instance-hour the spot price at its beginning (AWS whitepaper "Overview of Amazon
 *       EC2 Spot Instances"). An On-Demand Instance pays the price of the price list.
 *   <li>Seconds are charged, but at least 60 (EC2 pricing, "Per second billing"). With SUSE Linux, hours that have
 *       begun are charged.
 *   <li>If EC2 interrupts a Spot Instance in its first hour, the hour is free. Afterwards, the seconds used are
 *       charged; with SUSE Linux, the last hour that is not complete is free (EC2 user guide, "Billing for interrupted
 *       Spot Instances").
 * </ul>
 *
 * @param amount what it costs; zero only if it is free
 * @param billedSeconds the seconds that are charged
 * @param averagePrice the average price per hour of the seconds that are charged, or null if it is free
 */
public record InstanceCost(
        BigDecimal amount, long billedSeconds, @Nullable BigDecimal averagePrice) {
    private static final long HOUR = Duration.ofHours(1).toSeconds();
    private static final long MINIMUM = 60;

    /** Longer than any lease. Bounds the computation if a time is wrong. */
    private static final long LONGEST = Duration.ofDays(3_660).toSeconds();

    /** Six decimals are shown, so rounding to ten does not add up to a visible difference. */
    private static final int SCALE = 10;

    /**
     * One run of an instance, from its start to its end.
     *
     * @param end when it ended or stopped, or the current time if it runs
     * @param hourly whether hours are charged instead of seconds, as with SUSE Linux
     * @param interrupted whether EC2 ended it to take the capacity of a Spot Instance back
     */
    public record Run(Instant start, Instant end, boolean hourly, boolean interrupted) {
        /** Returns the whole seconds that it lasted. */
        public long seconds() {
            return Math.clamp(Duration.between(start, end).toSeconds(), 0, LONGEST);
        }

        /** Returns the seconds that are charged. */
        public long billedSeconds() {
            long seconds = seconds();
            if (interrupted) {
                return seconds < HOUR ? 0 : hourly ? seconds / HOUR * HOUR : seconds;
            }
            return hourly ? Math.max(1, Math.ceilDiv(seconds, HOUR)) * HOUR : Math.max(MINIMUM, seconds);
        }
    }

    /** Returns whether hours are charged instead of seconds, by EC2's product description. */
    public static boolean isChargedByHour(@Nullable String product) {
        return product != null && product.startsWith("SUSE");
    }

    /**
     * The time whose seconds count. The seconds that are charged follow each other from the launch, so the costs of
     * consecutive periods add up to the whole cost.
     *
     * @param from the first second
     * @param to the second after the last one
     */
    public record Period(Instant from, Instant to) {
        /** All time. */
        public static final Period ALL = new Period(Instant.EPOCH, Instant.MAX);

        /** Returns the day in UTC that contains a time. */
        public static Period dayOf(Instant time) {
            Instant midnight = time.truncatedTo(ChronoUnit.DAYS);
            return new Period(midnight, midnight.plus(1, ChronoUnit.DAYS));
        }

        /** Returns how many seconds after a start, from one number of seconds to another, are in the period. */
        private long seconds(Instant start, long first, long end) {
            long after = Math.max(first, start.until(from, ChronoUnit.SECONDS));
            return Math.max(0, Math.min(end, start.until(to, ChronoUnit.SECONDS)) - after);
        }
    }

    /**
     * Returns the cost of a Spot Instance, or empty if the history lacks the price of an hour that is charged.
     *
     * @param history the prices of its pool, in any order. If two have the same time, the higher one counts
     */
    public static Optional<InstanceCost> spot(Run run, List<PoolPrice> history) {
        return spot(run, history, Period.ALL);
    }

    /** Returns the part of the cost of a Spot Instance that is for the charged seconds in a period. */
    public static Optional<InstanceCost> spot(Run run, List<PoolPrice> history, Period period) {
        TreeMap<Instant, BigDecimal> prices = new TreeMap<>();
        history.forEach(price -> prices.merge(price.since(), price.price(), BigDecimal::max));
        return sum(
                run,
                period,
                time -> Optional.ofNullable(prices.floorEntry(time)).map(Map.Entry::getValue));
    }

    /** Returns the cost of an On-Demand Instance with a price in US dollars per hour. */
    public static InstanceCost onDemand(Run run, BigDecimal price) {
        return onDemand(run, price, Period.ALL);
    }

    /** Returns the part of the cost of an On-Demand Instance that is for the charged seconds in a period. */
    public static InstanceCost onDemand(Run run, BigDecimal price, Period period) {
        return sum(run, period, time -> Optional.of(price)).orElseThrow();
    }

    /**
     * Adds up the instance-hours that are charged, as far as they are in a period.
     *
     * @param priceAt returns the price at a time, or empty if it is unknown
     * @return empty if the price of one of these hours is unknown
     */
    private static Optional<InstanceCost> sum(Run run, Period period, Function<Instant, Optional<BigDecimal>> priceAt) {
        long billed = run.billedSeconds();
        // US dollars per hour, times seconds.
        BigDecimal sum = BigDecimal.ZERO;
        long counted = 0;
        for (long from = 0; from < billed; from += HOUR) {
            long seconds = period.seconds(run.start(), from, Math.min(from + HOUR, billed));
            if (seconds > 0) {
                Optional<BigDecimal> price = priceAt.apply(run.start().plusSeconds(from));
                if (price.isEmpty()) {
                    return Optional.empty();
                }
                sum = sum.add(price.get().multiply(BigDecimal.valueOf(seconds)));
                counted += seconds;
            }
        }
        return Optional.of(of(sum, counted));
    }

    private static InstanceCost of(BigDecimal sum, long billed) {
        return new InstanceCost(
                sum.divide(BigDecimal.valueOf(HOUR), SCALE, RoundingMode.HALF_UP),
                billed,
                billed == 0 ? null : sum.divide(BigDecimal.valueOf(billed), SCALE, RoundingMode.HALF_UP));
    }
}
