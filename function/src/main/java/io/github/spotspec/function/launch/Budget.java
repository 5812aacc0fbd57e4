package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.ManagedInstance;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What living instances may still cost until their leases end, as far as the deployment or a token limits it.
 * Immutable.
 */
public final class Budget {
    /** Nothing limits what instances may cost. */
    static final Budget UNLIMITED = new Budget(List.of(), Map.of(), Instant.EPOCH);

    private static final BigDecimal MILLIS_PER_HOUR = BigDecimal.valueOf(3_600_000);

    /** The decimals of amounts that are compared. Rounding up never hides a part of an amount. */
    private static final int SCALE = 12;

    /** The decimals of amounts that are shown. */
    private static final int SHOWN_SCALE = 4;

    private final List<Account> accounts;
    private final Map<String, BigDecimal> hourly;
    private final Instant now;

    /**
     * One limit, and what counts towards it, in US dollars.
     *
     * @param metaName the name of this budget in answers
     * @param name the name of the limit in sentences
     * @param instances how many instances count towards it
     */
    record Account(String metaName, String name, BigDecimal max, BigDecimal committed, int instances) {
        private boolean covers(BigDecimal more) {
            return committed.add(more).compareTo(max) <= 0;
        }

        private Map<String, Object> describe(BigDecimal more) {
            BigDecimal sum = committed.add(more);
            BigDecimal left = max.subtract(sum).max(BigDecimal.ZERO);
            Map<String, Object> described = new LinkedHashMap<>();
            described.put(
                    "summary", "$" + shown(sum) + " of $" + text(max) + " committed, $" + text(floor(left)) + " left");
            described.put("committed", shown(sum));
            described.put("maxCommitted", text(max));
            described.put("left", text(floor(left)));
            return described;
        }
    }

    /**
     * Creates a budget.
     *
     * @param hourly the price limit of each instance that counts, by its id
     */
    Budget(List<Account> accounts, Map<String, BigDecimal> hourly, Instant now) {
        this.accounts = List.copyOf(accounts);
        this.hourly = Map.copyOf(hourly);
        this.now = now;
    }

    /** Returns whether there is a limit. */
    public boolean isLimited() {
        return !accounts.isEmpty();
    }

    /** Returns what an instance may cost in a time, in US dollars. */
    static BigDecimal cost(BigDecimal hourly, Duration time) {
        return time.isNegative()
                ? BigDecimal.ZERO
                : hourly.multiply(BigDecimal.valueOf(time.toMillis())).divide(MILLIS_PER_HOUR, SCALE, RoundingMode.UP);
    }

    /** Returns whether every limit has room for more. */
    boolean covers(BigDecimal more) {
        return accounts.stream().allMatch(account -> account.covers(more));
    }

    /**
     * Rejects what would pass a limit.
     *
     * @param what a sentence that says what could cost more, and how much
     * @param remedy what the caller can do
     * @throws ServiceException with {@link ErrorCode#BUDGET_EXCEEDED}
     */
    void check(BigDecimal more, String what, String remedy) {
        for (Account account : accounts) {
            if (more.signum() > 0 && !account.covers(more)) {
                throw new ServiceException(
                        ErrorCode.BUDGET_EXCEEDED,
                        what + " With $" + shown(account.committed()) + " that "
                                + count(account.instances(), "living instance") + " can still cost, it is $"
                                + shown(account.committed().add(more)) + ", more than " + account.name() + " of $"
                                + text(account.max()) + "; " + remedy);
            }
        }
    }

    /**
     * Returns how much more instances may cost if their leases end at another time.
     *
     * @param instances living instances that count towards this budget
     * @throws ServiceException with {@link ErrorCode#BUDGET_EXCEEDED} if that would pass a limit
     */
    public BigDecimal extend(List<ManagedInstance> instances, Instant until) {
        BigDecimal before = BigDecimal.ZERO;
        BigDecimal after = BigDecimal.ZERO;
        for (ManagedInstance instance : instances) {
            BigDecimal price = Objects.requireNonNull(hourly.get(instance.id()));
            before = before.add(cost(price, Duration.between(now, Objects.requireNonNull(instance.lease()))));
            after = after.add(cost(price, Duration.between(now, until)));
        }
        BigDecimal more = after.subtract(before);
        check(
                more,
                "Until " + until + ", " + count(instances.size(), "instance") + " could cost $" + shown(after)
                        + " instead of $" + shown(before) + ", which is $" + shown(more) + " more.",
                "end instances, or extend fewer, or send a shorter 'lease'.");
        return more;
    }

    /** Returns each limit and what counts towards it, by the names of answers. Empty if there is no limit. */
    public Map<String, Object> describe(BigDecimal more) {
        Map<String, Object> described = new LinkedHashMap<>();
        accounts.forEach(account -> described.put(account.metaName(), account.describe(more)));
        return described;
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    static String shown(BigDecimal amount) {
        return text(amount.setScale(SHOWN_SCALE, RoundingMode.UP));
    }

    private static BigDecimal floor(BigDecimal amount) {
        return amount.setScale(SHOWN_SCALE, RoundingMode.DOWN);
    }

    private static String text(BigDecimal amount) {
        return MaxPrice.text(amount);
    }
}
