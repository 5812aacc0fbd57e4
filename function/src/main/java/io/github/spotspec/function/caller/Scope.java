package io.github.spotspec.function.caller;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.config.CostLimits;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.config.InstanceLimits;
import io.github.spotspec.function.config.LeaseLimits;
import io.github.spotspec.function.config.Settings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The scope of a token. It can narrow the deployment's settings but never widen them. A component that is null adds no
 * limit to those of the deployment. Immutable and thread-safe.
 *
 * @param tasks the names of the allowed tasks
 * @param regions the allowed regions
 * @param count how many instances launched with the token may be alive at the same time in each region
 * @param price the maximum price of a Spot Instance, in US dollars per hour; if set, there are no on-demand launches
 * @param lease the maximum lease
 * @param committed the most that the instances launched with the token may together still cost until their leases end,
 *     in US dollars
 * @param osUsers the operating system users that the task {@code connect} may log in as. They do not limit what a token
 *     with the task {@code launch} can do on the instances that it launches, because user data runs as root
 */
public record Scope(
        List<String> tasks,
        @Nullable List<String> regions,
        @Nullable Integer count,
        @Nullable BigDecimal price,
        @Nullable Duration lease,
        @Nullable BigDecimal committed,
        @Nullable List<String> osUsers) {
    private static final String CONNECT = "connect";

    public Scope {
        tasks = List.copyOf(tasks);
        regions = regions == null ? null : List.copyOf(regions);
        osUsers = osUsers == null ? null : List.copyOf(osUsers);
    }

    /** Returns the deployment's settings, narrowed to this scope. */
    public Settings narrow(Settings settings) {
        GuardRails all = settings.guardRails();
        InstanceLimits instances = all.instanceLimits();
        List<String> allowedUsers = common(instances.osUsers(), osUsers);
        return new Settings(
                settings.service(),
                common(settings.regions(), regions),
                settings.tasks().stream()
                        .filter(tasks::contains)
                        // The deployment may have changed after the token was made.
                        .filter(task -> !task.equals(CONNECT) || !allowedUsers.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()),
                settings.mfaTasks(),
                settings.secretArns(),
                new GuardRails(
                        all.allowLists(),
                        new InstanceLimits(instances.profile(), instances.maxMetadataHopLimit(), allowedUsers),
                        // What the token's own instances may cost is limited separately, with its caller.
                        new CostLimits(least(price, all.maxPrice()), all.costs().maxCommitted()),
                        all.maxInstances(),
                        all.volumes(),
                        new LeaseLimits(
                                Objects.requireNonNull(least(lease, all.leases().defaultLease())),
                                Objects.requireNonNull(least(lease, all.leases().maxLease())),
                                all.leases().allowEndWhenIdle()),
                        // No launch can limit the price of an on-demand instance.
                        all.allowOnDemand() && price == null,
                        all.userData()),
                settings.fleets());
    }

    /**
     * Returns whether the scope and the deployment have a region in common. If not, the scope covers nothing. This
     * happens if the deployment changed after the token was made.
     */
    public boolean overlaps(Settings settings) {
        return regions == null || settings.regions().stream().anyMatch(regions::contains);
    }

    /** Rejects a launch after which more instances of the token would run than the scope covers. */
    public void checkCount(long running, int more) {
        if (count != null && running + more > count) {
            throw exceeded();
        }
    }

    /** Returns the exception for a request that the deployment allows but this scope does not cover. */
    public ServiceException exceeded() {
        return new ServiceException(
                ErrorCode.SCOPE_EXCEEDED,
                "The token does not cover this request; its scope is "
                        + describe().entrySet().stream()
                                .map(limit -> limit.getKey() + " " + words(limit.getValue()))
                                .collect(Collectors.joining("; "))
                        + ".");
    }

    /** Returns the scope as a JSON object, with the names of the minter's fields. */
    public Map<String, Object> describe() {
        Map<String, Object> limits = new LinkedHashMap<>();
        limits.put("tasks", tasks);
        if (regions != null) {
            limits.put("regions", regions);
        }
        if (count != null) {
            limits.put("count", count);
        }
        if (price != null) {
            limits.put("price", price.toPlainString());
        }
        if (lease != null) {
            limits.put("lease", Syntax.format(lease));
        }
        if (committed != null) {
            limits.put("committed", committed.toPlainString());
        }
        if (osUsers != null) {
            limits.put("osUsers", osUsers);
        }
        return limits;
    }

    /** Reads a scope from the result of {@link #describe}. */
    public static Scope of(Map<?, ?> limits) {
        return new Scope(
                Objects.requireNonNull(texts(limits.get("tasks"))),
                texts(limits.get("regions")),
                limits.get("count") instanceof BigDecimal count ? (Integer) count.intValueExact() : null,
                limits.get("price") instanceof String price ? new BigDecimal(price) : null,
                limits.get("lease") instanceof String lease ? Syntax.duration(lease) : null,
                limits.get("committed") instanceof String committed ? new BigDecimal(committed) : null,
                texts(limits.get("osUsers")));
    }

    /** Returns the values that a limit allows, in the order of the deployment. */
    private static List<String> common(List<String> values, @Nullable List<String> limit) {
        return limit == null ? values : values.stream().filter(limit::contains).toList();
    }

    private static @Nullable List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : null;
    }

    private static String words(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : value.toString();
    }

    private static <T extends Comparable<T>> @Nullable T least(@Nullable T one, @Nullable T other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }
}
