package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits of what an instance may reach, and of who may reach it. Immutable and thread-safe.
 *
 * @param profile the ARN of the instance profile of all instances, or null
 * @param maxMetadataHopLimit the maximum number of network hops to the instance's metadata, or null for no maximum
 * @param osUsers the operating system users that callers may log in as, the default first; empty if nobody may log in
 */
public record InstanceLimits(
        @Nullable String profile, @Nullable Integer maxMetadataHopLimit, List<String> osUsers) {
    /** The users of the images of Amazon Linux, Ubuntu and Debian. */
    static final List<String> DEFAULT_OS_USERS = List.of("ec2-user", "ubuntu", "admin");

    /** No instance profile, and no limits other than the default users. */
    public static final InstanceLimits NONE = new InstanceLimits(null, null, DEFAULT_OS_USERS);

    public InstanceLimits {
        osUsers = List.copyOf(osUsers);
    }

    /** Returns the default operating system user for logins. */
    public String defaultOsUser() {
        return osUsers.getFirst();
    }

    /** Rejects an operating system user that the deployment does not allow. */
    public void checkOsUser(String user) {
        if (!osUsers.contains(user)) {
            throw new ServiceException(
                    ErrorCode.OS_USER_NOT_ALLOWED,
                    "User " + user + " is not allowed; this deployment allows " + String.join(", ", osUsers) + ".");
        }
    }

    /** Rejects a metadata hop limit above the deployment's maximum. */
    public void checkMetadataHopLimit(int hopLimit) {
        if (maxMetadataHopLimit != null && hopLimit > maxMetadataHopLimit) {
            throw new ServiceException(
                    ErrorCode.METADATA_HOP_LIMIT_NOT_ALLOWED,
                    "'metadataHopLimit' is " + hopLimit + ", above this deployment's maximum of " + maxMetadataHopLimit
                            + ".");
        }
    }

    /**
     * Returns the metadata hop limit of a launch that sends none, or null if the image or the account decides. If the
     * deployment allows only one hop, that is the limit, because some images set two.
     */
    public @Nullable Integer defaultMetadataHopLimit() {
        return maxMetadataHopLimit != null && maxMetadataHopLimit == 1 ? maxMetadataHopLimit : null;
    }
}
