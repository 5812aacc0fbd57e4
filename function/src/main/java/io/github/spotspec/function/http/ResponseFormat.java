package io.github.spotspec.function.http;

import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Session;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The formats of an answer, the default first. This class is loaded only if a request's header Accept asks for more
 * than JSON.
 */
enum ResponseFormat {
    /** The whole answer. */
    JSON("application", "json"),
    /** A table for people that fits into a terminal, followed by what they should know besides, and by totals. */
    PLAIN("text", "plain"),
    /** The rows, for programs (RFC 4180). The answer's {@code meta} is in the header {@value #META}. */
    CSV("text", "csv"),
    /** The same as {@link #PLAIN} with all columns and all of {@code meta}: {@code text/plain; wide=true}. */
    WIDE("text", "plain");

    /** The header of an answer in CSV or plain text that holds the answer's {@code meta} in JSON. */
    static final String META = "spotspec-meta";

    private static final int MAX_META_CHARACTERS = 4_096;
    private static final String TOO_LONG = "tooLong";
    private static final int FULL_WEIGHT = 1_000;

    private final String type;
    private final String subtype;

    ResponseFormat(String type, String subtype) {
        this.type = type;
        this.subtype = subtype;
    }

    /**
     * A media range of the header Accept.
     *
     * @param weight its weight, in thousandths
     * @param wide whether it has the parameter {@code wide}
     */
    private record Range(String type, String subtype, int weight, boolean wide) {}

    /**
     * Returns the format with the highest weight (RFC 9110, section 12.5.1). If several have the same weight, returns
     * the first, so that browsers and clients that accept anything get JSON. Also returns JSON if the client accepts no
     * format: any answer is better than an error, especially if the request has already launched something.
     */
    static ResponseFormat of(String accept) {
        List<Range> ranges = ranges(accept);
        ResponseFormat best = JSON;
        int most = 0;
        for (ResponseFormat form : values()) {
            int weight = form.weight(ranges);
            if (weight > most) {
                most = weight;
                best = form;
            }
        }
        return best == PLAIN && ranges.stream().anyMatch(range -> range.wide() && PLAIN.closeness(range) >= 0)
                ? WIDE
                : best;
    }

    private static List<Range> ranges(String accept) {
        List<Range> ranges = new ArrayList<>();
        for (String each : accept.split(",", -1)) {
            String[] parts = each.toLowerCase(Locale.ROOT).split(";", -1);
            String[] names = parts[0].strip().split("/", -1);
            int weight = FULL_WEIGHT;
            boolean wide = false;
            for (int i = 1; i < parts.length; i++) {
                String parameter = parts[i].strip();
                if (parameter.startsWith("q=")) {
                    weight = thousandths(parameter.substring(2));
                }
                wide |= parameter.equals("wide=true");
            }
            if (names.length == 2 && weight >= 0) {
                ranges.add(new Range(names[0], names[1], weight, wide));
            }
        }
        return ranges;
    }

    /** Returns a weight in thousandths, or -1 if the text is not a number from 0 to 1 with up to three decimals. */
    private static int thousandths(String text) {
        if (text.length() > 5 || !text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.')) {
            return -1;
        }
        try {
            int weight = new BigDecimal(text).movePointRight(3).intValueExact();
            return weight <= FULL_WEIGHT ? weight : -1;
        } catch (ArithmeticException | NumberFormatException e) {
            return -1;
        }
    }

    /** Returns the weight of the most specific matching range. */
    private int weight(List<Range> ranges) {
        int weight = 0;
        int closest = -1;
        for (Range range : ranges) {
            int closeness = closeness(range);
            if (closeness > closest) {
                closest = closeness;
                weight = range.weight();
            }
        }
        return weight;
    }

    private int closeness(Range range) {
        if (range.type().equals("*")) {
            return range.subtype().equals("*") ? 0 : -1;
        }
        if (!range.type().equals(type)) {
            return -1;
        }
        return range.subtype().equals(subtype) ? 2 : range.subtype().equals("*") ? 1 : -1;
    }

    /**
     * Returns the response for a task's answer.
     *
     * @param now when the request arrived
     */
    HttpResponse reply(Answer answer, Instant now) {
        return switch (this) {
            case JSON -> HttpResponse.of(answer);
            case PLAIN, WIDE ->
                new HttpResponse(200, headers(answer), out -> PlainText.write(answer, now, this == WIDE, out));
            case CSV -> new HttpResponse(200, headers(answer), out -> TextTable.csv(answer.data(), out));
        };
    }

    /**
     * Returns the response for an error: one line for people, but always the same JSON object for programs.
     *
     * @param json the response with that object
     */
    HttpResponse reply(ServiceException failure, HttpResponse json) {
        if (this == JSON || this == CSV) {
            return json;
        }
        Map<String, String> headers = new LinkedHashMap<>(json.headers());
        headers.putAll(headers(null));
        return new HttpResponse(
                json.status(),
                headers,
                out -> out.writeRaw(failure.errorCode().code() + ": " + TextTable.oneLine(failure.details()) + "\n"));
    }

    private Map<String, String> headers(@Nullable Answer described) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", type + "/" + subtype + "; charset=utf-8" + (this == CSV ? "; header=present" : ""));
        if (described != null) {
            headers.putAll(Session.headers(described.meta()));
        }
        if (described != null) {
            headers.put(META, shortened(TextTable.shown(described.meta())));
        }
        return headers;
    }

    /** Returns {@code meta} in JSON. If it is too long, leaves out its longest members and names them instead. */
    private static String shortened(Map<String, Object> meta) {
        List<String> longestFirst = meta.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Object> member) ->
                                TextTable.asciiJson(member.getValue()).length())
                        .reversed())
                .map(Map.Entry::getKey)
                .toList();
        Map<String, Object> kept = new LinkedHashMap<>(meta);
        List<String> leftOut = new ArrayList<>();
        String json = TextTable.asciiJson(kept);
        for (String name : longestFirst) {
            if (json.length() <= MAX_META_CHARACTERS) {
                break;
            }
            kept.remove(name);
            leftOut.add(name);
            kept.put(TOO_LONG, leftOut);
            json = TextTable.asciiJson(kept);
        }
        return json;
    }
}
