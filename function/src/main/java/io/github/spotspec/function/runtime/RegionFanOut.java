package io.github.spotspec.function.runtime;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * The results of the same query to several regions at the same time. A region that fails or is late does not affect the
 * others.
 *
 * @param results each region's result, in the order of the query
 * @param failedRegions why a region did not answer
 */
public record RegionFanOut<T>(Map<String, T> results, Map<String, ServiceException> failedRegions) {
    /**
     * Queries every region, each on its own thread, and waits for at most {@code time}. A single region is queried on
     * the current thread, where only the time limits of its calls and of the request apply.
     *
     * @throws ServiceException if no region answered. It is the first region's, unless AWS rejected the operator's key
     *     in one of them: that one takes precedence, because the secret may hold another key by now.
     */
    public static <T> RegionFanOut<T> over(List<String> regions, Duration time, Function<String, T> question) {
        RegionFanOut<T> sweep = ofAll(regions, time, question);
        if (sweep.results().isEmpty()) {
            throw first(sweep.failedRegions());
        }
        return sweep;
    }

    /** Queries every region like {@link #over}, and returns why the regions failed even if no region answered. */
    public static <T> RegionFanOut<T> ofAll(List<String> regions, Duration time, Function<String, T> question) {
        if (regions.size() == 1) {
            String region = regions.getFirst();
            try {
                return new RegionFanOut<>(Map.of(region, question.apply(region)), Map.of());
            } catch (ServiceException failure) {
                return new RegionFanOut<>(Map.of(), Map.of(region, failure));
            }
        }
        Map<String, T> found = new LinkedHashMap<>();
        Map<String, ServiceException> failed = new LinkedHashMap<>();
        ParallelCalls.all(regions, time, question).forEach((region, outcome) -> {
            if (outcome.failure() == null) {
                found.put(region, Objects.requireNonNull(outcome.value()));
            } else {
                failed.put(region, toException(region, outcome.failure()));
            }
        });
        return new RegionFanOut<>(found, failed);
    }

    /**
     * Returns the failure to report for all: the first one, unless AWS rejected the operator's key in one of the
     * regions.
     */
    public static ServiceException first(Map<String, ServiceException> failed) {
        return failed.values().stream()
                .filter(failure -> failure.errorCode() == ErrorCode.OPERATOR_REJECTED)
                .findFirst()
                .orElseGet(() -> failed.values().iterator().next());
    }

    /** Writes which regions answered, and which did not and why. */
    public void describe(Map<String, Object> meta) {
        describe(List.copyOf(results.keySet()), failedRegions, meta);
    }

    /** Writes which regions answered, and which did not and why. */
    public static void describe(List<String> answered, Map<String, ServiceException> failed, Map<String, Object> meta) {
        meta.put("regions", answered);
        if (failed.isEmpty()) {
            return;
        }
        meta.put("failed", described(failed));
    }

    /** Returns failures by region as answers show them. */
    public static List<Map<String, Object>> described(Map<String, ServiceException> failures) {
        List<Map<String, Object>> all = new ArrayList<>();
        failures.forEach((region, failure) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("region", region);
            entry.put("error", failure.errorCode().code());
            entry.put("details", failure.details());
            all.add(entry);
        });
        return all;
    }

    private static ServiceException toException(String region, Throwable failure) {
        return switch (failure) {
            case ServiceException known -> known;
            case CancellationException late ->
                new ServiceException(
                        ErrorCode.TIMED_OUT, "The request timed out before EC2 in " + region + " answered.");
            // A bug in the service. The type of the exception says where to search, and contains nothing of the
            // request.
            default ->
                new ServiceException(
                        ErrorCode.INTERNAL,
                        "The service failed in " + region + " ("
                                + failure.getClass().getSimpleName() + ").");
        };
    }
}
