package io.github.spotspec.function.fake;

import io.github.spotspec.function.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The Price List API with on-demand prices. Thread-safe. */
public final class FakePriceList {
    private final Map<String, String> prices = new HashMap<>();
    private final List<Map<String, String>> asked = new ArrayList<>();
    private boolean denied;

    /** Lists the price of a type in every region, for Linux. */
    public synchronized FakePriceList price(String type, String usd) {
        prices.put(type + " Linux", usd);
        return this;
    }

    public synchronized void denies() {
        denied = true;
    }

    /** Returns the filters of each question. */
    public synchronized List<Map<String, String>> asked() {
        return List.copyOf(asked);
    }

    synchronized Said answer(String body) {
        Map<?, ?> request = (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        Map<String, String> filters = new LinkedHashMap<>();
        for (Object filter : (List<?>) Objects.requireNonNull(request.get("Filters"))) {
            Map<?, ?> one = (Map<?, ?>) filter;
            filters.put(String.valueOf(one.get("Field")), String.valueOf(one.get("Value")));
        }
        asked.add(filters);
        if (denied) {
            return new Said(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
        }
        String price = prices.get(filters.get("instanceType") + " " + filters.get("operatingSystem"));
        if (price == null) {
            return new Said(200, "{\"PriceList\":[]}");
        }
        String entry = "{\"product\":{},\"terms\":{\"OnDemand\":{\"A.B\":{\"priceDimensions\":{\"A.B.C\":"
                + "{\"unit\":\"Hrs\",\"pricePerUnit\":{\"USD\":\"" + price + "\"}}}}}}}";
        return new Said(200, "{\"PriceList\":[\"" + escaped(entry) + "\"]}");
    }

    static String escaped(String json) {
        return json.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
