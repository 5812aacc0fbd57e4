package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.Cached;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesResponse;
import software.amazon.awssdk.services.ec2.model.DescribeSpotInstanceRequestsRequest;
import software.amazon.awssdk.services.ec2.model.DescribeSpotInstanceRequestsResponse;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceBlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;

/**
 * Reads the managed instances and managed spot requests from EC2. Resources without the deployment's tag are ignored.
 * Thread-safe.
 */
public final class Inventory {
    private static final int PAGE = 1_000;

    /** EC2 accepts at most this many values in a filter. */
    private static final int MAX_VALUES = 200;

    /** A tolerance, because leases are rounded up to the minute and the clocks of two functions differ. */
    private static final Duration LEEWAY = Duration.ofMinutes(2);

    private static final Pattern TRANSITION_TIME =
            Pattern.compile("\\((\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d) (?:GMT|UTC)\\)");

    private final Ec2Clients ec2;
    private final String service;
    private final Duration maxLease;

    /**
     * Creates the inventory of a deployment.
     *
     * @param service the deployment's name
     * @param maxLease the deployment's longest lease, which no tag can extend
     */
    public Inventory(Ec2Clients ec2, String service, Duration maxLease) {
        this.ec2 = ec2;
        this.service = service;
        this.maxLease = maxLease;
    }

    /**
     * Returns managed instances in a region, including recently ended ones.
     *
     * @param ids the ids to return, or empty for all; ids that are not managed instances are ignored
     * @throws ServiceException if EC2 does not answer
     */
    public List<ManagedInstance> instances(String region, List<String> ids, AwsCallContext callContext) {
        return described(region, filters("instance-id", ids), callContext);
    }

    /**
     * Returns instances by id, with or without the deployment's tag. Instances of managed spot requests may lack it,
     * because EC2 does not tag what a persistent request launches again.
     *
     * @throws ServiceException if EC2 does not answer
     */
    public List<ManagedInstance> instancesWithAnyTag(String region, List<String> ids, AwsCallContext callContext) {
        List<ManagedInstance> found = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += MAX_VALUES) {
            List<String> batch = ids.subList(from, Math.min(ids.size(), from + MAX_VALUES));
            Filter filter = Filter.builder().name("instance-id").values(batch).build();
            found.addAll(described(region, List.of(filter), callContext));
        }
        return found;
    }

    /**
     * Returns a function that reads all managed instances of a region. It reads each region at most once, for a request
     * that needs them several times.
     */
    public Function<String, List<ManagedInstance>> snapshot(AwsCallContext callContext) {
        Map<String, Cached<List<ManagedInstance>>> read = new ConcurrentHashMap<>();
        // Reads outside the map, because a map lets regions wait for each other.
        return region -> read.computeIfAbsent(
                        region,
                        one -> new Cached<>(
                                Duration.ofDays(1), callContext.deadline().clock()))
                .get(() -> instances(region, List.of(), callContext));
    }

    private List<ManagedInstance> described(String region, List<Filter> filters, AwsCallContext callContext) {
        // Filters instead of passing ids, because one id that does not exist would fail the whole call.
        DescribeInstancesRequest.Builder request = DescribeInstancesRequest.builder()
                .filters(filters)
                .maxResults(PAGE)
                .overrideConfiguration(callContext::authorize);
        Instant now = callContext.deadline().clock().instant();
        try {
            return Pages.all(
                            token -> ec2.in(region)
                                    .describeInstances(request.nextToken(token).build()),
                            DescribeInstancesResponse::nextToken,
                            DescribeInstancesResponse::reservations)
                    .stream()
                    .flatMap(reservation -> reservation.instances().stream())
                    // An instance without an id cannot be used in any call.
                    .filter(instance -> instance.instanceId() != null)
                    .map(instance -> managed(region, instance))
                    .map(instance -> instance.isAlive()
                            ? instance.withLease(leaseEnd(instance.lease(), instance.launchTime(), now))
                            : instance)
                    .toList();
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:DescribeInstances", region, e);
        }
    }

    /**
     * Returns managed spot requests in a region, including recently ended ones.
     *
     * @param ids the ids to return, or empty for all; ids that are not managed spot requests are ignored
     * @throws ServiceException if EC2 does not answer
     */
    public List<ManagedSpotRequest> requests(String region, List<String> ids, AwsCallContext callContext) {
        DescribeSpotInstanceRequestsRequest.Builder request = DescribeSpotInstanceRequestsRequest.builder()
                .filters(filters("spot-instance-request-id", ids))
                .maxResults(PAGE)
                .overrideConfiguration(callContext::authorize);
        Instant now = callContext.deadline().clock().instant();
        try {
            return Pages.all(
                            token -> ec2.in(region)
                                    .describeSpotInstanceRequests(
                                            request.nextToken(token).build()),
                            DescribeSpotInstanceRequestsResponse::nextToken,
                            DescribeSpotInstanceRequestsResponse::spotInstanceRequests)
                    .stream()
                    .filter(one -> one.spotInstanceRequestId() != null)
                    .map(one -> managed(region, one, now))
                    .toList();
        } catch (SdkException e) {
            throw Ec2Errors.toException("ec2:DescribeSpotInstanceRequests", region, e);
        }
    }

    /** Converts EC2's instance, whether or not it is known to be managed. */
    public static ManagedInstance managed(String region, Instance instance) {
        return new ManagedInstance(
                region,
                instance.instanceId(),
                instance.instanceTypeAsString(),
                instance.placement() == null || instance.placement().availabilityZone() == null
                        ? ""
                        : instance.placement().availabilityZone(),
                instance.state() == null || instance.state().nameAsString() == null
                        ? "pending"
                        : instance.state().nameAsString(),
                instance.spotInstanceRequestId(),
                details(instance),
                TagValues.of(instance.tags()));
    }

    private static ManagedInstance.Details details(Instance instance) {
        return new ManagedInstance.Details(
                instance.placement() == null ? null : instance.placement().availabilityZoneId(),
                instance.launchTime(),
                instance.imageId(),
                product(instance.platformDetails()),
                instance.keyName(),
                new ManagedInstance.Addresses(
                        nonEmpty(instance.privateIpAddress()),
                        nonEmpty(instance.publicIpAddress()),
                        nonEmpty(instance.ipv6Address()),
                        nonEmpty(instance.privateDnsName()),
                        nonEmpty(instance.publicDnsName())),
                new ManagedInstance.StateChange(
                        instance.stateReason() == null
                                ? null
                                : nonEmpty(instance.stateReason().code()),
                        transitionTime(instance.stateTransitionReason())),
                instance.blockDeviceMappings().stream()
                        .map(InstanceBlockDeviceMapping::ebs)
                        .filter(ebs -> ebs != null && Boolean.FALSE.equals(ebs.deleteOnTermination()))
                        .map(ebs -> ebs.volumeId())
                        .toList(),
                "spot".equals(instance.instanceLifecycleAsString()));
    }

    /**
     * Returns the time in a text such as {@code User initiated (2026-03-01 12:00:00 GMT)}, or null if it has none. EC2
     * documents the text without its format, so only the time is used.
     */
    private static @Nullable Instant transitionTime(@Nullable String reason) {
        Matcher time = TRANSITION_TIME.matcher(reason == null ? "" : reason);
        try {
            return time.find() ? Instant.parse(time.group(1) + "T" + time.group(2) + "Z") : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Returns a text, or null if it is empty, as EC2 writes a DNS name that an instance does not have. */
    private static @Nullable String nonEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /**
     * Returns when a lease ends. A tag that is missing, is not a time, or is later than any lease can end from now,
     * counts as the longest lease. Without a creation time, such a lease starts now, so it does not end until EC2
     * returns the time.
     *
     * @param tagged the time in the tag, or null if the tag has no time
     * @param start when the resource was created, or null if EC2 does not return it
     */
    private Instant leaseEnd(@Nullable Instant tagged, @Nullable Instant start, Instant now) {
        return tagged == null || tagged.isAfter(now.plus(maxLease).plus(LEEWAY))
                ? (start == null ? now : start).plus(maxLease)
                : tagged;
    }

    private ManagedSpotRequest managed(String region, SpotInstanceRequest request, Instant now) {
        TagValues tags = TagValues.of(request.tags());
        Instant created = request.createTime() == null ? now : request.createTime();
        return new ManagedSpotRequest(
                region,
                request.spotInstanceRequestId(),
                // Until EC2 returns a state, the request may launch something.
                request.stateAsString() == null ? "open" : request.stateAsString(),
                request.status() == null ? null : request.status().code(),
                request.instanceId(),
                created,
                new ManagedSpotRequest.Details(
                        "persistent".equals(request.typeAsString()),
                        request.launchSpecification() == null
                                ? null
                                : request.launchSpecification().instanceTypeAsString(),
                        request.launchedAvailabilityZone(),
                        request.launchedAvailabilityZoneId(),
                        product(request.productDescriptionAsString()),
                        request.status() == null ? null : request.status().updateTime()),
                tags.withLease(leaseEnd(tags.lease(), created, now)));
    }

    private List<Filter> filters(String idFilter, List<String> ids) {
        List<Filter> filters = new ArrayList<>();
        filters.add(Filter.builder().name("tag:" + Tags.SERVICE).values(service).build());
        if (!ids.isEmpty()) {
            filters.add(Filter.builder().name(idFilter).values(ids).build());
        }
        return filters;
    }

    /** Returns the product description if EC2 has spot prices for it, and null otherwise. */
    static @Nullable String product(@Nullable String product) {
        return product != null && SpotPrices.PRODUCTS.contains(product) ? product : null;
    }
}
