package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.ec2.PoolPrice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The price of a capacity pool over a window.
 *
 * @param pool any of the pool's prices, which identifies the pool
 * @param minimum the lowest price
 * @param mean the mean, with each price weighted by how long it was in effect
 * @param median the price that half of the time was not below, and half not above
 * @param maximum the highest price
 * @param points every price and since when it was in effect, oldest first; empty if the request does not ask for them
 */
record PoolHistory(
        PoolPrice pool,
        BigDecimal minimum,
        BigDecimal mean,
        BigDecimal median,
        BigDecimal maximum,
        int changes,
        List<PoolPrice> points)
        implements Row {

    private static final int DIGITS = 6;

    /** A price and how long it was in effect, in milliseconds. */
    private record Span(BigDecimal price, long millis) {}

    /**
     * Summarizes the prices of a pool.
     *
     * @param prices the prices in order of time; must not be empty
     * @param withPoints whether to include the points
     */
    static PoolHistory of(List<PoolPrice> prices, Instant from, Instant to, boolean withPoints) {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < prices.size(); i++) {
            Instant start =
                    prices.get(i).since().isBefore(from) ? from : prices.get(i).since();
            Instant end = i + 1 < prices.size() ? prices.get(i + 1).since() : to;
            spans.add(new Span(
                    prices.get(i).price(),
                    Math.max(0, Duration.between(start, end).toMillis())));
        }
        spans.sort(Comparator.comparing(Span::price));
        long all = spans.stream().mapToLong(Span::millis).sum();
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal median = spans.getLast().price();
        long passed = 0;
        boolean found = false;
        for (Span span : spans) {
            sum = sum.add(span.price().multiply(BigDecimal.valueOf(span.millis())));
            passed += span.millis();
            if (!found && passed * 2 >= all) {
                median = span.price();
                found = true;
            }
        }
        return new PoolHistory(
                prices.getFirst(),
                spans.getFirst().price(),
                all == 0 ? median : sum.divide(BigDecimal.valueOf(all), DIGITS, RoundingMode.HALF_UP),
                median,
                spans.getLast().price(),
                prices.size() - 1,
                withPoints ? List.copyOf(prices) : List.of());
    }

    @Override
    public void write(Columns out) {
        out.put("Region", pool.region());
        out.put("AvailabilityZone", pool.zone());
        out.put("AvailabilityZoneId", pool.zoneId());
        out.put("InstanceType", pool.instanceType());
        out.put("ProductDescription", pool.product());
        out.put("Minimum", minimum.toPlainString());
        out.put("Mean", mean.toPlainString());
        out.put("Median", median.toPlainString());
        out.put("Maximum", maximum.toPlainString());
        out.put("Changes", changes);
        if (!points.isEmpty()) {
            out.put("Points", points.stream().map(PoolHistory::point).toList());
        }
    }

    private static Map<String, Object> point(PoolPrice price) {
        Map<String, Object> point = new LinkedHashMap<>();
        point.put("Timestamp", price.since());
        point.put("SpotPrice", price.price().toPlainString());
        return point;
    }
}
