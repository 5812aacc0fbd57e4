package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks that all contestants return the same prices. Not thread-safe. */
final class PriceAgreement {
    private final Map<BenchmarkRequest, List<BigDecimal>> first = new HashMap<>();

    /**
     * Checks an answer.
     *
     * @throws IllegalStateException if it is not an answer, or differs from the first answer to the question
     */
    void check(BenchmarkRequest question, byte[] answer) {
        List<BigDecimal> prices = new ArrayList<>();
        for (JsonNode row : BenchmarkRequest.rows(answer)) {
            prices.add(new BigDecimal(row.path("SpotPrice").asText()).stripTrailingZeros());
        }
        prices.sort(null);
        List<BigDecimal> expected = first.computeIfAbsent(question, key -> prices);
        if (!expected.equals(prices)) {
            throw new IllegalStateException(
                    "prices for " + question.body() + ": " + prices + "; the first contestant returned " + expected);
        }
    }
}
