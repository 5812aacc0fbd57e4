package io.github.spotspec.function.api;

import java.util.List;

/**
 * The allowed regions of the deployment. A region from a request is used in the SDK, and therefore in a host name, only
 * if it is one of these. Immutable and thread-safe.
 */
public final class AllowedRegions {
    /** One region, several regions, or {@code all} allowed regions. */
    public static final Field<List<String>> FIELD = Field.textListOrAll(
                    "regions", 40, "regions such as us-west-2", Syntax::isRegion)
            .or("region");

    private final List<String> allowed;

    /** Creates an instance from the allowed regions, the default first. */
    public AllowedRegions(List<String> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /**
     * Returns the regions that a request names, or the default region.
     *
     * @throws ServiceException with {@link ErrorCode#REGION_NOT_ALLOWED} if the deployment does not allow one of them
     */
    public List<String> of(Fields fields) {
        List<String> asked = fields.get(FIELD, List.of(allowed.getFirst()));
        if (asked.equals(Field.ALL)) {
            return allowed;
        }
        for (String region : asked) {
            if (!allowed.contains(region)) {
                throw new ServiceException(
                        ErrorCode.REGION_NOT_ALLOWED,
                        "Region " + region + " is not allowed; this deployment allows " + String.join(", ", allowed)
                                + ".");
            }
        }
        return asked;
    }

    /**
     * Returns the regions in which to search for ids: the regions that a request names, or all allowed regions.
     *
     * @throws ServiceException with {@link ErrorCode#REGION_NOT_ALLOWED} if the deployment does not allow one of them
     */
    public List<String> ofIds(Fields fields) {
        return fields.get(FIELD) == null ? allowed : of(fields);
    }
}
