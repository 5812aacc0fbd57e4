package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Metrics;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records the spot price of each watched pool as a metric. Thread-safe. */
final class SpotPriceRecorder {
    private static final List<String> POOL = List.of("zone", "type");

    private final SpotPrices prices;
    private final SpotPrices.Query query;
    private final FunctionLog log;

    /**
     * Creates the recorder for the types to watch.
     *
     * @param types instance types, with Linux, in every zone
     */
    SpotPriceRecorder(SpotPrices prices, List<String> types, FunctionLog log) {
        this.prices = prices;
        this.query = new SpotPrices.Query(types, List.of("Linux/UNIX"), List.of(), false);
        this.log = log;
    }

    /**
     * Records the prices in some regions. A region that does not answer is skipped, because prices are not the keeper's
     * purpose.
     */
    void record(List<String> regions, AwsCallContext callContext, Instant now, Context context) {
        if (query.types().isEmpty()) {
            return;
        }
        for (String region : regions) {
            try {
                for (PoolPrice pool :
                        prices.current(region, query, callContext, now).prices()) {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("zone", pool.zone());
                    fields.put("type", pool.instanceType());
                    log.line(
                            "INFO",
                            "price",
                            now,
                            context,
                            fields,
                            new Metrics().put("SpotPrice", "None", pool.price(), POOL));
                }
            } catch (ServiceException failure) {
                log.line(
                        "WARN",
                        "Prices could not be logged.",
                        now,
                        context,
                        Map.of("region", region, "reason", failure.errorCode().code(), "details", failure.details()));
            }
        }
    }
}
