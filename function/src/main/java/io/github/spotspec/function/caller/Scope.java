package io.github.spotspec.function.caller;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.config.GuardRails;
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
 * What a token covers. It narrows what the deployment does and never widens it; what is null is as in the deployment.
 * Immutable and thread-safe.
 *
 * @param tasks the names of the tasks
 * @param regions the regions
 * @param count how many instances that were launched with the token may be alive at a time in each region
 * @param price the most that a spot instance may cost, in US dollars an hour; there is no launch on demand then
 * @param lease the longest lease
 */
public record Scope(
        List<String> tasks,
        @Nullable List<String> regions,
        @Nullable Integer count,
        @Nullable BigDecimal price,
        @Nullable Duration lease) {
    public Scope {
        tasks = List.copyOf(tasks);
        regions = regions == null ? null : List.copyOf(regions);
    }

    /** Returns the settings of the deployment as far as they are within the scope. */
    public Settings within(Settings settings) {
        GuardRails all = settings.guardRails();
        return new Settings(
                settings.service(),
                regions == null
                        ? settings.regions()
                        : settings.regions().stream().filter(regions::contains).toList(),
                settings.secretArn(),
                settings.tasks().stream().filter(tasks::contains).collect(Collectors.toUnmodifiableSet()),
                settings.mfaTasks(),
                settings.sessionSecretArn(),
                settings.signingSecretArn(),
                settings.revocationsSecretArn(),
                new GuardRails(
                        all.instanceTypes(),
                        all.images(),
                        all.imageOwners(),
                        all.subnets(),
                        all.securityGroups(),
                        all.keyPairs(),
                        all.instanceProfile(),
                        least(price, all.maxPrice()),
                        all.maxInstances(),
                        all.volumes(),
                        Objects.requireNonNull(least(lease, all.defaultLease())),
                        Objects.requireNonNull(least(lease, all.maxLease())),
                        // What an on-demand instance costs, no launch can limit.
                        all.allowOnDemand() && price == null,
                        all.userData()));
    }

    /**
     * Returns whether the scope has a region in common with the deployment. One without it covers nothing: the deployment
     * has been changed since.
     */
    public boolean isWithin(Settings settings) {
        return regions == null || settings.regions().stream().anyMatch(regions::contains);
    }

    /** Refuses a launch that would let more instances of the token run than it covers. */
    public void checkCount(long running, int more) {
        if (count != null && running + more > count) {
            throw exceeded();
        }
    }

    /** Returns the refusal of what the deployment does and the scope does not cover. */
    public ServiceException exceeded() {
        return new ServiceException(
                ErrorCode.SCOPE_EXCEEDED,
                "The token does not cover this; its scope is "
                        + describe().entrySet().stream()
                                .map(limit -> limit.getKey() + " " + words(limit.getValue()))
                                .collect(Collectors.joining("; "))
                        + ".");
    }

    /** Returns the scope as JSON has it, by the names of the minter's fields. */
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
            limits.put("lease", Syntax.print(lease));
        }
        return limits;
    }

    /** Reads what {@link #describe} has written. */
    public static Scope of(Map<?, ?> limits) {
        return new Scope(
                Objects.requireNonNull(texts(limits.get("tasks"))),
                texts(limits.get("regions")),
                limits.get("count") instanceof BigDecimal count ? (Integer) count.intValueExact() : null,
                limits.get("price") instanceof String price ? new BigDecimal(price) : null,
                limits.get("lease") instanceof String lease ? Syntax.duration(lease) : null);
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
