package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Creates the exceptions that say why a launch launched nothing in the pools that it tried. */
final class LaunchFailures {
    private static final int MAX_NAMED = 10;

    private LaunchFailures() {}

    /**
     * Returns the exception for a launch whose pools have no capacity.
     *
     * @param attempts the pools that were tried, and the result of each
     * @param priceLimits whether the launch's maximum price rules out some of its pools
     */
    static ServiceException noCapacity(List<Map<String, Object>> attempts, boolean priceLimits) {
        String tried = attempts.stream()
                .limit(MAX_NAMED)
                .map(attempt -> attempt.get("InstanceType") + " in " + attempt.get("AvailabilityZone") + " ("
                        + attempt.get("Market") + ": " + attempt.get("Result") + ")")
                .collect(Collectors.joining(", "));
        int more = attempts.size() - MAX_NAMED;
        return new ServiceException(
                ErrorCode.NO_CAPACITY,
                "No requested pool has capacity now; tried: " + tried + (more > 0 ? " and " + more + " more" : "")
                        + ". Add types or zones, or try again later" + (priceLimits ? ", or raise 'price'." : "."));
    }

    /**
     * Returns the exception for a launch whose maximum price, or the deployment's, is below every spot price.
     *
     * @param above the pools that are known to cost more
     */
    static ServiceException priceBelowSpot(Launch launch, MaxPrice maxPrice, List<CapacityPool> above) {
        boolean hasOwnLimit = launch.market().maxPrice() != null;
        String limit = hasOwnLimit ? "'price'" : "The maximum price of this deployment or token";
        String remedy = hasOwnLimit
                ? "; raise or omit 'price', or choose other types or zones."
                : "; choose other types or zones, or raise the deployment's 'maxPrice' or the token's 'price'.";
        return new ServiceException(
                ErrorCode.PRICE_BELOW_SPOT,
                above.stream()
                                .min(Comparator.comparing(LaunchFailures::price))
                                .map(lowest -> limit + " is "
                                        + MaxPrice.text(Objects.requireNonNull(maxPrice.spot(lowest)))
                                        + " US dollars an hour, below the lowest spot price of "
                                        + MaxPrice.text(price(lowest)) + " (" + lowest.type() + " in " + lowest.zone()
                                        + ")")
                                .orElse(limit + " is below the spot price of every pool that was tried")
                        + remedy);
    }

    private static BigDecimal price(CapacityPool pool) {
        return Objects.requireNonNull(pool.price());
    }
}
