package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.config.LeaseLimits;
import io.github.spotspec.function.ec2.CpuUtilization;
import io.github.spotspec.function.ec2.IdleWarning;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.FunctionLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Finds instances that are idle for as long as their launch allows: EC2's CPU metric stays below 5 %. Warns of them on
 * the topic first. An instance is to be ended only if it stays idle after the warning, too.
 *
 * <p>Ending an instance by mistake costs more than letting it run, so what is not known counts as busy: a period
 * without a value, a last value that ends more than ten minutes ago, a time before the launch, and a tag that cannot be
 * read. What happened since the last value is not known either, so an instance whose CPU became busy in the last ten
 * minutes may be ended. If the lease was moved after the warning, somebody wants the instance, so the time starts again
 * at the warning, and another warning comes first. Thread-safe.
 */
final class IdleInstances {
    private static final double BUSY_PERCENT = 5;

    /**
     * How long ago the last value may end. What the CPU has done since then is not known. EC2 and CloudWatch take some
     * minutes to show a value, so with a shorter time no instance would ever count as idle.
     */
    private static final Duration DELAY = CpuUtilization.PERIOD.multipliedBy(2);

    /**
     * How long an instance must be idle after the warning. Two periods, because the time of a value may be the start or
     * the end of the minutes that EC2 measured.
     */
    private static final Duration NOTICE = CpuUtilization.PERIOD.multipliedBy(2);

    /** Longer than the longest time between two sweeps. Older warnings do not count, so less has to be read. */
    private static final Duration LONGEST_NOTICE = Duration.ofDays(2);

    private final CpuUtilization cpu;
    private final Topic topic;
    private final ManagedTags tags;
    private final FunctionLog log;
    private final InstanceLog instanceLog;

    IdleInstances(CpuUtilization cpu, Topic topic, ManagedTags tags, FunctionLog log) {
        this.cpu = cpu;
        this.topic = topic;
        this.tags = tags;
        this.log = log;
        this.instanceLog = new InstanceLog(log);
    }

    /**
     * The result of looking for idle instances in a region.
     *
     * @param toEnd the instances to end, which were warned of before
     * @param warned how many instances were warned of now
     * @param failed whether some instances could not be checked, because CloudWatch or SNS failed
     */
    record Result(List<ManagedInstance> toEnd, int warned, boolean failed) {}

    /** The time during which an instance was idle, according to the values that exist. */
    private record Stretch(Instant from, Instant to) {}

    /**
     * Warns of instances in a region that are idle, and returns those that were warned of before. No failure is thrown,
     * because it must not keep the keeper from ending leases.
     */
    Result check(String region, List<ManagedInstance> alive, AwsCallContext callContext, Instant now, Context context) {
        List<ManagedInstance> candidates = alive.stream()
                .filter(instance -> instance.region().equals(region) && mayBeIdle(instance, now))
                .toList();
        if (candidates.isEmpty() || callContext.deadline().isOver()) {
            return new Result(List.of(), 0, !candidates.isEmpty());
        }
        Map<String, NavigableMap<Instant, Double>> values;
        try {
            values = cpu.read(
                    region,
                    candidates.stream().map(ManagedInstance::id).toList(),
                    candidates.stream()
                            .map(instance -> firstPeriod(instance, now))
                            .min(Comparator.naturalOrder())
                            .orElseThrow(),
                    CpuUtilization.periodOf(now),
                    callContext);
        } catch (SdkException failure) {
            log.line(
                    "WARN",
                    "Idle instances could not be found.",
                    now,
                    context,
                    Map.of(
                            "region",
                            region,
                            "exception",
                            failure.getClass().getName(),
                            "details",
                            String.valueOf(failure.getMessage())));
            return new Result(List.of(), 0, true);
        }
        List<ManagedInstance> toEnd = new ArrayList<>();
        List<ManagedInstance> warned = new ArrayList<>();
        boolean failed = false;
        for (ManagedInstance instance : candidates) {
            Stretch idle = idle(values.getOrDefault(instance.id(), new TreeMap<>()), instance, now);
            switch (decide(instance, idle, now)) {
                case KEEP -> {}
                case END -> toEnd.add(instance);
                case WARN -> {
                    if (warn(instance, Objects.requireNonNull(idle), callContext, now, context)) {
                        warned.add(instance);
                    } else {
                        failed = true;
                    }
                }
            }
        }
        mark(region, warned, callContext, now, context);
        return new Result(toEnd, warned.size(), failed);
    }

    private enum Decision {
        KEEP,
        WARN,
        END
    }

    private static Decision decide(ManagedInstance instance, @Nullable Stretch idle, Instant now) {
        if (idle == null || isTooShort(idle.from(), idle, instance)) {
            return Decision.KEEP;
        }
        IdleWarning warning = warning(instance, now);
        if (warning == null || warning.at().isBefore(idle.from())) {
            return Decision.WARN;
        }
        if (!warning.lease().equals(instance.lease())) {
            return isTooShort(warning.at(), idle, instance) ? Decision.KEEP : Decision.WARN;
        }
        return warning.at().isAfter(idle.to().minus(NOTICE)) ? Decision.KEEP : Decision.END;
    }

    private static boolean isTooShort(Instant from, Stretch idle, ManagedInstance instance) {
        return Duration.between(from, idle.to()).compareTo(endAfter(instance)) < 0;
    }

    /** Returns the last warning if it is of a plausible time. */
    private static @Nullable IdleWarning warning(ManagedInstance instance, Instant now) {
        IdleWarning warning = instance.idle().warning();
        return warning == null || warning.at().isAfter(now) || warning.at().isBefore(now.minus(LONGEST_NOTICE))
                ? null
                : warning;
    }

    /** Returns the start of the first period that can matter for an instance. */
    private static Instant firstPeriod(ManagedInstance instance, Instant now) {
        Instant first = now.minus(endAfter(instance)).minus(DELAY);
        IdleWarning warning = warning(instance, now);
        return CpuUtilization.periodOf(warning == null || warning.at().isAfter(first) ? first : warning.at());
    }

    /** Returns whether an instance may be ended when it is idle, and has run for long enough. */
    private static boolean mayBeIdle(ManagedInstance instance, Instant now) {
        Duration endAfter = instance.idle().endAfter();
        return instance.isRunning()
                && endAfter != null
                // Others may set tags, too. A shorter time would leave no periods to look at.
                && endAfter.compareTo(LeaseLimits.MIN_END_WHEN_IDLE) >= 0
                && endAfter.compareTo(LeaseLimits.MAX_END_WHEN_IDLE) <= 0
                && !instance.mayBeLaunchedAfter(now.minus(endAfter));
    }

    private static Duration endAfter(ManagedInstance instance) {
        return Objects.requireNonNull(instance.idle().endAfter());
    }

    /** Returns the last periods in a row that are idle, or null if the last value is missing or is not idle. */
    private static @Nullable Stretch idle(NavigableMap<Instant, Double> values, ManagedInstance instance, Instant now) {
        if (values.isEmpty()) {
            return null;
        }
        Instant end = values.lastKey().plus(CpuUtilization.PERIOD);
        if (end.isAfter(now) || end.isBefore(now.minus(DELAY))) {
            return null;
        }
        Instant start = end;
        for (Map.Entry<Instant, Double> value : values.descendingMap().entrySet()) {
            boolean next = value.getKey().plus(CpuUtilization.PERIOD).equals(start);
            boolean idle = value.getValue() >= 0 && value.getValue() < BUSY_PERCENT;
            // An instance that was stopped has values from before. EC2's launch time is the time of its last start.
            if (!next || !idle || instance.mayBeLaunchedAfter(value.getKey())) {
                break;
            }
            start = value.getKey();
        }
        return start.equals(end) ? null : new Stretch(start, end);
    }

    private boolean warn(
            ManagedInstance instance, Stretch idle, AwsCallContext callContext, Instant now, Context context) {
        String text = "The CPU of this instance has been below 5 % since " + idle.from() + ". The keeper terminates the"
                + " instance if that stays so for at least ten more minutes, because its launch has"
                + " 'endWhenIdle' " + Syntax.format(endAfter(instance))
                + ". Use its CPU or send the task 'extend' to keep it for that time again. What the CPU does is known"
                + " some minutes later, so to be sure, send 'extend'.";
        return instanceLog.publish(
                new InstanceLog.Warning(Topic.Event.IDLE, instance, "Idle", text, "idleSince", idle.from()),
                topic,
                callContext,
                now,
                context);
    }

    private void mark(
            String region, List<ManagedInstance> instances, AwsCallContext callContext, Instant now, Context context) {
        instances.stream()
                .collect(Collectors.groupingBy(
                        instance -> new IdleWarning(now, Objects.requireNonNull(instance.lease())),
                        Collectors.mapping(ManagedInstance::id, Collectors.toList())))
                .forEach((warning, ids) -> instanceLog.tag(
                        region,
                        ids,
                        () -> tags.markIdleWarned(region, ids, warning, callContext),
                        "ERROR",
                        "A warning could not be recorded, so it comes again, and the idle instance is not ended.",
                        now,
                        context));
    }
}
