package io.github.spotspec.function.config;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import org.jspecify.annotations.Nullable;

/**
 * The limits of what an instance may reach. Immutable and thread-safe.
 *
 * @param profile the ARN of the instance profile of all instances, or null
 * @param maxMetadataHopLimit the maximum number of network hops to the instance's metadata, or null for no maximum
 */
public record InstanceLimits(
        @Nullable String profile, @Nullable Integer maxMetadataHopLimit) {
    /** No instance profile, and no limits. */
    public static final InstanceLimits NONE = new InstanceLimits(null, null);

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
