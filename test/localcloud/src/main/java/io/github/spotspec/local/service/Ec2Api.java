package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireResponse;
import io.github.spotspec.local.wire.Xml;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The API of Amazon EC2: its protocol and the table of its actions. */
final class Ec2Api extends QueryApi {
    private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

    private final Map<String, Action> actions = new TreeMap<>();
    private final RequestRates rates;
    private final Faults faults;

    Ec2Api(List<Map<String, Action>> actions, RequestRates rates, Faults faults) {
        super(NAMESPACE);
        this.rates = rates;
        this.faults = faults;
        actions.forEach(this.actions::putAll);
    }

    @Override
    public String service() {
        return "ec2";
    }

    @Override
    Map<String, Action> actions() {
        return actions;
    }

    @Override
    public WireResponse handle(ApiCall call) {
        if (faults.requestRatesLimited()) {
            rates.take(
                    call.region(),
                    action(call.request()),
                    Params.parse(call.request().text()));
        } else {
            rates.reset();
        }
        return super.handle(call).compressedFor(call.request());
    }

    @Override
    String document(String action, Consumer<Xml> result, String requestId) {
        return Xml.document(action + "Response", NAMESPACE, xml -> result.accept(xml.put("requestId", requestId)));
    }

    @Override
    public AwsError denied(String message) {
        return new AwsError(403, "UnauthorizedOperation", message);
    }

    @Override
    public WireResponse error(AwsError error, String requestId) {
        return WireResponse.of(
                error.status(),
                "text/xml;charset=UTF-8",
                Xml.document(
                        "Response",
                        null,
                        xml -> xml.nest(
                                        "Errors",
                                        errors -> errors.nest(
                                                "Error",
                                                e -> e.put("Code", error.code()).put("Message", error.message())))
                                .put("RequestID", requestId)));
    }

    /** Ends a dry run with EC2's error, once the call is known to be allowed. */
    static void failIfDryRun(boolean dryRun) {
        if (dryRun) {
            throw new AwsError(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        }
    }

    /** Reads filters. Their names must be among the given ones or begin with {@code tag:}. */
    static Map<String, List<String>> filters(Params params, List<String> known) {
        Map<String, List<String>> filters = new TreeMap<>();
        for (int i = 1; i <= params.count("Filter"); i++) {
            String name = params.required("Filter." + i + ".Name");
            if (!known.contains(name) && !name.startsWith("tag:")) {
                throw AwsError.unknown("the filter " + name);
            }
            filters.put(name, params.list("Filter." + i + ".Value"));
        }
        return filters;
    }

    /** Returns whether a value is among those of a filter, or the filter is missing. */
    static boolean fits(Map<String, List<String>> filters, String name, String value) {
        return fits(filters.getOrDefault(name, List.of()), value);
    }

    static boolean fits(List<String> wanted, String value) {
        return wanted.isEmpty() || wanted.contains(value);
    }

    /** Returns whether tags match every tag filter. */
    static boolean fitsTags(Map<String, List<String>> filters, Map<String, String> tags) {
        return filters.entrySet().stream()
                .filter(filter -> filter.getKey().startsWith("tag:"))
                .allMatch(filter ->
                        filter.getValue().contains(tags.get(filter.getKey().substring("tag:".length()))));
    }

    /** A page of a list, and the token of the next page. The token is empty on the last page. */
    record Page<T>(List<T> shown, String next) {}

    /** Returns the page for a token. */
    static <T> Page<T> page(List<T> all, int size, @Nullable String token) {
        int first = token == null ? 0 : number(token);
        int end = Math.min(first + size, all.size());
        return new Page<>(all.subList(Math.min(first, end), end), end < all.size() ? token(end) : "");
    }

    static String token(int number) {
        return Base64.getEncoder().encodeToString(("page " + number).getBytes(StandardCharsets.UTF_8));
    }

    static int number(String token) {
        try {
            return Integer.parseInt(
                    new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8).substring("page ".length()));
        } catch (RuntimeException e) {
            throw new AwsError(400, "InvalidNextToken", "The specified token is not valid.");
        }
    }
}
