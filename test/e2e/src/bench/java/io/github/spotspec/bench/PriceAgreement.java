package io.github.spotspec.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds everybody to the prices that whoever was asked first has answered. Not thread-safe. */
final class PriceAgreement {
    private final Map<Question, List<BigDecimal>> first = new HashMap<>();

    /**
     * Looks at an answer.
     *
     * @throws IllegalStateException if it is none, or other than the first one to the question
     */
    void check(Question question, byte[] answer) {
        List<BigDecimal> prices = new ArrayList<>();
        for (JsonNode row : Question.rows(answer)) {
            prices.add(new BigDecimal(row.path("SpotPrice").asText()).stripTrailingZeros());
        }
        prices.sort(null);
        List<BigDecimal> expected = first.computeIfAbsent(question, key -> prices);
        if (!expected.equals(prices)) {
            throw new IllegalStateException("to " + question.body() + " the prices are " + prices
                    + ", and whoever was asked first had " + expected);
        }
    }
}
