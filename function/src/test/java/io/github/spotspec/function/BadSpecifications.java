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
    private static final Pattern KNOWN = Pattern.compile("known are (.*)\\.");
    private static final Pattern WANTED = Pattern.compile("must be (.*?)(, got .*)?\\.");

    /** Members that a field requires next to it. */
    private static final Map<String, String> BESIDE = Map.of("Ebs", "\"DeviceName\":\"/dev/xvda\",");

    private final Function<String, FunctionUnderTest.Answer> function;
    private final List<Place> places = new ArrayList<>();

    /**
     * A location of a value in a launch.
     *
     * @param path the names that lead to it
     * @param before the request up to its value
     * @param after the rest of the request
     * @param wanted what the function says that the value must be
     */
    private record Place(String path, String before, String after, String wanted) {
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
        return places.stream().map(Place::path).toList();
    }

    /** Returns a launch with any value in any location. */
    String body(Random random) {
        Place place = RandomInputs.oneOf(places, random);
        return place.with(BadValues.anyOf(place.wanted(), random));
    }

    private void find(String path, String before, String after) {
        Matcher wanted = WANTED.matcher(function.apply(before + "7e30" + after).details());
        places.add(new Place(path, before, after, wanted.find() ? wanted.group(1) : "true false"));
        inside(path, before, after);
        inside(path, before + "[", "]" + after);
    }

    private void inside(String path, String before, String after) {
        FunctionUnderTest.Answer answer = function.apply(before + "{\"nothing\":0}" + after);
        Matcher known = KNOWN.matcher(answer.details());
        if (answer.error().equals("UnknownField") && known.find()) {
            for (String name : known.group(1).split(", ", -1)) {
                find(
                        path + "." + name,
                        before + "{" + BESIDE.getOrDefault(name, "") + BadValues.text(name) + ":",
                        "}" + after);
            }
        }
    }
}
