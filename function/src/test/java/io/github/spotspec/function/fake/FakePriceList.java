package io.github.spotspec.function.fake;

import io.github.spotspec.function.runtime.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The Price List API with on-demand prices. Thread-safe. */
public final class FakePriceList {
    private final Map<String, String> prices = new HashMap<>();
    private final List<Map<String, String>> queries = new ArrayList<>();
    private final Map<String, String> ownLicense = new HashMap<>();
    private final Map<String, String> entries = new HashMap<>();
    private @Nullable AwsResponse answer;
    private boolean startWithEmptyPage;

    /** Lists the price of a type in every region, for Linux. */
    public synchronized FakePriceList price(String type, String usd) {
        prices.put(type + " Linux", usd);
        return this;
    }

    /** Lists the price of a type in one region, for Linux. */
    public synchronized FakePriceList price(String region, String type, String usd) {
        prices.put(region + " " + type + " Linux", usd);
        return this;
    }

    /** Lists the prices of a type for Windows, with a license included and with the customer's own. */
    public synchronized FakePriceList windows(String type, String usd, String usdWithOwnLicense) {
        prices.put(type + " Windows", usd);
        ownLicense.put(type + " Windows", usdWithOwnLicense);
        return this;
    }

    /** Lists a raw entry for a type, for Linux. */
    public synchronized void entry(String type, String entry) {
        entries.put(type + " Linux", entry);
    }

    public synchronized void denyAccess() {
        respondWith(new AwsResponse(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}"));
    }

    /** Answers every query with an empty first page. */
    public synchronized void startWithEmptyPage() {
        startWithEmptyPage = true;
    }

    /** Answers every query with a response. */
    public synchronized void respondWith(AwsResponse response) {
        answer = response;
    }

    /** Returns the filters of each query. */
    public synchronized List<Map<String, String>> queries() {
        return List.copyOf(queries);
    }

    synchronized AwsResponse answer(String body) {
        Map<?, ?> request = (Map<?, ?>) Objects.requireNonNull(Json.parse(body));
        Map<String, String> filters = new LinkedHashMap<>();
        for (Object filter : (List<?>) Objects.requireNonNull(request.get("Filters"))) {
            Map<?, ?> one = (Map<?, ?>) filter;
            filters.put(String.valueOf(one.get("Field")), String.valueOf(one.get("Value")));
        }
        queries.add(filters);
        if (answer != null) {
            return answer;
        }
        if (startWithEmptyPage && request.get("NextToken") == null) {
            return new AwsResponse(200, "{\"PriceList\":[],\"NextToken\":\"second\"}");
        }
        String product = filters.get("instanceType") + " " + filters.get("operatingSystem");
        String license = filters.getOrDefault("licenseModel", "");
        List<String> found = new ArrayList<>();
        if (entries.containsKey(product)) {
            found.add("\"" + escaped(Objects.requireNonNull(entries.get(product))) + "\"");
        }
        if (!license.equals("No License required") && ownLicense.containsKey(product)) {
            found.add(entry(Objects.requireNonNull(ownLicense.get(product))));
        }
        String price = prices.getOrDefault(filters.get("regionCode") + " " + product, prices.get(product));
        if (!license.equals("Bring your own license") && price != null) {
            found.add(entry(price));
        }
        return new AwsResponse(200, "{\"PriceList\":[" + String.join(",", found) + "]}");
    }

    private static String entry(String price) {
        String entry = "{\"product\":{},\"terms\":{\"OnDemand\":{\"A.B\":{\"priceDimensions\":{\"A.B.C\":"
                + "{\"unit\":\"Hrs\",\"pricePerUnit\":{\"USD\":\"" + price + "\"}}}}}}}";
        return "\"" + escaped(entry) + "\"";
    }

    static String escaped(String json) {
        return json.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
