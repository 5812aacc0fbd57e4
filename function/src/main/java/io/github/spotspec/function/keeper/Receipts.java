package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.VisibilityWait;
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
import org.jspecify.annotations.Nullable;

/**
 * Logs one receipt for each run of an instance that has stopped or ended, whatever ended it, and what the others cost
 * per hour. Thread-safe.
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
    private final InstanceLog instanceLog;
    private final CachedByKey<String, Instant> logged = new CachedByKey<>(SHOWN, MAX_REMEMBERED, at -> 1);

    Receipts(CostReader costs, ManagedTags tags, FunctionLog log) {
        this.costs = costs;
        this.tags = tags;
        this.log = log;
        this.instanceLog = new InstanceLog(log);
    }

    /**
     * Logs the receipts that are due, and the hourly cost of the instances that are alive.
     *
     * @param alive the instances that are alive, or null if they are not known for all regions
     */
    void write(
            List<BilledInstance> ended,
            @Nullable List<ManagedInstance> alive,
            AwsCallContext callContext,
            Instant now,
            Context context) {
        List<BilledInstance> due = ended.stream().filter(one -> isDue(one, now)).toList();
        if (!due.isEmpty()) {
            AwsCallContext optional = callContext.forOptionalCalls();
            logReceipts(costs.readAll(due, timeForPrices(callContext), optional, now), callContext, now, context);
        }
        List<ManagedInstance> charged = alive == null
                ? List.of()
                : alive.stream().filter(ManagedInstance::isCharged).toList();
        if (!charged.isEmpty()) {
            costs.hourlyCost(charged, timeForPrices(callContext), callContext.forOptionalCalls(), now)
                    .ifPresent(hourly -> log.line(
                            "INFO",
                            "hourly cost",
                            now,
                            context,
                            Map.of("instances", charged.size()),
                            new Metrics().put("HourlyCost", "None", Receipt.rounded(hourly))));
        }
    }

    private static Duration timeForPrices(AwsCallContext callContext) {
        Duration left = callContext.deadline().remaining();
        return left.compareTo(MAX_TIME_FOR_PRICES) < 0 ? left : MAX_TIME_FOR_PRICES;
    }

    /**
     * Returns whether there is no receipt of the last run yet, and EC2 says when the run ended, or has had time to say
     * it and to show what the service recorded before the end.
     */
    private boolean isDue(BilledInstance one, Instant now) {
        ManagedInstance instance = one.instance();
        Instant before = logged.get(instance.id(), now);
        if (instance.hasReceipt() || (before != null && !instance.isBeforeLastStart(before))) {
            return false;
        }
        if (instance.isAlive()) {
            ManagedInstance.StateChange stop = instance.chargedUntil();
            return instance.state().equals("stopped") && stop.at() != null && stop.reason() != null;
        }
        Instant end = one.end();
        if (end == null) {
            return instance.state().equals("terminated");
        }
        return !one.mayHaveStoppedBefore() || end.isBefore(now.minus(VisibilityWait.CERTAIN));
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
        written.forEach((region, ids) -> instanceLog.tag(
                region,
                ids,
                () -> tags.markReceipt(region, ids, now, callContext),
                "WARN",
                "A receipt could not be recorded, so it may come again.",
                now,
                context));
    }
}
