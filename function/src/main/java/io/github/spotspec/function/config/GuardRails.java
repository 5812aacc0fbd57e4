package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of launches. The operator's policy enforces whatever IAM can express of them; they are checked here as well,
 * before any call, to answer with a clear sentence. An empty list means no limit. Immutable and thread-safe.
 *
 * @param instanceTypes patterns with {@code *} and {@code ?}
 * @param images image ids
 * @param imageOwners EC2's aliases of owners, such as {@code amazon}; account ids of those that have none
 * @param subnets subnet ids
 * @param securityGroups security group ids
 * @param keyPairs names of key pairs
 * @param instanceProfile the ARN of the profile that every instance gets, if there is one
 * @param maxPrice US dollars per instance-hour
 * @param maxInstances how many instances may run at a time in a region
 * @param volumes the limits of EBS volumes
 * @param defaultLease the lease of a launch that asks for none
 * @param maxLease the longest lease
 * @param allowOnDemand whether a launch may fall back to on-demand instances
 * @param userData the names of the user data that the deployment carries
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

    /** Returns whether the deployment may launch a type. */
    public boolean allowsType(String type) {
        return instanceTypes.isEmpty() || instanceTypes.stream().anyMatch(pattern -> matches(pattern, type));
    }

    /** Refuses a type that the deployment may not launch. */
    public void checkType(String type) {
        check(allowsType(type), ErrorCode.TYPE_NOT_ALLOWED, "Type " + type, instanceTypes);
    }

    /** Refuses an image that the deployment may not launch from, whoever owns it. */
    public void checkImage(String image) {
        check(allows(images, image), ErrorCode.IMAGE_NOT_ALLOWED, "Image " + image, images);
    }

    /** Refuses an image whose owner is none of the deployment's. IAM knows an owner with an alias by that alone. */
    public void checkImageOwner(String image, String ownerId, @Nullable String ownerAlias) {
        String owner = ownerAlias == null ? ownerId : ownerAlias;
        check(
                allows(imageOwners, owner),
                ErrorCode.IMAGE_NOT_ALLOWED,
                "Image " + image + " belongs to " + owner + ", which",
                imageOwners);
    }

    /** Refuses a subnet that is none of the deployment's. */
    public void checkSubnet(String subnet) {
        check(allows(subnets, subnet), ErrorCode.SUBNET_NOT_ALLOWED, "Subnet " + subnet, subnets);
    }

    /** Refuses a security group that is none of the deployment's. */
    public void checkSecurityGroup(String group) {
        check(
                allows(securityGroups, group),
                ErrorCode.SECURITY_GROUP_NOT_ALLOWED,
                "Security group " + group,
                securityGroups);
    }

    /** Refuses a key pair that is none of the deployment's. */
    public void checkKeyPair(String name) {
        check(allows(keyPairs, name), ErrorCode.KEY_PAIR_NOT_ALLOWED, "Key pair " + name, keyPairs);
    }

    /** Refuses a price above the deployment's. */
    public void checkPrice(BigDecimal price) {
        if (maxPrice != null && price.compareTo(maxPrice) > 0) {
            throw new ServiceException(
                    ErrorCode.PRICE_NOT_ALLOWED,
                    "A maximum price of " + price.toPlainString() + " is above this deployment's "
                            + maxPrice.toPlainString() + " dollars an hour.");
        }
    }

    /** Refuses a lease longer than the deployment's longest. */
    public void checkLease(Duration lease) {
        if (lease.compareTo(maxLease) > 0) {
            throw new ServiceException(
                    ErrorCode.LEASE_NOT_ALLOWED,
                    "A lease of " + Syntax.print(lease) + " is longer than this deployment's longest, "
                            + Syntax.print(maxLease) + ".");
        }
    }

    /** Refuses a launch that would let more instances run than the deployment allows. */
    public void checkInstances(int running, int more, String region) {
        if (running + more > maxInstances) {
            throw new ServiceException(
                    ErrorCode.TOO_MANY_INSTANCES,
                    running + " instances run in " + region + " and " + more
                            + " more would pass this deployment's limit of " + maxInstances
                            + "; end some first, or ask for fewer.");
        }
    }

    private static boolean allows(List<String> allowed, String value) {
        return allowed.isEmpty() || allowed.contains(value);
    }

    private static void check(boolean allowed, ErrorCode reason, String what, List<String> these) {
        if (!allowed) {
            throw new ServiceException(
                    reason, what + " is not one of this deployment's: " + String.join(", ", these) + ".");
        }
    }

    /** The wildcards of IAM's StringLike, so that function and policy agree. */
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
