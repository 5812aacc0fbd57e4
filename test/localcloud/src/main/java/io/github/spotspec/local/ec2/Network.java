package io.github.spotspec.local.ec2;

import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.wire.AwsError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The networks and key pairs. Each region has a default VPC with a subnet in every zone except one, and two security
 * groups. There are two key pairs. Another account shares a subnet of its VPC, in the first zone, and a security group
 * through AWS RAM. Immutable and thread-safe.
 */
public final class Network {
    /** The key pairs of every region. */
    public static final List<String> KEY_PAIRS = List.of("dev", "ops");

    /** The zone whose default subnet the account's owner has deleted, as can happen on AWS. */
    public static final String WITHOUT_SUBNET = "us-east-1e";

    /** The account that shares its VPC. */
    private static final String SHARER = "222233334444";

    /** A subnet of the default VPC or of a shared VPC. */
    public record Subnet(
            String id, String vpc, String owner, String region, String zone, String zoneId, boolean isDefault) {
        /**
         * Returns whether instances in the subnet get a public IPv4 address (MapPublicIpOnLaunch). Those in a default
         * subnet do, and those in another subnet do not, unless its owner changes that (VPC user guide, "Modify the IP
         * addressing attributes of your subnet").
         */
        public boolean mapsPublicIp() {
            return isDefault;
        }

        /**
         * Returns whether instances in the subnet get public DNS names. In a default VPC, both DNS attributes are on.
         * In any other VPC, enableDnsHostnames is off by default (VPC user guide, "DNS attributes for your VPC").
         */
        public boolean hasDnsHostnames() {
            return isDefault;
        }
    }

    /** A security group. */
    public record Group(String id, String vpc, String owner, String name, String region) {}

    private final Map<String, Subnet> subnets = new TreeMap<>();
    private final Map<String, Group> groups = new TreeMap<>();

    /** Creates the networks of the given regions for an account. */
    public Network(List<String> regions, String account) {
        for (String region : regions) {
            String code = "%08x".formatted(region.hashCode());
            String vpc = "vpc-" + code + "000000000";
            for (Geography.Zone zone : Geography.zones(region)) {
                if (zone.name().equals(WITHOUT_SUBNET)) {
                    continue;
                }
                char letter = zone.name().charAt(zone.name().length() - 1);
                put(new Subnet(
                        "subnet-" + code + "0000000" + Integer.toHexString(letter - 'a' + 1) + "0",
                        vpc,
                        account,
                        region,
                        zone.name(),
                        zone.id(),
                        true));
            }
            put(new Group("sg-" + code + "000000000", vpc, account, "default", region));
            put(new Group("sg-" + code + "000000001", vpc, account, "web", region));
            String shared = "vpc-" + code + "00000000f";
            Geography.Zone zone = Geography.zones(region).getFirst();
            put(new Subnet("subnet-" + code + "00000000f", shared, SHARER, region, zone.name(), zone.id(), false));
            put(new Group("sg-" + code + "00000000f", shared, SHARER, "shared", region));
        }
    }

    private void put(Subnet subnet) {
        subnets.put(subnet.id(), subnet);
    }

    private void put(Group group) {
        groups.put(group.id(), group);
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

    /** Returns the subnet that another account shares in a region. */
    public Subnet sharedSubnet(String region) {
        return subnets(region).stream()
                .filter(subnet -> subnet.owner().equals(SHARER))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the security group that another account shares in a region. */
    public Group sharedGroup(String region) {
        return groups.values().stream()
                .filter(group -> group.region().equals(region) && group.owner().equals(SHARER))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the default subnet of a zone. */
    public Subnet defaultSubnet(String region, String zone) {
        boolean withoutSubnet = (zone.equals(WITHOUT_SUBNET) && zone.startsWith(region))
                || Geography.edgeZones(region).stream()
                        .anyMatch(edge -> edge.optedIn() && edge.zone().name().equals(zone));
        if (withoutSubnet) {
            throw new AwsError(400, "InvalidInput", "No default subnet for availability zone: '" + zone + "'.");
        }
        return subnets(region).stream()
                .filter(subnet -> subnet.isDefault() && subnet.zone().equals(zone))
                .findFirst()
                .orElseThrow(
                        () -> new AwsError(400, "InvalidParameterValue", "Invalid availability zone: [" + zone + "]"));
    }

    /** Returns the security group of a region with an id. */
    public Group group(String region, String id) {
        Group group = groups.get(id);
        if (group == null || !group.region().equals(region)) {
            throw new AwsError(400, "InvalidGroup.NotFound", "The security group '" + id + "' does not exist");
        }
        return group;
    }

    /** Returns the security group with a name in a region's default VPC. */
    public Group groupNamed(String region, String name) {
        return groups.values().stream()
                .filter(group -> group.region().equals(region)
                        && group.name().equals(name)
                        && !group.owner().equals(SHARER))
                .findFirst()
                .orElseThrow(() -> new AwsError(
                        400,
                        "InvalidGroup.NotFound",
                        "The security group '" + name + "' does not exist in default VPC"));
    }
}
