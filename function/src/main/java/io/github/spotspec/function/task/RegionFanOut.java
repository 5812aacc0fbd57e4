package io.github.spotspec.function.task;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The results of the same query to several regions at once. A region that fails or is late does not affect the others.
 *
 * @param results each region's result, in the order of the query
 * @param failedRegions why a region did not answer
 */
record RegionFanOut<T>(Map<String, T> results, Map<String, ServiceException> failedRegions) {
    /**
     * Queries every region, each on its own thread, and waits for at most {@code time}. A single region is queried on
     * the current thread, where only the time limits of its calls and of the request apply.
     *
     * @throws ServiceException if no region answered. It is the first region's, unless AWS rejected the operator's
     *     key in one of them: that one takes precedence, because the secret may hold another key by now.
     */
    static <T> RegionFanOut<T> over(List<String> regions, Duration time, Function<String, T> question) {
        RegionFanOut<T> sweep = ofAll(regions, time, question);
        if (sweep.results().isEmpty()) {
            throw first(sweep.failedRegions());
        }
        return sweep;
    }

    /** Queries every region like {@link #over}, and returns why the regions failed even if no region answered. */
    static <T> RegionFanOut<T> ofAll(List<String> regions, Duration time, Function<String, T> question) {
        if (regions.size() == 1) {
            String region = regions.getFirst();
            try {
                return new RegionFanOut<>(Map.of(region, question.apply(region)), Map.of());
            } catch (ServiceException refusal) {
                return new RegionFanOut<>(Map.of(), Map.of(region, refusal));
            }
        }
        Map<String, T> found = new LinkedHashMap<>();
        Map<String, ServiceException> failed = new LinkedHashMap<>();
        List<Future<T>> answers = ask(regions, time, question);
        for (int i = 0; i < regions.size(); i++) {
            String region = regions.get(i);
            try {
                found.put(region, answers.get(i).get());
            } catch (CancellationException late) {
                failed.put(
                        region,
                        new ServiceException(
                                ErrorCode.TIMED_OUT, "The request timed out before EC2 in " + region + " answered."));
            } catch (ExecutionException e) {
                failed.put(region, e.getCause() instanceof ServiceException refusal ? refusal : fault(region, e));
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        return new RegionFanOut<>(found, failed);
    }

    /**
     * Returns the failure to report for all: the first one, unless AWS rejected the operator's key in one of the
     * regions.
     */
    static ServiceException first(Map<String, ServiceException> failed) {
        return failed.values().stream()
                .filter(refusal -> refusal.errorCode() == ErrorCode.OPERATOR_REJECTED)
                .findFirst()
                .orElseGet(() -> failed.values().iterator().next());
    }

    /** Writes which regions answered, and which did not and why. */
    void describe(Map<String, Object> meta) {
        describe(List.copyOf(results.keySet()), failedRegions, meta);
    }

    /** Writes which regions answered, and which did not and why. */
    static void describe(List<String> answered, Map<String, ServiceException> failed, Map<String, Object> meta) {
        meta.put("regions", answered);
        if (failed.isEmpty()) {
            return;
        }
        meta.put("failed", described(failed));
    }

    /** Returns failures by region as answers show them. */
    static List<Map<String, Object>> described(Map<String, ServiceException> refusals) {
        List<Map<String, Object>> all = new ArrayList<>();
        refusals.forEach((region, refusal) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("region", region);
            entry.put("error", refusal.errorCode().code());
            entry.put("details", refusal.details());
            all.add(entry);
        });
        return all;
    }

    /**
     * Returns the exception for a bug in the service. The exception type says where to search, and contains nothing of
     * the request.
     */
    private static ServiceException fault(String region, ExecutionException e) {
        String type = e.getCause() == null ? "" : e.getCause().getClass().getSimpleName();
        return new ServiceException(ErrorCode.INTERNAL, "The service failed in " + region + " (" + type + ").");
    }

    private static <T> List<Future<T>> ask(List<String> regions, Duration time, Function<String, T> question) {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            return threads.invokeAll(
                    regions.stream()
                            .map(region -> (Callable<T>) () -> question.apply(region))
                            .toList(),
                    Math.max(0, time.toMillis()),
                    TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            // Not close(), because it would wait for the late ones.
            threads.shutdownNow();
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
