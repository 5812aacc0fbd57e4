package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.CachedByKey;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryResponse;
import software.amazon.awssdk.services.ec2.model.Filter;

/** Reads spot prices with EC2's DescribeSpotPriceHistory. Caches current prices for a minute. Thread-safe. */
public final class SpotPrices {
    /** EC2's product descriptions, as listed in its API reference. */
    public static final List<String> PRODUCTS = List.of(
            "Linux/UNIX",
            "Red Hat Enterprise Linux",
            "SUSE Linux",
            "Windows",
            "Linux/UNIX (Amazon VPC)",
            "Red Hat Enterprise Linux (Amazon VPC)",
            "SUSE Linux (Amazon VPC)",
            "Windows (Amazon VPC)");

    /** How long EC2 keeps past prices. */
    public static final Duration MEMORY = Duration.ofDays(90);

    /** The maximum number of types to query by name. A query for more types reads all types and filters them. */
    private static final int MAX_NAMED = 100;

    private static final Duration CACHE_TTL = Duration.ofMinutes(1);
    private static final int PAGE = 1_000;

    /**
     * The maximum number of cached rows in total, some megabytes. The largest region has about a quarter of this
     * number.
     */
    private static final int MAX_CACHED_ROWS = 100_000;

    /** The largest history that is worth reading for a list: the prices of a hundred pools in a month. */
    private static final int MAX_HISTORY_ROWS = 20_000;

    private final Ec2Clients ec2;
    private final CachedByKey<RegionQuery, Current> cached = new CachedByKey<>(
            CACHE_TTL, MAX_CACHED_ROWS, current -> current.prices().size());
    private final CachedByKey<Since, List<PoolPrice>> cachedSince =
            new CachedByKey<>(CACHE_TTL, MAX_CACHED_ROWS, List::size);

    /**
     * Selects the pools to price; an empty list means all.
     *
     * @param zones names and ids of zones
     * @param dryRun whether EC2 only checks if the operator may read the prices
     */
    public record Query(List<String> types, List<String> products, List<String> zones, boolean dryRun) {}

    /**
     * The prices that were current at one point in time.
     *
     * @param skipped how many rows of EC2's answer were skipped, because they lack a pool, a price or a time
     */
    public record Current(List<PoolPrice> prices, int skipped, Instant at) {
        private Current of(List<String> types) {
            Set<String> names = Set.copyOf(types);
            List<PoolPrice> matching = prices.stream()
                    .filter(price -> names.contains(price.instanceType()))
                    .toList();
            return new Current(matching, skipped, at);
        }
    }

    /**
     * The prices in a time window.
     *
     * @param skipped how many rows of EC2's answer were skipped, because they lack a pool, a price or a time
     */
    public record History(List<PoolPrice> prices, int skipped) {}

    private record RegionQuery(String region, Query query) {}

    private record Since(RegionQuery query, Instant from) {}

    public SpotPrices(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the price of every pool in a region that matches the query, each pool once, at most a minute old. Returns
     * no prices for a dry run.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public Current current(String region, Query query, AwsCallContext callContext, Instant now) {
        if (query.types().size() > MAX_NAMED) {
            Query all = new Query(List.of(), query.products(), query.zones(), query.dryRun());
            return current(region, all, callContext, now).of(query.types());
        }
        RegionQuery key = new RegionQuery(region, query);
        Current before = cached.get(key, now);
        if (before != null) {
            return before;
        }
        History read = latest(region, query, callContext, now);
        Current current = new Current(read.prices(), read.skipped(), now);
        if (!query.dryRun()) {
            cached.put(key, current, now);
        }
        return current;
    }

    /**
     * Returns every price that was in effect in a time window, oldest first. The first price of each pool may have
     * begun before the window.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public History history(String region, Query query, Instant from, Instant to, AwsCallContext callContext) {
        return history(region, query, from, to, Integer.MAX_VALUE, callContext);
    }

    private History history(
            String region, Query query, Instant from, Instant to, int maxRows, AwsCallContext callContext) {
        try {
            History read = read(
                    region,
                    query,
                    maxRows,
                    callContext,
                    request -> request.startTime(from).endTime(to));
            read.prices().sort(Comparator.comparing(PoolPrice::since));
            return read;
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:DescribeSpotPriceHistory", region, e);
        }
    }

    /**
     * Returns every price that was in effect from a time until now or until a minute ago, oldest first. The first price
     * of each pool may have begun before the time.
     *
     * @throws ServiceException if EC2 does not answer, or with {@link ErrorCode#TOO_MANY_CALLS} if there are too many
     */
    public List<PoolPrice> since(String region, Query query, Instant from, AwsCallContext callContext, Instant now) {
        Since key = new Since(new RegionQuery(region, query), from);
        List<PoolPrice> before = cachedSince.get(key, now);
        if (before != null) {
            return before;
        }
        List<PoolPrice> prices = List.copyOf(
                history(region, query, from, now, MAX_HISTORY_ROWS, callContext).prices());
        cachedSince.put(key, prices, now);
        return prices;
    }

    private History latest(String region, Query query, AwsCallContext callContext, Instant now) {
        try {
            // A start time of now selects the prices in effect now, without their history.
            History read = read(region, query, Integer.MAX_VALUE, callContext, request -> request.startTime(now));
            return new History(latest(read.prices()), read.skipped());
        } catch (SdkException e) {
            if (query.dryRun() && Ec2Errors.isDryRunSuccess(e)) {
                return new History(List.of(), 0);
            }
            throw Ec2Errors.toException("ec2:DescribeSpotPriceHistory", region, e);
        }
    }

    /**
     * Returns the latest record of each pool, because EC2 does not guarantee an order. Nearly every pool has only one
     * record, so a map of all pools would be mostly waste.
     */
    private static List<PoolPrice> latest(List<PoolPrice> records) {
        List<PoolPrice> sorted = new ArrayList<>(records);
        sorted.sort((one, other) -> {
            int pools = comparePools(one, other);
            return pools == 0 ? Long.compare(other.sinceMillis(), one.sinceMillis()) : pools;
        });
        Set<PoolPrice> outdated = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 1; i < sorted.size(); i++) {
            if (comparePools(sorted.get(i - 1), sorted.get(i)) == 0) {
                outdated.add(sorted.get(i));
            }
        }
        records.removeIf(outdated::contains);
        return Collections.unmodifiableList(records);
    }

    /**
     * Compares the pools of two records of one region by type, zone and product. It takes a fraction of the time of
     * composed comparators, and a sweep calls it millions of times.
     */
    private static int comparePools(PoolPrice one, PoolPrice other) {
        int types = one.instanceType().compareTo(other.instanceType());
        int zones = types == 0 ? one.zone().compareTo(other.zone()) : types;
        return zones == 0 ? one.product().compareTo(other.product()) : zones;
    }

    private History read(
            String region,
            Query query,
            int maxRows,
            AwsCallContext callContext,
            Consumer<DescribeSpotPriceHistoryRequest.Builder> window) {
        List<List<String>> zones = byKind(query.zones());
        List<PoolPrice> prices = new ArrayList<>();
        int skipped = 0;
        List<History> read = ParallelCalls.map(parts(query, zones), part -> {
            DescribeSpotPriceHistoryRequest.Builder request = request(part);
            window.accept(request);
            return records(region, maxRows, callContext, request);
        });
        for (History part : read) {
            prices.addAll(part.prices());
            skipped += part.skipped();
        }
        // A zone that is given both by name and by id is in both answers.
        return new History(zones.size() == 1 ? prices : new ArrayList<>(new LinkedHashSet<>(prices)), skipped);
    }

    /**
     * Splits a query into queries that run at the same time. A query for all types is split by operating system,
     * because it takes many pages.
     */
    private static List<Query> parts(Query query, List<List<String>> zones) {
        List<List<String>> products =
                query.types().isEmpty() && !query.dryRun() ? bySystem(query.products()) : List.of(query.products());
        return zones.stream()
                .flatMap(zonesOfKind ->
                        products.stream().map(one -> new Query(query.types(), one, zonesOfKind, query.dryRun())))
                .toList();
    }

    /** Groups zones into names and ids. They need separate queries, because EC2 combines its filters with "and". */
    private static List<List<String>> byKind(List<String> zones) {
        List<String> names = zones.stream().filter(zone -> !Zones.isId(zone)).toList();
        return names.isEmpty() || names.size() == zones.size()
                ? List.of(zones)
                : List.of(names, zones.stream().filter(Zones::isId).toList());
    }

    /** Groups products, or all products if the list is empty, by operating system. */
    private static List<List<String>> bySystem(List<String> products) {
        return List.copyOf((products.isEmpty() ? PRODUCTS : products)
                .stream()
                        .collect(Collectors.groupingBy(SpotPrices::system, LinkedHashMap::new, Collectors.toList()))
                        .values());
    }

    /** Returns the operating system of a product, whether or not it is in a VPC. */
    static String system(String product) {
        return product.replace(" (Amazon VPC)", "");
    }

    private static DescribeSpotPriceHistoryRequest.Builder request(Query query) {
        DescribeSpotPriceHistoryRequest.Builder request = DescribeSpotPriceHistoryRequest.builder()
                .instanceTypesWithStrings(query.types())
                .productDescriptions(query.products())
                .maxResults(PAGE)
                .dryRun(query.dryRun() ? true : null);
        if (!query.zones().isEmpty()) {
            request.filters(Filter.builder()
                    .name(Zones.isId(query.zones().getFirst()) ? "availability-zone-id" : "availability-zone")
                    .values(query.zones())
                    .build());
        }
        return request;
    }

    /**
     * Reads the pages of a query.
     *
     * @throws ServiceException with {@link ErrorCode#TOO_MANY_CALLS} if there are more rows than {@code maxRows}
     */
    private History records(
            String region, int maxRows, AwsCallContext callContext, DescribeSpotPriceHistoryRequest.Builder request) {
        SpotPriceReader reader = new SpotPriceReader(region);
        request.overrideConfiguration(call -> {
            callContext.authorize(call);
            reader.of(call);
        });
        AtomicInteger skipped = new AtomicInteger();
        AtomicInteger rows = new AtomicInteger();
        List<PoolPrice> prices = Pages.all(
                token -> ec2.in(region)
                        .describeSpotPriceHistory(request.nextToken(token).build()),
                DescribeSpotPriceHistoryResponse::nextToken,
                page -> {
                    skipped.addAndGet(reader.skipped());
                    if (rows.addAndGet(reader.rows().size()) > maxRows) {
                        throw new ServiceException(
                                ErrorCode.TOO_MANY_CALLS,
                                "EC2 in " + region + " has more than " + maxRows + " prices for these instances.");
                    }
                    return reader.rows();
                });
        return new History(prices, skipped.get());
    }
}
