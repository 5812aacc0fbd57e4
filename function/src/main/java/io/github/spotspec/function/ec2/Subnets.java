package io.github.spotspec.function.ec2;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Filter;

/** Finds the zone of a subnet. Caches the result, because a subnet never moves. Thread-safe. */
public final class Subnets {
    private final Ec2Clients ec2;
    private final Map<String, Zone> zones = new ConcurrentHashMap<>();

    /** A subnet's zone: its name in this account, and its id. */
    public record Zone(String name, @Nullable String id) {
        /** Returns whether a list contains this zone's name or id. */
        public boolean isOneOf(List<String> namesAndIds) {
            return namesAndIds.contains(name) || (id != null && namesAndIds.contains(id));
        }
    }

    public Subnets(Ec2Clients ec2) {
        this.ec2 = ec2;
    }

    /**
     * Returns the zone of each subnet that is in a region, by subnet.
     *
     * @throws ServiceException if no subnet is in the region, or EC2 does not answer
     */
    public Map<String, Zone> zones(String region, List<String> subnets, AwsCallContext callContext) {
        if (!zones.keySet().containsAll(subnets)) {
            try {
                ec2
                        .in(region)
                        .describeSubnets(request -> request.filters(Filter.builder()
                                        .name("subnet-id")
                                        .values(subnets)
                                        .build())
                                .overrideConfiguration(callContext::authorize))
                        .subnets()
                        .stream()
                        .filter(subnet -> subnet.subnetId() != null && subnet.availabilityZone() != null)
                        .forEach(subnet -> zones.put(
                                subnet.subnetId(), new Zone(subnet.availabilityZone(), subnet.availabilityZoneId())));
            } catch (SdkException e) {
                throw Ec2Errors.toException("ec2:DescribeSubnets", region, e);
            }
        }
        Map<String, Zone> found = new LinkedHashMap<>();
        for (String subnet : subnets) {
            Zone zone = zones.get(subnet);
            if (zone != null && zone.name().startsWith(region)) {
                found.put(subnet, zone);
            }
        }
        if (found.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.EC2_REFUSED,
                    "No requested subnet is in " + region + ": " + String.join(", ", subnets) + ".");
        }
        return found;
    }
}
