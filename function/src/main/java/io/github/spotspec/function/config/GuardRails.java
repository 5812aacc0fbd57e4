package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.api.Wildcard;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guard rails of launches. The operator's IAM policy enforces the limits that IAM can express. The function also
 * checks them before it makes a call, so that the caller gets a clear error message. Immutable and thread-safe.
 *
 * @param allowLists the types, images, image owners, subnets, security groups and key pairs that launches may use
 * @param instanceLimits the limits of what an instance may reach
 * @param costs the limits of what instances may cost
 * @param maxInstances how many instances may run at the same time in each region
 * @param volumes the limits of EBS volumes
 * @param leases the limits of leases
 * @param allowOnDemand whether a launch may fall back to on-demand instances
 * @param userData the names of the user data in the deployment
 */
public record GuardRails(
        AllowLists allowLists,
        InstanceLimits instanceLimits,
        CostLimits costs,
        int maxInstances,
        VolumeLimits volumes,
        LeaseLimits leases,
        boolean allowOnDemand,
        List<String> userData) {

    /** Returns the maximum price in US dollars per instance-hour, or null for none. */
    public @Nullable BigDecimal maxPrice() {
        return costs.maxPrice();
    }

    /** Returns whether the deployment allows an instance type. */
    public boolean allowsType(String type) {
        return allowLists.instanceTypes().isEmpty()
                || allowLists.instanceTypes().stream().anyMatch(pattern -> Wildcard.matches(pattern, type));
    }

    /** Rejects an instance type that the deployment does not allow. */
    public void checkType(String type) {
        check(allowsType(type), ErrorCode.TYPE_NOT_ALLOWED, "Type " + type, allowLists.instanceTypes());
    }

    /** Rejects an image that the deployment does not allow, independently of its owner. */
    public void checkImage(String image) {
        check(allows(allowLists.images(), image), ErrorCode.IMAGE_NOT_ALLOWED, "Image " + image, allowLists.images());
    }

    /**
     * Rejects an image with an owner that the deployment does not allow. If an owner has an alias, IAM compares only
     * the alias.
     */
    public void checkImageOwner(String image, String ownerId, @Nullable String ownerAlias) {
        String owner = ownerAlias == null ? ownerId : ownerAlias;
        check(
                allows(allowLists.imageOwners(), owner),
                ErrorCode.IMAGE_NOT_ALLOWED,
                "Image " + image + " belongs to " + owner + ", which",
                allowLists.imageOwners());
    }

    /** Rejects a subnet that the deployment does not allow. */
    public void checkSubnet(String subnet) {
        check(
                allows(allowLists.subnets(), subnet),
                ErrorCode.SUBNET_NOT_ALLOWED,
                "Subnet " + subnet,
                allowLists.subnets());
    }

    /** Rejects a security group that the deployment does not allow. */
    public void checkSecurityGroup(String group) {
        check(
                allows(allowLists.securityGroups(), group),
                ErrorCode.SECURITY_GROUP_NOT_ALLOWED,
                "Security group " + group,
                allowLists.securityGroups());
    }

    /** Rejects a key pair that the deployment does not allow. */
    public void checkKeyPair(String name) {
        check(
                allows(allowLists.keyPairs(), name),
                ErrorCode.KEY_PAIR_NOT_ALLOWED,
                "Key pair " + name,
                allowLists.keyPairs());
    }

    /** Rejects a maximum price above the deployment's. */
    public void checkPrice(BigDecimal price) {
        BigDecimal maxPrice = maxPrice();
        if (maxPrice != null && price.compareTo(maxPrice) > 0) {
            throw new ServiceException(
                    ErrorCode.PRICE_NOT_ALLOWED,
                    "'price' is " + price.toPlainString() + " US dollars an hour, above this deployment's maximum of "
                            + maxPrice.toPlainString() + ".");
        }
    }

    /** Rejects a lease longer than the deployment's maximum. */
    public void checkLease(Duration lease) {
        if (lease.compareTo(leases.maxLease()) > 0) {
            throw new ServiceException(
                    ErrorCode.LEASE_NOT_ALLOWED,
                    "'lease' is " + Syntax.format(lease) + ", longer than this deployment's maximum of "
                            + Syntax.format(leases.maxLease()) + ".");
        }
    }

    /** Rejects an end when idle where the keeper may not see whether instances are idle, or after the lease ends. */
    public void checkEndWhenIdle(Duration idle, Duration lease) {
        if (!leases.allowEndWhenIdle()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'endWhenIdle' needs a deployment with the prop 'allowEndWhenIdle', which lets the keeper read"
                            + " metrics; omit the field, or deploy with the prop.");
        }
        if (idle.compareTo(lease) > 0) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "'endWhenIdle' is " + Syntax.format(idle) + ", longer than the lease of " + Syntax.format(lease)
                            + "; send a shorter time, or a longer 'lease'.");
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

    private static boolean allows(List<String> values, String value) {
        return values.isEmpty() || values.contains(value);
    }

    private static void check(boolean passes, ErrorCode reason, String what, List<String> values) {
        if (!passes) {
            throw new ServiceException(
                    reason, what + " is not allowed; this deployment allows " + String.join(", ", values) + ".");
        }
    }
}
