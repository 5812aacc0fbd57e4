package io.github.spotspec.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Generates launches with something wrong inside {@code launchSpecification}. It finds the paths in the function's
 * error about an unknown field, so that new fields are covered too.
 */
final class BadSpecifications {
    private static final Pattern KNOWN = Pattern.compile(": ([^:]*)\\.$");
    private static final Pattern EXPECTED = Pattern.compile("must be (.*?)(, got .*)?\\.");

    /** Members that a field requires next to it. */
    private static final Map<String, String> REQUIRED_MEMBERS = Map.of("Ebs", "\"DeviceName\":\"/dev/xvda\",");

    private final Function<String, FunctionUnderTest.Answer> function;
    private final List<Location> locations = new ArrayList<>();

    /**
     * A location of a value in a launch.
     *
     * @param path the names that lead to it
     * @param before the request up to its value
     * @param after the rest of the request
     * @param expected what the function says that the value must be
     */
    private record Location(String path, String before, String after, String expected) {
        String with(String value) {
            return before + value + after;
        }
    }

    BadSpecifications(Function<String, FunctionUnderTest.Answer> function) {
        this.function = function;
        find(
                "",
                "{\"task\":\"launch\",\"types\":\"m7g.large\",\"ami\":\"ami-0123456789abcdef0\",\"launchSpecification\":",
                "}");
    }

    /** Returns the names that lead to each location. */
    List<String> paths() {
        return locations.stream().map(Location::path).toList();
    }

    /** Returns a launch with any value in any location. */
    String body(Random random) {
        Location location = RandomInputs.oneOf(locations, random);
        return location.with(BadValues.anyOf(location.expected(), random));
    }

    private void find(String path, String before, String after) {
        Matcher expected =
                EXPECTED.matcher(function.apply(before + "7e30" + after).details());
        locations.add(new Location(path, before, after, expected.find() ? expected.group(1) : "true false"));
        findInside(path, before, after);
        findInside(path, before + "[", "]" + after);
    }

    private void findInside(String path, String before, String after) {
        FunctionUnderTest.Answer answer = function.apply(before + "{\"nothing\":0}" + after);
        Matcher known = KNOWN.matcher(answer.details());
        if (answer.error().equals("UnknownField") && known.find()) {
            for (String name : known.group(1).split(", ", -1)) {
                find(
                        path + "." + name,
                        before + "{" + REQUIRED_MEMBERS.getOrDefault(name, "") + BadValues.text(name) + ":",
                        "}" + after);
            }
        }
    }
}
