package io.github.spotspec.local.ec2;

import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.SpotMarket;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * What instances cost by EC2's rules (EC2 user guide, "Billing for interrupted Spot Instances"), from the market
 * itself. It asks the market for the price at the beginning of each hour, and reads no history. Tests compare bills
 * with it.
 */
public final class Meter {
    private static final int HOUR = 3_600;

    private final SpotMarket market;

    public Meter(SpotMarket market) {
        this.market = market;
    }

    /** Returns what an instance that has ended costs in US dollars, to the second that EC2 shows for its end. */
    public BigDecimal cost(Instance ended) {
        LaunchSpecification spec = ended.launchSpecification();
        Instant end = ended.chargeEnd().at().truncatedTo(ChronoUnit.SECONDS);
        long ran = Math.max(0, ended.launched().until(end, ChronoUnit.SECONDS));
        boolean interrupted =
                spec.isSpot() && String.valueOf(ended.chargeEnd().reason()).startsWith("Server.Spot");
        if (interrupted && ran < HOUR) {
            return BigDecimal.ZERO;
        }
        BigDecimal cost = BigDecimal.ZERO;
        boolean wholeHours = spec.image().platform().startsWith("SUSE");
        long left = wholeHours ? ran : Math.max(60, ran);
        for (long hour = 0; left > 0 || (wholeHours && hour == 0 && !interrupted); hour++) {
            BigDecimal price = price(spec, ended.launched().plusSeconds(hour * HOUR));
            if (wholeHours) {
                cost = cost.add(left >= HOUR || !interrupted ? price : BigDecimal.ZERO);
            } else {
                cost = cost.add(price.multiply(BigDecimal.valueOf(Math.min(left, HOUR)))
                        .divide(BigDecimal.valueOf(HOUR), MathContext.DECIMAL64));
            }
            left -= HOUR;
        }
        return cost;
    }

    private BigDecimal price(LaunchSpecification spec, Instant at) {
        String product = spec.image().platform();
        if (!spec.isSpot()) {
            Catalog.Type type = Objects.requireNonNull(Catalog.all().get(spec.type()));
            return market.onDemand(spec.region(), type).add(SpotMarket.license(product, type));
        }
        SpotMarket.Pool pool = Objects.requireNonNull(
                market.pool(spec.region(), spec.type(), spec.subnet().zone(), product));
        return market.at(pool, at).price();
    }
}
