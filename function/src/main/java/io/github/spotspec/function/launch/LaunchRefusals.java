package io.github.spotspec.function.launch;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Says why a launch launched nothing in the pools that it tried. */
final class LaunchRefusals {
    private static final int MOST_NAMED = 10;

    private LaunchRefusals() {}

    /**
     * Returns the refusal of a launch whose pools have no capacity.
     *
     * @param attempts the pools that were tried, and the result of each
     * @param priceLimits whether the launch's maximum price rules out some of its pools
     */
    static Refusal noCapacity(List<Map<String, Object>> attempts, boolean priceLimits) {
        String tried = attempts.stream()
                .limit(MOST_NAMED)
                .map(attempt -> attempt.get("InstanceType") + " in " + attempt.get("AvailabilityZone") + " ("
                        + attempt.get("Market") + ": " + attempt.get("Result") + ")")
                .collect(Collectors.joining(", "));
        int more = attempts.size() - MOST_NAMED;
        return new Refusal(
                Reason.NO_CAPACITY,
                "No pool that was asked for has room now; tried: " + tried + (more > 0 ? " and " + more + " more" : "")
                        + ". Ask for more types or zones, or later" + (priceLimits ? ", or raise 'price'." : "."));
    }

    /**
     * Returns the refusal of a launch whose maximum price, or the deployment's, is below every spot price.
     *
     * @param above the pools of which it is known that they cost more
     */
    static Refusal priceBelowSpot(Launch launch, MaxPrice maxPrice, List<Candidate> above) {
        boolean own = launch.maxPrice() != null;
        String limit = own ? "'price'" : "This deployment's maximum price";
        String remedy = own
                ? "; raise 'price', leave it out, or ask for other types or zones."
                : "; ask for other types or zones, or raise 'maxPrice' and deploy.";
        return new Refusal(
                Reason.PRICE_BELOW_SPOT,
                above.stream()
                                .min(Comparator.comparing(LaunchRefusals::price))
                                .map(lowest -> limit + " is "
                                        + MaxPrice.text(Objects.requireNonNull(maxPrice.spot(lowest.type())))
                                        + " US dollars an hour, below the lowest spot price of "
                                        + MaxPrice.text(price(lowest)) + " (" + lowest.type() + " in " + lowest.zone()
                                        + ")")
                                .orElse(limit + " is below the spot price of every pool that was tried")
                        + remedy);
    }

    private static BigDecimal price(Candidate place) {
        return Objects.requireNonNull(place.price());
    }
}
