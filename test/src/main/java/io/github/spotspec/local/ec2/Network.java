package io.github.spotspec.local.ec2;

import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Each region's default VPC: a subnet per zone but for one, two security groups and two key pairs. Immutable and thread-safe.
 */
public final class Network {
    /** The key pairs of every region. */
    public static final List<String> KEY_PAIRS = List.of("dev", "ops");

    /** The zone whose default subnet the account's owner has deleted, as happens. */
    public static final String WITHOUT_SUBNET = "us-east-1e";

    /** A subnet. */
    public record Subnet(String id, String vpc, String region, String zone) {}

    /** A security group. */
    public record Group(String id, String name, String region) {}

    private final Map<String, Subnet> subnets = new TreeMap<>();
    private final Map<String, Group> groups = new TreeMap<>();

    /** Makes the networks of these regions. */
    public Network(List<String> regions) {
        for (String region : regions) {
            String code = "%08x".formatted(region.hashCode());
            for (Geography.Zone zone : Geography.zones(region)) {
                if (zone.name().equals(WITHOUT_SUBNET)) {
                    continue;
                }
                char letter = zone.name().charAt(zone.name().length() - 1);
                String id = "subnet-" + code + "0000000" + Integer.toHexString(letter - 'a' + 1) + "0";
                subnets.put(id, new Subnet(id, "vpc-" + code + "000000000", region, zone.name()));
            }
            for (String name : List.of("default", "web")) {
                String id = "sg-" + code + "00000000" + (name.equals("web") ? "1" : "0");
                groups.put(id, new Group(id, name, region));
            }
        }
    }

    /** Returns all subnets of a region. */
    public List<Subnet> subnets(String region) {
        return subnets.values().stream()
                .filter(subnet -> subnet.region().equals(region))
                .toList();
    }

    /** Returns a subnet of a region. */
    public Subnet subnet(String region, String id) {
        Subnet subnet = subnets.get(id);
        if (subnet == null || !subnet.region().equals(region)) {
            throw new AwsError(400, "InvalidSubnetID.NotFound", "The subnet ID '" + id + "' does not exist");
        }
        return subnet;
    }

    /** Returns the default subnet of a zone. */
    public Subnet defaultSubnet(String region, String zone) {
        if (zone.equals(WITHOUT_SUBNET) && zone.startsWith(region)) {
            throw new AwsError(400, "InvalidInput", "No default subnet for availability zone: '" + zone + "'.");
        }
        return subnets(region).stream()
                .filter(subnet -> subnet.zone().equals(zone))
                .findFirst()
                .orElseThrow(
                        () -> new AwsError(400, "InvalidParameterValue", "Invalid availability zone: [" + zone + "]"));
    }

    /** Returns a security group of a region by its id. */
    public Group group(String region, String id) {
        Group group = groups.get(id);
        if (group == null || !group.region().equals(region)) {
            throw new AwsError(400, "InvalidGroup.NotFound", "The security group '" + id + "' does not exist");
        }
        return group;
    }

    /** Returns a security group of a region's default VPC by its name. */
    public Group groupNamed(String region, String name) {
        return groups.values().stream()
                .filter(group -> group.region().equals(region) && group.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AwsError(
                        400,
                        "InvalidGroup.NotFound",
                        "The security group '" + name + "' does not exist in default VPC"));
    }
}
