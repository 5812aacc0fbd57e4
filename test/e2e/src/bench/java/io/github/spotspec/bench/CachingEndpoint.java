package io.github.spotspec.bench;

import io.github.spotspec.local.service.Endpoint;
import io.github.spotspec.local.wire.SigV4;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

    private record CacheKey(String region, List<String> parameters) {}

    private final Endpoint endpoint;
    private final Map<CacheKey, WireResponse> answers = new ConcurrentHashMap<>();
    private final AtomicInteger ec2Calls = new AtomicInteger();
    private volatile Duration ec2Time = Duration.ZERO;

    CachingEndpoint(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Sets the minimum duration of each EC2 call. */
    void setEc2Time(Duration time) {
        ec2Time = time;
    }

    /** Returns the number of EC2 calls so far. */
    int ec2Calls() {
        return ec2Calls.get();
    }

    WireResponse answer(WireRequest request) {
        long end = System.nanoTime() + ec2Time.toNanos();
        SigV4.Signature claimed = SigV4.claimed(request);
        if (claimed == null || !claimed.service().equals("ec2")) {
            return endpoint.answer(request);
        }
        ec2Calls.incrementAndGet();
        List<String> parameters = Arrays.stream(request.text().split("&"))
                .filter(parameter -> IGNORED_PARAMETERS.stream().noneMatch(parameter::startsWith))
                // Some clients encode a space as '+', others as '%20'.
                .map(parameter -> URLDecoder.decode(parameter, StandardCharsets.UTF_8))
                .sorted()
                .toList();
        WireResponse response = parameters.contains("Action=DescribeSpotPriceHistory")
                ? prices(new CacheKey(claimed.region(), parameters), request)
                : endpoint.answer(request);
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return response;
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
