package io.github.spotspec.local.service;

import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireResponse;
import io.github.spotspec.local.wire.Xml;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Amazon EC2. */
final class Ec2Api extends QueryApi {
    private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
    private static final int MOST_RESULTS = 1_000;

    /** Every fifth page comes empty and still has a successor, as EC2's pages may. */
    private static final int EMPTY_PAGE_EVERY = 5;

    private final SpotMarket market;
    private final InstantSource clock;
    private final Map<String, List<SpotMarket.Pool>> pools = new ConcurrentHashMap<>();

    Ec2Api(SpotMarket market, InstantSource clock) {
        super(NAMESPACE);
        this.market = market;
        this.clock = clock;
    }

    @Override
    public String service() {
        return "ec2";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("DescribeSpotPriceHistory", this::describeSpotPriceHistory);
    }

    @Override
    String document(String action, Consumer<Xml> result, String requestId) {
        return Xml.document(action + "Response", NAMESPACE, xml -> result.accept(xml.put("requestId", requestId)));
    }

    @Override
    public AwsError denied(String message) {
        return new AwsError(403, "UnauthorizedOperation", message);
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        return WireResponse.of(
                error.status(),
                "text/xml;charset=UTF-8",
                Xml.document(
                        "Response",
                        null,
                        xml -> xml.nest(
                                        "Errors",
                                        errors -> errors.nest(
                                                "Error",
                                                e -> e.put("Code", error.code()).put("Message", error.message())))
                                .put("RequestID", requestId)));
    }

    private Consumer<Xml> describeSpotPriceHistory(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> types = params.list("InstanceType");
        List<String> products = params.list("ProductDescription");
        Map<String, List<String>> filters =
                filters(params, List.of("availability-zone", "instance-type", "product-description"));
        String zone = params.text("AvailabilityZone");
        Instant now = clock.instant();
        Instant from = orElse(params.time("StartTime"), Instant.EPOCH);
        Instant to = earlier(orElse(params.time("EndTime"), now), now);
        int most = params.whole("MaxResults", MOST_RESULTS);
        int page = page(params.text("NextToken"));
        call.authorize("ec2:DescribeSpotPriceHistory", "*");
        rehearse(dryRun);
        Instant oldest = now.minus(java.time.Duration.ofDays(90));
        Instant start = earlier(from.isBefore(oldest) ? oldest : from, to);

        // Unsure: whether EC2 refuses a type that does not exist. Here it has no price; the function copes with either.
        boolean empty = page % EMPTY_PAGE_EVERY == EMPTY_PAGE_EVERY - 1;
        int size = Math.clamp(most, 1, MOST_RESULTS);
        // One more than fits, to know whether there is more.
        List<SpotMarket.Price> found = pools.computeIfAbsent(call.region(), market::pools).stream()
                .filter(pool -> !to.isBefore(oldest)
                        && fits(types, pool.type().name())
                        && fits(products, pool.product())
                        && (zone == null || zone.equals(pool.zone()))
                        && fits(filters.getOrDefault("availability-zone", List.of()), pool.zone())
                        && fits(
                                filters.getOrDefault("instance-type", List.of()),
                                pool.type().name())
                        && fits(filters.getOrDefault("product-description", List.of()), pool.product()))
                .flatMap(pool -> market.history(pool, start, to).stream())
                .skip((long) (page - page / EMPTY_PAGE_EVERY) * size)
                .limit(size + 1L)
                .toList();
        List<SpotMarket.Price> shown = empty ? List.of() : found.subList(0, Math.min(size, found.size()));
        boolean more = found.size() > shown.size();
        return xml -> xml.list(
                        "spotPriceHistorySet",
                        "item",
                        shown,
                        (item, price) -> item.put(
                                        "instanceType", price.pool().type().name())
                                .put("productDescription", price.pool().product())
                                .put("spotPrice", price.price().toPlainString())
                                .put("timestamp", price.since())
                                .put("availabilityZone", price.pool().zone())
                                .put("availabilityZoneId", price.pool().zoneId()))
                .put("nextToken", more ? token(page + 1) : "");
    }

    /** Ends a call that was only a rehearsal, once it is known that it would be allowed. */
    private static void rehearse(boolean dryRun) {
        if (dryRun) {
            throw new AwsError(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        }
    }

    private static Map<String, List<String>> filters(Params params, List<String> known) {
        Map<String, List<String>> filters = new TreeMap<>();
        for (int i = 1; i <= params.count("Filter"); i++) {
            String name = params.required("Filter." + i + ".Name");
            if (!known.contains(name)) {
                throw AwsError.unknown("the filter " + name);
            }
            filters.put(name, params.list("Filter." + i + ".Value"));
        }
        return filters;
    }

    private static boolean fits(List<String> wanted, String value) {
        return wanted.isEmpty() || wanted.contains(value);
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static String token(int page) {
        return Base64.getEncoder().encodeToString(("page " + page).getBytes(StandardCharsets.UTF_8));
    }

    private static int page(@Nullable String token) {
        if (token == null) {
            return 0;
        }
        try {
            return Integer.parseInt(
                    new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8).substring("page ".length()));
        } catch (RuntimeException e) {
            throw new AwsError(400, "InvalidNextToken", "The specified token is not valid.");
        }
    }

    /** Returns whether a region exists at all. */
    static boolean isRegion(String region) {
        return Geography.regions().contains(region);
    }
}
