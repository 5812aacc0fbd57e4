package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.keeper.Keeper.EndedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.CachedByKey;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Metrics;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Logs one receipt for each instance that has ended, whatever ended it, and what the others cost per hour. Thread-safe.
 *
 * <p>Only the keeper logs receipts, because it sees all instances, including those that EC2 interrupted. A tag of the
 * instance records that there is a receipt. The receipt comes before the tag, because one that is lost costs more than
 * one that is repeated. EC2 does not document whether instances that have ended can be tagged, so the process also
 * remembers for which instances it has logged receipts.
 */
final class Receipts {
    /** EC2 shows an ended instance for about an hour. */
    private static final Duration SHOWN = Duration.ofHours(2);

    private static final int MAX_REMEMBERED = 10_000;
    private static final Duration MAX_TIME_FOR_PRICES = Duration.ofSeconds(20);

    private final CostReader costs;
    private final ManagedTags tags;
    private final FunctionLog log;
    private final CachedByKey<String, Instant> logged = new CachedByKey<>(SHOWN, MAX_REMEMBERED, at -> 1);

    Receipts(CostReader costs, ManagedTags tags, FunctionLog log) {
        this.costs = costs;
        this.tags = tags;
        this.log = log;
    }

    /**
     * Logs the receipts that are due, and the hourly cost of the instances that are alive.
     *
     * @param alive the instances that are alive, or null if they are not known for all regions
     */
    void write(
            List<EndedInstance> ended,
            @Nullable List<ManagedInstance> alive,
            AwsCallContext callContext,
            Instant now,
            Context context) {
        Map<String, EndedInstance> due = ended.stream()
                .filter(one -> isDue(one, now))
                .collect(Collectors.toMap(one -> one.instance().id(), one -> one, (one, same) -> one));
        List<ManagedInstance> priced = new ArrayList<>(alive == null ? List.of() : alive);
        due.values().forEach(one -> priced.add(one.instance()));
        if (priced.isEmpty()) {
            return;
        }
        Function<ManagedInstance, @Nullable Instant> end = instance -> endNoticed(due.get(instance.id()));
        Duration left = callContext.deadline().remaining();
        Map<Boolean, List<Receipt>> receipts = costs
                .readAll(
                        priced,
                        end,
                        left.compareTo(MAX_TIME_FOR_PRICES) < 0 ? left : MAX_TIME_FOR_PRICES,
                        callContext.forOptionalCalls(),
                        now)
                .stream()
                .collect(Collectors.partitioningBy(receipt -> receipt.instance().isAlive()));
        logReceipts(receipts.getOrDefault(false, List.of()), callContext, now, context);
        logHourlyCost(receipts.getOrDefault(true, List.of()), now, context);
    }

    /** Returns whether there is no receipt yet, and EC2 says when the instance ended or has had time to say it. */
    private boolean isDue(EndedInstance one, Instant now) {
        ManagedInstance instance = one.instance();
        boolean hasReceipt = instance.hasReceipt() || logged.get(instance.id(), now) != null;
        return !hasReceipt
                && (instance.details().lastChange().at() != null
                        || endNoticed(one) != null
                        || instance.state().equals("terminated"));
    }

    private static @Nullable Instant endNoticed(@Nullable EndedInstance one) {
        return one == null || one.request() == null ? null : one.request().instanceEndNoticed();
    }

    private void logReceipts(List<Receipt> receipts, AwsCallContext callContext, Instant now, Context context) {
        Map<String, List<String>> written = new LinkedHashMap<>();
        Map<String, List<String>> postponed = new LinkedHashMap<>();
        for (Receipt receipt : receipts) {
            ManagedInstance instance = receipt.instance();
            if (receipt.unknown() == Receipt.Unknown.PRICES_UNREADABLE) {
                postponed
                        .computeIfAbsent(instance.region(), first -> new ArrayList<>())
                        .add(instance.id());
                continue;
            }
            BigDecimal spent = receipt.spent();
            Metrics metrics = new Metrics();
            if (spent != null) {
                metrics.put("Spent", "None", spent);
            }
            log.line("INFO", "receipt", now, context, receipt.describe(), metrics);
            logged.put(instance.id(), now, now);
            written.computeIfAbsent(instance.region(), first -> new ArrayList<>())
                    .add(instance.id());
        }
        postponed.forEach((region, ids) -> log.line(
                "WARN",
                "Prices could not be read; the receipts will be written after the next sweep.",
                now,
                context,
                Map.of("region", region, "instances", ids)));
        written.forEach((region, ids) -> mark(region, ids, callContext, now, context));
    }

    private void mark(String region, List<String> ids, AwsCallContext callContext, Instant now, Context context) {
        Map<String, ServiceException> failures;
        try {
            failures = tags.markReceipt(region, ids, now, callContext);
        } catch (ServiceException failure) {
            failures = new LinkedHashMap<>();
            for (String id : ids) {
                failures.put(id, failure);
            }
        }
        failures.forEach((id, failure) -> log.line(
                "WARN",
                "A receipt could not be recorded, so it may come again.",
                now,
                context,
                Map.of(
                        "region",
                        region,
                        "instance",
                        id,
                        "reason",
                        failure.errorCode().code(),
                        "details",
                        failure.details())));
    }

    /** Logs what the instances cost per hour, unless a price is unknown. */
    private void logHourlyCost(List<Receipt> alive, Instant now, Context context) {
        if (alive.isEmpty()) {
            return;
        }
        BigDecimal total = BigDecimal.ZERO;
        for (Receipt receipt : alive) {
            BigDecimal hourly = receipt.hourlyCost();
            if (hourly == null) {
                return;
            }
            total = total.add(hourly);
        }
        log.line(
                "INFO",
                "hourly cost",
                now,
                context,
                Map.of("instances", alive.size()),
                new Metrics().put("HourlyCost", "None", total));
    }
}
