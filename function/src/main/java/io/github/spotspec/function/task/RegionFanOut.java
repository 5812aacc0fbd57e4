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
 * The same question to several regions at once. A region that fails or is late leaves the others intact.
 *
 * @param results what each region answered, in the order of the question
 * @param failedRegions why a region did not
 */
record RegionFanOut<T>(Map<String, T> results, Map<String, ServiceException> failedRegions) {
    /**
     * Asks every region, each on a thread of its own, and waits for at most {@code time}; one alone on this thread, where
     * only its calls and the request are bounded.
     *
     * @throws ServiceException if no region answered: the first one's, unless the operator's key was refused in one of them, since then
     *     the secret may hold another by now
     */
    static <T> RegionFanOut<T> over(List<String> regions, Duration time, Function<String, T> question) {
        RegionFanOut<T> sweep = ofAll(regions, time, question);
        if (sweep.results().isEmpty()) {
            throw first(sweep.failedRegions());
        }
        return sweep;
    }

    /** Asks every region likewise, and returns why they failed even if no region answered. */
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
                                ErrorCode.TIMED_OUT, "EC2 in " + region + " had not answered when the time was up."));
            } catch (ExecutionException e) {
                failed.put(region, e.getCause() instanceof ServiceException refusal ? refusal : fault(region, e));
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        return new RegionFanOut<>(found, failed);
    }

    /** Returns the failure that stands for all: the first one, unless the operator's key was refused in one of them. */
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

    /** Returns what answers say of refusals by region. */
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

    /** A fault of the service's own; its type tells where to look, and holds nothing of what was asked. */
    private static ServiceException fault(String region, ExecutionException e) {
        String type = e.getCause() == null ? "" : e.getCause().getClass().getSimpleName();
        return new ServiceException(ErrorCode.INTERNAL, "The service itself failed in " + region + " (" + type + ").");
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
            // Not close(): that would wait for the late ones.
            threads.shutdownNow();
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
