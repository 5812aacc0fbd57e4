package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import io.github.spotspec.function.runtime.ParallelCalls;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.pricing.PricingClient;
import software.amazon.awssdk.services.pricing.model.Filter;
import software.amazon.awssdk.services.pricing.model.FilterType;
import software.amazon.awssdk.services.pricing.model.GetProductsRequest;
import software.amazon.awssdk.services.pricing.model.GetProductsResponse;

/**
 * Reads on-demand prices with the Price List API's GetProducts. They change a few times a year, so a price is cached
 * for the life of the process. Thread-safe.
 */
public final class OnDemandPrices {
    /** The maximum number of types in one request, because each type and product takes a call. */
    public static final int MAX_TYPES = 20;

    /** One of the few regions that have the API. */
    private static final Region HOME = Region.US_EAST_1;

    private static final String ACTION = "pricing:GetProducts";

    private static final int MAX_PARALLEL = 10;

    private final Semaphore permits = new Semaphore(MAX_PARALLEL);
    private final SdkHttpClient http;
    private @Nullable PricingClient pricing;
    private final Map<Offer, BigDecimal> known = new ConcurrentHashMap<>();

    public OnDemandPrices(SdkHttpClient http) {
        this.http = http;
    }

    /** What one price is for. */
    private record Offer(String region, String type, String system) {}

    /**
     * Returns the on-demand price of a type in a zone in US dollars per hour, or empty if AWS lists none. It is empty
     * in Local Zones and Wavelength Zones, whose prices AWS lists separately, and which are higher.
     *
     * @param product EC2's product description, for example {@code Linux/UNIX}
     * @throws ServiceException with {@link ErrorCode#PRICE_UNAVAILABLE} if AWS does not answer
     */
    public Optional<BigDecimal> price(
            String region, String zone, String type, String product, AwsCallContext callContext) {
        return Zones.isAvailabilityZone(region, zone)
                ? priceInAvailabilityZones(region, type, product, callContext)
                : Optional.empty();
    }

    /**
     * Returns the on-demand price of a type in all Availability Zones of a region, in US dollars per hour, or empty if
     * AWS lists none.
     *
     * @param product EC2's product description, for example {@code Linux/UNIX}
     * @throws ServiceException with {@link ErrorCode#PRICE_UNAVAILABLE} if AWS does not answer
     */
    public Optional<BigDecimal> priceInAvailabilityZones(
            String region, String type, String product, AwsCallContext callContext) {
        return price(offer(region, type, product), callContext);
    }

    /**
     * Returns the on-demand price of each pool's type and product in US dollars per hour, without pools for which AWS
     * lists none. Makes at most ten calls at a time, for all regions together.
     *
     * @throws ServiceException with {@link ErrorCode#PRICE_UNAVAILABLE} if AWS does not answer
     */
    public Map<PoolPrice, BigDecimal> prices(List<PoolPrice> pools, AwsCallContext callContext) {
        List<Offer> offers =
                pools.stream().map(OnDemandPrices::offer).distinct().toList();
        List<Optional<BigDecimal>> answers = ParallelCalls.map(offers, offer -> price(offer, callContext));
        Map<Offer, BigDecimal> found = new HashMap<>();
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            answers.get(i).ifPresent(usd -> found.put(offer, usd));
        }
        Map<PoolPrice, BigDecimal> prices = new HashMap<>();
        for (PoolPrice pool : pools) {
            BigDecimal usd = found.get(offer(pool));
            if (usd != null) {
                prices.put(pool, usd);
            }
        }
        return prices;
    }

    private Optional<BigDecimal> price(Offer offer, AwsCallContext callContext) {
        BigDecimal price = known.get(offer);
        if (price != null) {
            return Optional.of(price);
        }
        Optional<BigDecimal> found = read(offer, callContext);
        found.ifPresent(usd -> known.put(offer, usd));
        return found;
    }

    private static Offer offer(PoolPrice pool) {
        return offer(pool.region(), pool.instanceType(), pool.product());
    }

    private static Offer offer(String region, String type, String product) {
        return new Offer(region, type, operatingSystem(product));
    }

    private Optional<BigDecimal> read(Offer offer, AwsCallContext callContext) {
        GetProductsRequest.Builder request = GetProductsRequest.builder()
                .serviceCode("AmazonEC2")
                .formatVersion("aws_v1")
                .filters(
                        filter("regionCode", offer.region()),
                        filter("instanceType", offer.type()),
                        filter("operatingSystem", offer.system()),
                        filter("tenancy", "Shared"),
                        filter("preInstalledSw", "NA"),
                        filter("capacitystatus", "Used"),
                        filter("marketoption", "OnDemand"),
                        // AWS also lists Windows with the customer's own license, at a lower price.
                        filter("licenseModel", "No License required"));
        acquire(callContext);
        try {
            request.overrideConfiguration(callContext::authorize);
            return Pages.all(
                            token -> pricing()
                                    .getProducts(request.nextToken(token).build()),
                            GetProductsResponse::nextToken,
                            GetProductsResponse::priceList)
                    .stream()
                    .map(OnDemandPrices::perHour)
                    .flatMap(Optional::stream)
                    .findFirst();
        } catch (SdkException e) {
            // EC2 has accepted the operator credentials, or an earlier call would have failed.
            throw unavailable(Ec2Errors.toException(ACTION, HOME.id(), e).details());
        } catch (JsonException | NumberFormatException e) {
            throw unavailable(ACTION + " in " + HOME.id() + " returned an entry for " + offer.type()
                    + " in an unexpected format; the same request may succeed later.");
        } finally {
            permits.release();
        }
    }

    /**
     * Waits for a permit, because the calls for all regions go to one endpoint, which throttles too many calls at a
     * time.
     */
    private void acquire(AwsCallContext callContext) {
        boolean acquired;
        try {
            acquired = permits.tryAcquire(callContext.deadline().remaining().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (!acquired) {
            throw unavailable(ACTION + " in " + HOME.id()
                    + " did not answer other requests in time; try again in a few seconds.");
        }
    }

    private static ServiceException unavailable(String why) {
        return new ServiceException(ErrorCode.PRICE_UNAVAILABLE, why);
    }

    /** Creates the client on first use, because few requests need these prices and creating a client takes a while. */
    private synchronized PricingClient pricing() {
        PricingClient client = pricing;
        if (client == null) {
            client = AwsClients.build(
                    PricingClient.builder(),
                    HOME,
                    http,
                    AwsClients.noCredentials(),
                    configuration -> configuration.addExecutionInterceptor(CallBudget.interceptor()));
            pricing = client;
        }
        return client;
    }

    private static Filter filter(String field, String value) {
        return Filter.builder()
                .type(FilterType.TERM_MATCH)
                .field(field)
                .value(value)
                .build();
    }

    /**
     * Returns the price list's name for a product's operating system. A product costs the same inside and outside a
     * VPC.
     */
    private static String operatingSystem(String product) {
        return switch (SpotPrices.system(product)) {
            case "Red Hat Enterprise Linux" -> "RHEL";
            case "SUSE Linux" -> "SUSE";
            case "Windows" -> "Windows";
            default -> "Linux";
        };
    }

    /** Finds the hourly price in a price list entry: terms, OnDemand, any, priceDimensions, any, pricePerUnit, USD. */
    private static Optional<BigDecimal> perHour(String entry) {
        Object terms = child(Json.parse(entry), "terms");
        Object dimensions = child(any(child(terms, "OnDemand")), "priceDimensions");
        Object price = child(child(any(dimensions), "pricePerUnit"), "USD");
        // A price of zero stands for a rate that is not sold.
        return price instanceof String text
                ? Optional.of(new BigDecimal(text)).filter(usd -> usd.signum() > 0)
                : Optional.empty();
    }

    private static @Nullable Object child(@Nullable Object value, String name) {
        return value instanceof Map<?, ?> map ? map.get(name) : null;
    }

    private static @Nullable Object any(@Nullable Object value) {
        return value instanceof Map<?, ?> map && !map.isEmpty()
                ? map.values().iterator().next()
                : null;
    }
}
