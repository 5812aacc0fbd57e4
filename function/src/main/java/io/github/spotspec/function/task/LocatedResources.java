package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.RegionFanOut;
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
 * The managed instances or managed spot requests that a request names by id, grouped by the regions where they were
 * found.
 *
 * @param found what was found in each region; has only regions where something was found
 * @param regions the regions that answered
 * @param missing the ids that were not found in any of these regions
 * @param failed why other regions did not answer; empty if no id is missing
 */
record LocatedResources<T>(
        Map<String, List<T>> found, List<String> regions, List<String> missing, Map<String, ServiceException> failed) {
    private static final int MAX_NAMED = 10;

    /** How much of the request's time the lookup leaves for working on what was found. */
    private static final Duration TIME_TO_ACT = Duration.ofSeconds(4);

    /**
     * Looks up ids in several regions. Repeats the lookup for ids that no region has, for as long as EC2 may take to
     * show what it launched.
     *
     * @param id returns the id of an item
     * @param finder returns the items in a region that have one of the given ids
     * @throws ServiceException if nothing was found; with {@link ErrorCode#ID_NOT_FOUND} only if every region answered
     */
    static <T> LocatedResources<T> in(
            List<String> regions,
            List<String> ids,
            TaskContext context,
            Function<T, String> id,
            BiFunction<String, List<String>, List<T>> finder) {
        Map<String, List<T>> found = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>(ids);
        VisibilityWait wait = new VisibilityWait(context.callContext().withEarlierDeadline(TIME_TO_ACT));
        Map<String, ServiceException> failed;
        do {
            List<String> sought = List.copyOf(missing);
            RegionFanOut<List<T>> sweep =
                    RegionFanOut.ofAll(regions, lookupTime(context), region -> finder.apply(region, sought));
            sweep.results().forEach((region, things) -> {
                if (!things.isEmpty()) {
                    found.computeIfAbsent(region, key -> new ArrayList<>()).addAll(things);
                    things.forEach(thing -> missing.remove(id.apply(thing)));
                }
            });
            failed = sweep.failedRegions();
        } while (!missing.isEmpty() && failed.size() < regions.size() && wait.pauseUnlessOver());
        Map<String, ServiceException> unanswered = missing.isEmpty() ? Map.of() : failed;
        List<String> answered = regions.stream()
                .filter(region -> !unanswered.containsKey(region))
                .toList();
        if (found.isEmpty()) {
            throw notFound(List.copyOf(missing), answered, unanswered, wait, context);
        }
        return new LocatedResources<>(found, answered, List.copyOf(missing), unanswered);
    }

    /**
     * Returns how long all regions have to answer, so that one that hangs does not keep the request from acting
     * elsewhere.
     */
    private static Duration lookupTime(TaskContext context) {
        return AwsClients.attemptTime(context.timeLeft().minus(TIME_TO_ACT));
    }

    /** Looks up instances. */
    static LocatedResources<ManagedInstance> instances(
            Inventory inventory, List<String> regions, List<String> ids, TaskContext context) {
        return in(
                regions,
                ids,
                context,
                ManagedInstance::id,
                (region, sought) -> inventory.instances(region, sought, context.callContext()));
    }

    /** Looks up spot requests. */
    static LocatedResources<ManagedSpotRequest> requests(
            Inventory inventory, List<String> regions, List<String> ids, TaskContext context) {
        return in(
                regions,
                ids,
                context,
                ManagedSpotRequest::id,
                (region, sought) -> inventory.requests(region, sought, context.callContext()));
    }

    /**
     * Runs an operation in each region on what was found there.
     *
     * @throws ServiceException if the operation failed in every region
     */
    <R> RegionFanOut<R> forEachRegion(TaskContext context, BiFunction<String, List<T>, R> operation) {
        return RegionFanOut.over(
                List.copyOf(found.keySet()),
                context.timeLeft(),
                region -> operation.apply(region, found.getOrDefault(region, List.of())));
    }

    /**
     * Writes which regions answered, which did not answer or failed to carry out the operation, and which ids were not
     * found.
     */
    void describe(RegionFanOut<?> done, Map<String, Object> meta) {
        Map<String, ServiceException> notDone = new LinkedHashMap<>(failed);
        notDone.putAll(done.failedRegions());
        RegionFanOut.describe(
                regions.stream().filter(region -> !notDone.containsKey(region)).toList(), notDone, meta);
        describeMissing(missing, meta);
    }

    /** Writes which ids were not found. */
    static void describeMissing(List<String> missing, Map<String, Object> meta) {
        if (!missing.isEmpty()) {
            meta.put("missing", missing);
        }
    }

    private static ServiceException notFound(
            List<String> ids,
            List<String> answered,
            Map<String, ServiceException> failed,
            VisibilityWait wait,
            TaskContext context) {
        if (!failed.isEmpty()) {
            ServiceException first = RegionFanOut.first(failed);
            return answered.isEmpty()
                    ? first
                    : new ServiceException(
                            first.errorCode(),
                            "These ids were not found in " + String.join(", ", answered)
                                    + ", and other regions failed: " + first.details());
        }
        if (wait.isCutShort()) {
            return context.callContext().callBudget().isLow()
                    ? CallBudget.exhausted()
                    : new ServiceException(
                            ErrorCode.TIMED_OUT,
                            "The request timed out before it was certain that this service has nothing with these ids,"
                                    + " because EC2 takes a few seconds to show new instances; try again.");
        }
        return new ServiceException(
                ErrorCode.ID_NOT_FOUND,
                "No instance or spot request of this service has the id " + shortened(ids) + " in "
                        + String.join(", ", answered) + "; check the id and the region.");
    }

    private static String shortened(List<String> ids) {
        String named = ids.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return ids.size() > MAX_NAMED ? named + " or " + (ids.size() - MAX_NAMED) + " more" : named;
    }
}
