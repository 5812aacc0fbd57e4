package io.github.spotspec.function.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The regions in which the deployment may act. A region from a request reaches the SDK, and so the name of a host, only
 * if it is one of these. Immutable and thread-safe.
 */
public final class Regions {
    /** One region, several, or {@code all} of the deployment's. */
    public static final Field<List<String>> FIELD = Field.of(
                    "regions", "1 to 40 regions such as us-west-2, or else \"all\"", Regions::read)
            .or("region");

    private static final int MOST = 40;
    private static final List<String> ALL = List.of("all");

    private final List<String> allowed;

    /** Takes the allowed regions, the default one first. */
    public Regions(List<String> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /**
     * Returns the regions that a request asks for, or the default one.
     *
     * @throws ServiceException with {@link ErrorCode#REGION_NOT_ALLOWED} if one of them is not the deployment's
     */
    public List<String> of(Fields fields) {
        List<String> asked = fields.get(FIELD, List.of(allowed.getFirst()));
        if (asked.equals(ALL)) {
            return allowed;
        }
        for (String region : asked) {
            if (!allowed.contains(region)) {
                throw new ServiceException(
                        ErrorCode.REGION_NOT_ALLOWED,
                        "Region " + region + " is not one of this deployment's: " + String.join(", ", allowed) + ".");
            }
        }
        return asked;
    }

    /**
     * Returns the regions in which to look up ids: those that a request asks for, or all.
     *
     * @throws ServiceException with {@link ErrorCode#REGION_NOT_ALLOWED} if one of them is not the deployment's
     */
    public List<String> ofIds(Fields fields) {
        return fields.get(FIELD) == null ? allowed : of(fields);
    }

    private static @Nullable List<String> read(Object value) {
        return value.equals("all") || value.equals(ALL) ? ALL : Field.textList(value, 1, MOST, Syntax::isRegion);
    }
}
