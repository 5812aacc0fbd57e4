package io.github.spotspec.function.http;

import io.github.spotspec.function.api.Answer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The last line of an answer for people: what its rows amount to. */
final class TotalsLine {
    private static final String SEPARATOR = " · ";

    private TotalsLine() {}

    /** Returns the line, or an empty text if there is nothing to add up. */
    static String of(Answer answer, Instant now) {
        Map<String, ?> meta = answer.meta();
        return switch (answer.event()) {
            case "instances" -> instances(answer);
            case "costs" -> costs(answer);
            case "ended" -> ended(answer);
            case "launched" -> launched(answer, now);
            case "priced" ->
                meta.get("matched") == null
                        ? count(answer, "price")
                        : answer.data().size() + " of " + meta.get("matched") + " prices";
            case "history" -> count(answer, "pool");
            case "spots", "canceled" -> count(answer, "spot request");
            case "extended", "terminated" -> count(answer, "instance");
            default -> answer.data().isEmpty() ? "no rows" : "";
        };
    }

    private static String count(Answer answer, String what) {
        int count = answer.data().size();
        return (count == 0 ? "no" : String.valueOf(count)) + " " + what + (count == 1 ? "" : "s");
    }

    private static String instances(Answer answer) {
        List<String> parts = new ArrayList<>();
        Map<String, Long> states = answer.data().stream()
                .map(row -> TextTable.cell(PlainTable.fields(row).get("State")))
                .collect(Collectors.groupingBy(state -> state, LinkedHashMap::new, Collectors.counting()));
        if (states.isEmpty()) {
            parts.add("no instances");
        } else {
            parts.add(states.entrySet().stream()
                    .map(state -> state.getValue() + " " + state.getKey())
                    .collect(Collectors.joining(", ")));
        }
        Map<?, ?> cost = map(answer.meta().get("cost"));
        add(amount(cost, "hourlyCost"), "/h", parts);
        add(cost(cost), " so far", parts);
        add(amount(cost, "leaseCost"), " more until the leases end", parts);
        addUnknown(cost, parts);
        if (answer.meta().get("notListed") != null) {
            parts.add(answer.meta().get("notListed") + " terminated not listed");
        }
        return String.join(SEPARATOR, parts);
    }

    private static String costs(Answer answer) {
        List<String> parts = new ArrayList<>(List.of(count(answer, "instance")));
        Map<String, ?> meta = answer.meta();
        add(ReadableText.number(meta.get("costToday")), " today", parts);
        add(cost(meta), " so far", parts);
        add(ReadableText.number(meta.get("costAtLeaseEnd")), " when the leases end", parts);
        add(amount(meta, "hourlyCost"), "/h now", parts);
        addUnknown(meta, parts);
        return String.join(SEPARATOR, parts);
    }

    private static String ended(Answer answer) {
        Map<?, ?> cost = map(answer.meta().get("cost"));
        long ended = answer.data().stream()
                .filter(row -> Boolean.TRUE.equals(PlainTable.fields(row).get("Ended")))
                .count();
        List<String> parts = new ArrayList<>(List.of((ended == 0 ? "nothing" : String.valueOf(ended)) + " ended"));
        if (ended < answer.data().size()) {
            parts.add((answer.data().size() - ended) + " not ended");
        }
        add(cost(cost), " in total", parts);
        addUnknown(cost, parts);
        return String.join(SEPARATOR, parts);
    }

    /** Returns the line of a launch, such as {@code Launched 2 × m7g.large for 3h, about $0.16 …}. */
    private static String launched(Answer answer, Instant now) {
        Map<String, ?> meta = answer.meta();
        String estimate = estimate(map(meta.get("estimate")), lease(answer, now));
        if (Boolean.TRUE.equals(meta.get("repeated"))) {
            return "Already launched with this key: " + estimate;
        }
        if (Boolean.TRUE.equals(meta.get("dryRun"))) {
            return "Dry run: " + estimate;
        }
        return "Launched " + estimate;
    }

    /** Returns how long leases last, to the minute, because leases end at full minutes. */
    private static @Nullable Duration lease(Answer answer, Instant now) {
        Object end = answer.meta().get("lease");
        if (end == null && !answer.data().isEmpty()) {
            end = PlainTable.fields(answer.data().getFirst()).get("Lease");
        }
        Instant time = ReadableText.time(end);
        return time == null
                ? null
                : Duration.ofMinutes(Duration.between(now, time).toMinutes());
    }

    private static String estimate(Map<?, ?> estimate, @Nullable Duration lease) {
        StringBuilder text = new StringBuilder();
        for (Object each : estimate.get("instances") instanceof List<?> groups ? groups : List.of()) {
            Map<?, ?> group = (Map<?, ?>) each;
            text.append(text.isEmpty() ? "" : " + ")
                    .append(group.get("Instances"))
                    .append(" × ")
                    .append(TextTable.cell(group.get("InstanceType")));
        }
        if (lease != null) {
            text.append(" for ").append(ReadableText.duration(lease));
        }
        BigDecimal cost = ReadableText.number(estimate.get("leaseCost"));
        text.append(cost == null ? ", price unknown" : ", about " + ReadableText.dollars(cost, RoundingMode.HALF_UP));
        List<String> more = new ArrayList<>();
        add(ReadableText.number(estimate.get("hourlyCost")), "/h", more);
        BigDecimal most = ReadableText.number(estimate.get("maxLeaseCost"));
        if (most != null) {
            more.add("at most " + ReadableText.dollars(most, RoundingMode.UP));
        }
        BigDecimal saving = ReadableText.number(estimate.get("savingPercent"));
        if (saving != null && saving.signum() > 0) {
            more.add(saving.setScale(0, RoundingMode.DOWN) + "% below on-demand");
        }
        return text + (more.isEmpty() ? "" : " (" + String.join(", ", more) + ")");
    }

    private static void addUnknown(Map<?, ?> totals, List<String> parts) {
        if (totals.get("unknown") != null) {
            parts.add("cost unknown for " + totals.get("unknown"));
        }
    }

    /** Returns the cost so far, or null if it is not known of any instance. */
    private static @Nullable BigDecimal cost(Map<?, ?> totals) {
        return totals.get("unknown") != null && totals.get("unknown").equals(totals.get("instances"))
                ? null
                : ReadableText.number(totals.get("cost"));
    }

    /** Returns an amount, or null if it is zero or unknown. */
    private static @Nullable BigDecimal amount(Map<?, ?> amounts, String name) {
        BigDecimal amount = ReadableText.number(amounts.get(name));
        return amount == null || amount.signum() == 0 ? null : amount;
    }

    private static void add(@Nullable BigDecimal amount, String after, List<String> parts) {
        if (amount != null) {
            parts.add(ReadableText.dollars(amount, RoundingMode.HALF_UP) + after);
        }
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
