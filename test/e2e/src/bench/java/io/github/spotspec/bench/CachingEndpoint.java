package io.github.spotspec.bench;

import io.github.spotspec.local.service.Endpoint;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The endpoint of the local cloud with a cache for spot prices, so that the benchmark does not measure the endpoint.
 * The time, the order of parameters and their encoding do not matter. The endpoint verifies a request only if its
 * answer is not cached. Thread-safe.
 */
final class CachingEndpoint {
    /** Parameters that do not change the answer: the time, and default values. */
    private static final List<String> IGNORED_PARAMETERS =
            List.of("StartTime=", "EndTime=", "Version=", "MaxResults=1000", "DryRun=false");

    /** How long ago a query for current prices may begin. */
    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    private record CacheKey(String region, List<String> parameters, boolean compressed) {}

    private final Endpoint endpoint;
    private final Map<CacheKey, WireResponse> answers = new ConcurrentHashMap<>();
    private final AtomicInteger ec2Calls = new AtomicInteger();

    CachingEndpoint(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Returns the number of EC2 calls so far. */
    int ec2Calls() {
        return ec2Calls.get();
    }

    /**
     * Answers a request.
     *
     * @param service the signing name of the service whose host received the request
     */
    WireResponse answer(String service, WireRequest request, Latency latency) {
        long start = System.nanoTime();
        SigV4.Signature claimed = SigV4.claimed(request);
        if (claimed == null || !claimed.service().equals(service)) {
            return WireResponse.of(400, "text/plain", "This is the host of " + service + ".");
        }
        String action = "";
        WireResponse response;
        if (service.equals("ec2")) {
            ec2Calls.incrementAndGet();
            List<String> parameters = parameters(request);
            action = value(parameters, "Action");
            response = action.equals("DescribeSpotPriceHistory") && isCurrent(parameters)
                    ? prices(new CacheKey(claimed.region(), withoutIgnored(parameters), request.acceptsGzip()), request)
                    : endpoint.answer(request);
        } else {
            response = endpoint.answer(request);
        }
        long end = start + latency.callTime(service, action, claimed.region()).toNanos();
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return response;
    }

    /** Returns the decoded parameters, sorted. */
    private static List<String> parameters(WireRequest request) {
        return Arrays.stream(request.text().split("&"))
                // Some clients encode a space as '+', others as '%20'.
                .map(parameter -> URLDecoder.decode(parameter, StandardCharsets.UTF_8))
                .sorted()
                .toList();
    }

    private static List<String> withoutIgnored(List<String> parameters) {
        return parameters.stream()
                .filter(parameter -> IGNORED_PARAMETERS.stream().noneMatch(parameter::startsWith))
                .toList();
    }

    private static String value(List<String> parameters, String name) {
        return parameters.stream()
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** Returns whether a query is for current prices, and not for a history. */
    private static boolean isCurrent(List<String> parameters) {
        String start = value(parameters, "StartTime");
        return start.isEmpty() || Instant.parse(start).isAfter(Instant.now().minus(MAX_AGE));
    }

    private WireResponse prices(CacheKey key, WireRequest request) {
        WireResponse before = answers.get(key);
        if (before != null) {
            return before;
        }
        WireResponse response = endpoint.answer(request);
        if (response.status() == 200) {
            answers.put(key, response);
        }
        return response;
    }
}
