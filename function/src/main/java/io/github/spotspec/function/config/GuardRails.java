package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guard rails of launches. The operator's IAM policy enforces the limits that IAM can express. The function also
 * checks them before it makes a call, so that the caller gets a clear error message. An empty list means no limit.
 * Immutable and thread-safe.
 * @param instanceTypes patterns of instance types, with {@code *} and {@code ?}
 * @param images image ids
 * @param imageOwners EC2's owner aliases, such as {@code amazon}, or the account ids of owners without an alias
 * @param subnets subnet ids
 * @param securityGroups security group ids
 * @param keyPairs names of key pairs
 * @param instanceProfile the ARN of the instance profile of all instances, or null
 * @param maxPrice the maximum price in US dollars per instance-hour
 * @param maxInstances how many instances may run at the same time in each region
 * @param volumes the limits of EBS volumes
 * @param defaultLease the lease of a launch that does not ask for one
 * @param maxLease the maximum lease
 * @param allowOnDemand whether a launch may fall back to on-demand instances
 * @param userData the names of the user data in the deployment
 */
public record GuardRails(
        List<String> instanceTypes,
        List<String> images,
        List<String> imageOwners,
        List<String> subnets,
        List<String> securityGroups,
        List<String> keyPairs,
        @Nullable String instanceProfile,
        @Nullable BigDecimal maxPrice,
        int maxInstances,
        VolumeLimits volumes,
        Duration defaultLease,
        Duration maxLease,
        boolean allowOnDemand,
        List<String> userData) {

    /** Returns whether the deployment allows an instance type. */
    public boolean allowsType(String type) {
        return instanceTypes.isEmpty() || instanceTypes.stream().anyMatch(pattern -> matches(pattern, type));
    }

    /** Rejects an instance type that the deployment does not allow. */
    public void checkType(String type) {
        check(allowsType(type), ErrorCode.TYPE_NOT_ALLOWED, "Type " + type, instanceTypes);
    }

    /** Rejects an image that the deployment does not allow, independently of its owner. */
    public void checkImage(String image) {
        check(allows(images, image), ErrorCode.IMAGE_NOT_ALLOWED, "Image " + image, images);
    }

    /**
     * Rejects an image with an owner that the deployment does not allow. If an owner has an alias, IAM compares only
     * the alias.
     */
    public void checkImageOwner(String image, String ownerId, @Nullable String ownerAlias) {
        String owner = ownerAlias == null ? ownerId : ownerAlias;
        check(
                allows(imageOwners, owner),
                ErrorCode.IMAGE_NOT_ALLOWED,
                "Image " + image + " belongs to " + owner + ", which",
                imageOwners);
    }

    /** Rejects a subnet that the deployment does not allow. */
    public void checkSubnet(String subnet) {
        check(allows(subnets, subnet), ErrorCode.SUBNET_NOT_ALLOWED, "Subnet " + subnet, subnets);
    }

    /** Rejects a security group that the deployment does not allow. */
    public void checkSecurityGroup(String group) {
        check(
                allows(securityGroups, group),
                ErrorCode.SECURITY_GROUP_NOT_ALLOWED,
                "Security group " + group,
                securityGroups);
    }

    /** Rejects a key pair that the deployment does not allow. */
    public void checkKeyPair(String name) {
        check(allows(keyPairs, name), ErrorCode.KEY_PAIR_NOT_ALLOWED, "Key pair " + name, keyPairs);
    }

    /** Rejects a maximum price above the deployment's. */
    public void checkPrice(BigDecimal price) {
        if (maxPrice != null && price.compareTo(maxPrice) > 0) {
            throw new ServiceException(
                    ErrorCode.PRICE_NOT_ALLOWED,
                    "'price' is " + price.toPlainString() + " US dollars an hour, above this deployment's maximum of "
                            + maxPrice.toPlainString() + ".");
        }
    }

    /** Rejects a lease longer than the deployment's maximum. */
    public void checkLease(Duration lease) {
        if (lease.compareTo(maxLease) > 0) {
            throw new ServiceException(
                    ErrorCode.LEASE_NOT_ALLOWED,
                    "'lease' is " + Syntax.print(lease) + ", longer than this deployment's maximum of "
                            + Syntax.print(maxLease) + ".");
        }
    }

    /** Rejects a launch after which more instances would run than the deployment allows. */
    public void checkInstances(int running, int more, String region) {
        if (running + more > maxInstances) {
            throw new ServiceException(
                    ErrorCode.TOO_MANY_INSTANCES,
                    running + " instances are running in " + region + ", and " + more
                            + " more would exceed this deployment's limit of " + maxInstances
                            + "; end some first, or lower 'count'.");
        }
    }

    private static boolean allows(List<String> allowed, String value) {
        return allowed.isEmpty() || allowed.contains(value);
    }

    private static void check(boolean allowed, ErrorCode reason, String what, List<String> these) {
        if (!allowed) {
            throw new ServiceException(
                    reason, what + " is not allowed; this deployment allows " + String.join(", ", these) + ".");
        }
    }

    /** Matches the wildcards of IAM's StringLike, so that the function and the policy agree. */
    private static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
