package io.github.spotspec.function.task;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.operator.Allowance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The own things that a request names by their ids, by the regions that they were found in.
 *
 * @param found what was found in each region; only regions in which there is something
 * @param regions the regions that answered
 * @param missing the ids that none of these has
 * @param failed why other regions did not answer; empty if nothing is missing
 */
record Located<T>(Map<String, List<T>> found, List<String> regions, List<String> missing, Map<String, Refusal> failed) {
    private static final int MOST_NAMED = 10;

    /** What looking for ids leaves of the request's time, to act on what was found. */
    private static final Duration TIME_TO_ACT = Duration.ofSeconds(4);

    /**
     * Looks ids up in several regions, and looks again for those that no region has, for as long as EC2 may take to show what it
     * launched.
     *
     * @param id returns the id of a thing
     * @param finder returns those things of a region that have one of some ids
     * @throws Refusal if nothing was found; with {@link Reason#ID_NOT_FOUND} only if every region answered
     */
    static <T> Located<T> in(
            List<String> regions,
            List<String> ids,
            Call call,
            Function<T, String> id,
            BiFunction<String, List<String>, List<T>> finder) {
        Map<String, List<T>> found = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>(ids);
        VisibilityWait wait = new VisibilityWait(call.operator().earlier(TIME_TO_ACT));
        Map<String, Refusal> failed;
        do {
            List<String> sought = List.copyOf(missing);
            Sweep<List<T>> sweep = Sweep.ofAll(regions, call.timeLeft(), region -> finder.apply(region, sought));
            sweep.found().forEach((region, things) -> {
                if (!things.isEmpty()) {
                    found.computeIfAbsent(region, key -> new ArrayList<>()).addAll(things);
                    things.forEach(thing -> missing.remove(id.apply(thing)));
                }
            });
            failed = sweep.failed();
        } while (!missing.isEmpty() && failed.size() < regions.size() && wait.again());
        Map<String, Refusal> unasked = missing.isEmpty() ? Map.of() : failed;
        List<String> answered =
                regions.stream().filter(region -> !unasked.containsKey(region)).toList();
        if (found.isEmpty()) {
            throw nothing(List.copyOf(missing), answered, unasked, wait, call);
        }
        return new Located<>(found, answered, List.copyOf(missing), unasked);
    }

    /** Looks up instances. */
    static Located<OwnInstance> instances(Inventory inventory, List<String> regions, List<String> ids, Call call) {
        return in(
                regions,
                ids,
                call,
                OwnInstance::id,
                (region, sought) -> inventory.instances(region, sought, call.operator()));
    }

    /** Looks up spot requests. */
    static Located<OwnRequest> requests(Inventory inventory, List<String> regions, List<String> ids, Call call) {
        return in(
                regions,
                ids,
                call,
                OwnRequest::id,
                (region, sought) -> inventory.requests(region, sought, call.operator()));
    }

    /**
     * Acts in each region on what was found there.
     *
     * @throws Refusal if no region carried it out
     */
    <R> Sweep<R> act(Call call, BiFunction<String, List<T>, R> act) {
        return Sweep.over(
                List.copyOf(found.keySet()),
                call.timeLeft(),
                region -> act.apply(region, found.getOrDefault(region, List.of())));
    }

    /** Writes which regions were asked, which could not be asked or did not carry out an act, and what was not found. */
    void describe(Sweep<?> acted, Map<String, Object> meta) {
        Map<String, Refusal> notDone = new LinkedHashMap<>(failed);
        notDone.putAll(acted.failed());
        Sweep.describe(
                regions.stream().filter(region -> !notDone.containsKey(region)).toList(), notDone, meta);
        describeMissing(missing, meta);
    }

    /** Writes which ids were not found. */
    static void describeMissing(List<String> missing, Map<String, Object> meta) {
        if (!missing.isEmpty()) {
            meta.put("missing", missing);
        }
    }

    private static Refusal nothing(
            List<String> ids, List<String> answered, Map<String, Refusal> failed, VisibilityWait wait, Call call) {
        if (!failed.isEmpty()) {
            Refusal first = Sweep.first(failed);
            return answered.isEmpty()
                    ? first
                    : new Refusal(
                            first.reason(),
                            "Nothing with these ids is in " + String.join(", ", answered)
                                    + ", and not every region could be asked: " + first.details());
        }
        if (wait.isCutShort()) {
            return call.operator().allowance().isScarce()
                    ? Allowance.refusal()
                    : new Refusal(
                            Reason.TIMED_OUT,
                            "The time was up before it was certain that nothing of this service has these ids;"
                                    + " EC2 takes some seconds to show what it launched. Try again.");
        }
        return new Refusal(
                Reason.ID_NOT_FOUND,
                "Nothing of this service has the id " + shortened(ids) + " in " + String.join(", ", answered)
                        + ". Check the id, and that it is this service's.");
    }

    private static String shortened(List<String> ids) {
        String named = ids.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return ids.size() > MOST_NAMED ? named + " or " + (ids.size() - MOST_NAMED) + " more" : named;
    }
}
