package io.github.spotspec.local.service;

import io.github.spotspec.local.wire.AwsError;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query request. It records which parameters were read, so that an unknown parameter is an error.
 */
final class Params {
    private final Map<String, String> values = new TreeMap<>();
    private final Set<String> read = new HashSet<>();

    static Params parse(String form) {
        Params params = new Params();
        for (String pair : form.isEmpty() ? new String[0] : form.split("&")) {
            int equals = pair.indexOf('=');
            params.values.put(
                    decode(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        params.read.addAll(Set.of("Action", "Version"));
        return params;
    }

    /** Returns parameters with the given values, as a launch template holds them. */
    static Params of(Map<String, String> values) {
        Params params = new Params();
        params.values.putAll(values);
        return params;
    }

    @Nullable
    String text(String name) {
        read.add(name);
        return values.get(name);
    }

    String text(String name, String otherwise) {
        String value = text(name);
        return value == null ? otherwise : value;
    }

    String required(String name) {
        String value = text(name);
        if (value == null) {
            throw new AwsError(400, "MissingParameter", "The request must contain the parameter " + name);
        }
        return value;
    }

    int whole(String name, int otherwise) {
        String value = text(name);
        try {
            return value == null ? otherwise : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw invalid(name, value);
        }
    }

    boolean flag(String name) {
        String value = text(name, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(name, value);
        }
        return value.equals("true");
    }

    @Nullable
    Instant time(String name) {
        String value = text(name);
        try {
            return value == null ? null : Instant.parse(value);
        } catch (java.time.format.DateTimeParseException e) {
            throw invalid(name, value);
        }
    }

    /** Returns a list: {@code Name.1}, {@code Name.2} …, or {@code Name.member.1} … */
    List<String> list(String name) {
        List<String> list = new ArrayList<>();
        String prefix = values.containsKey(name + ".member.1") ? name + ".member." : name + ".";
        for (int i = 1; values.containsKey(prefix + i); i++) {
            list.add(required(prefix + i));
        }
        return list;
    }

    /** Returns the number of structures in a list: {@code Name.1.Field} … */
    int count(String name) {
        // An empty list may appear as its name alone.
        read.add(name.replace(".member", ""));
        int count = 0;
        while (startsWith(name + "." + (count + 1) + ".")) {
            count++;
        }
        return count;
    }

    /** Returns all parameters except one as a single text, which is the same for equal calls. */
    String allBut(String name) {
        Map<String, String> rest = new TreeMap<>(values);
        rest.remove(name);
        return rest.toString();
    }

    /** Returns the parameters whose names begin with a prefix, without the prefix. */
    Map<String, String> under(String prefix) {
        Map<String, String> under = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                read.add(name);
                under.put(name.substring(prefix.length()), value);
            }
        });
        return under;
    }

    /** Marks a parameter and every parameter below it as read. */
    void ignore(String name) {
        values.keySet().stream()
                .filter(key -> key.equals(name) || key.startsWith(name + "."))
                .forEach(read::add);
    }

    /** Rejects parameters that were not read. */
    void refuseUnread(String action) {
        for (String name : values.keySet()) {
            if (!read.contains(name)) {
                throw AwsError.unknown("the parameter " + name + " of " + action);
            }
        }
    }

    private boolean startsWith(String prefix) {
        return values.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }

    private static AwsError invalid(String name, @Nullable String value) {
        return new AwsError(
                400, "InvalidParameterValue", "Value (" + value + ") for parameter " + name + " is invalid.");
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new AwsError(400, "MalformedQueryString", "The query string contains a syntax error.");
        }
    }
}
