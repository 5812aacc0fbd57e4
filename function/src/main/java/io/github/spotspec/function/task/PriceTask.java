package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.PoolPrice;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.request.Field;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import io.github.spotspec.function.request.Syntax;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code price}: the current spot price of each pool, that is of each type, zone and product. */
public final class PriceTask implements Task {
    static final Field<List<String>> TYPES = Field.texts(
                    "types", 100, "instance types such as m7g.large", Syntax::isInstanceType)
            .or("type", "InstanceTypes", "instanceTypes");
    static final Field<List<String>> PRODUCTS = Field.texts(
                    "products",
                    8,
                    "of EC2's products: " + String.join(", ", SpotPrices.PRODUCTS),
                    SpotPrices.PRODUCTS::contains)
            .or("product", "ProductDescriptions", "productDescriptions");
    static final Field<List<String>> ZONES = Field.texts(
                    "zones", 100, "availability zones such as us-west-2a", Syntax::isZone)
            .or("zone");
    static final Field<Boolean> DRY_RUN = Field.flag("dryRun");

    private final Regions regions;
    private final SpotPrices prices;

    public PriceTask(Regions regions, SpotPrices prices) {
        this.regions = regions;
        this.prices = prices;
    }

    @Override
    public String name() {
        return "price";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(Regions.FIELD, TYPES, PRODUCTS, ZONES, DRY_RUN);
    }

    @Override
    public Act prepare(Fields fields) {
        List<String> asked = regions.of(fields);
        SpotPrices.Query query = new SpotPrices.Query(
                fields.get(TYPES, List.of()),
                fields.get(PRODUCTS, List.of()),
                fields.get(ZONES, List.of()),
                fields.get(DRY_RUN, false));
        for (String zone : query.zones()) {
            if (asked.stream().noneMatch(zone::startsWith)) {
                throw new Refusal(
                        Reason.INVALID_REQUEST,
                        "Zone " + zone + " is in none of the regions asked: " + String.join(", ", asked) + ".");
            }
        }
        return call -> run(asked, query, call);
    }

    private Answer run(List<String> asked, SpotPrices.Query query, Call call) {
        Sweep<List<PoolPrice>> sweep = Sweep.over(
                asked,
                Duration.between(call.now(), call.deadline()),
                region -> prices.current(region, query, call.operator(), call.now()));
        List<PoolPrice> rows = new ArrayList<>();
        sweep.found().values().forEach(rows::addAll);

        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("at", call.now());
        meta.put("source", "ec2:DescribeSpotPriceHistory");
        meta.put("regions", List.copyOf(sweep.found().keySet()));
        if (query.dryRun()) {
            meta.put("dryRun", true);
        } else {
            List<Map<String, Object>> without = withoutPrice(query.types(), sweep.found());
            if (!without.isEmpty()) {
                meta.put("withoutPrice", without);
            }
        }
        if (!sweep.failed().isEmpty()) {
            meta.put("failed", failures(sweep.failed()));
        }
        return new Answer("priced", rows, meta);
    }

    /** Which of the asked types EC2 has no price for, by region: not offered there, or misspelt. */
    private static List<Map<String, Object>> withoutPrice(List<String> types, Map<String, List<PoolPrice>> found) {
        List<Map<String, Object>> without = new ArrayList<>();
        found.forEach((region, rows) -> {
            Set<String> priced = new HashSet<>();
            rows.forEach(row -> priced.add(row.instanceType()));
            List<String> missing =
                    types.stream().filter(type -> !priced.contains(type)).toList();
            if (!missing.isEmpty()) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("region", region);
                entry.put("types", missing);
                without.add(entry);
            }
        });
        return without;
    }

    private static List<Map<String, Object>> failures(Map<String, Refusal> failed) {
        List<Map<String, Object>> failures = new ArrayList<>();
        failed.forEach((region, refusal) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("region", region);
            entry.put("error", refusal.reason().word());
            entry.put("details", refusal.details());
            failures.add(entry);
        });
        return failures;
    }
}
