package io.github.spotspec.function.task;

import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.ec2.PoolPrice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * The spot price of a pool next to the on-demand price of its type, to the placement score of its zone, or to both.
 *
 * @param withOnDemand whether the row shows the on-demand price
 * @param onDemand the price in US dollars per hour, or null if AWS lists none
 * @param withScore whether the row shows the placement score
 * @param score the placement score, or null if EC2 returned none
 */
record PriceRow(
        PoolPrice spot,
        boolean withOnDemand,
        @Nullable BigDecimal onDemand,
        boolean withScore,
        @Nullable Integer score) implements Row {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    @Override
    public void write(Columns out) {
        spot.write(out);
        if (withOnDemand) {
            out.put(
                    "OnDemandPrice",
                    onDemand == null ? null : onDemand.stripTrailingZeros().toPlainString());
            out.put("SavingPercent", onDemand == null ? null : saving(onDemand));
        }
        if (withScore) {
            out.put("Score", score);
        }
    }

    private BigDecimal saving(BigDecimal onDemand) {
        return onDemand.subtract(spot.price()).multiply(HUNDRED).divide(onDemand, 1, RoundingMode.HALF_UP);
    }
}
