package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.ec2.CpuUtilization;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Operator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Finds instances that are idle for as long as their launch allows: EC2's CPU metric stays below 5 %. Warns of them on
 * the topic first. An instance is to be ended if it was idle for a whole period after the warning, too. A period
 * without a value is not an idle one. Thread-safe.
 */
final class IdleInstances {
    private static final double BUSY_PERCENT = 5;

    /** How long EC2 and CloudWatch may take to show the value of a period. Without a value, an instance is not idle. */
    private static final Duration DELAY = Duration.ofMinutes(15);

    private final CpuUtilization cpu;
    private final Topic topic;
    private final ManagedTags tags;
    private final FunctionLog log;

    IdleInstances(CpuUtilization cpu, Topic topic, ManagedTags tags, FunctionLog log) {
        this.cpu = cpu;
        this.topic = topic;
        this.tags = tags;
        this.log = log;
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
    Result check(String region, List<ManagedInstance> alive, Operator operator, Instant now, Context context) {
        List<ManagedInstance> candidates = alive.stream()
                .filter(instance -> instance.region().equals(region) && mayBeIdle(instance, now))
                .toList();
        if (candidates.isEmpty() || operator.deadline().isOver()) {
            return new Result(List.of(), 0, !candidates.isEmpty());
        }
        Duration longest = candidates.stream()
                .map(IdleInstances::endAfter)
                .max(Duration::compareTo)
                .orElseThrow();
        Map<String, NavigableMap<Instant, Double>> values;
        try {
            values = cpu.read(
                    region,
                    candidates.stream().map(ManagedInstance::id).toList(),
                    CpuUtilization.periodOf(now.minus(longest).minus(DELAY)),
                    CpuUtilization.periodOf(now),
                    operator);
        } catch (SdkException failure) {
            log.line(
                    "WARN",
                    "Idle instances could not be found.",
                    now,
                    context,
                    Map.of("region", region, "exception", failure.getClass().getName(), "details", reason(failure)));
            return new Result(List.of(), 0, true);
        }
        List<ManagedInstance> toEnd = new ArrayList<>();
        List<ManagedInstance> warned = new ArrayList<>();
        boolean failed = false;
        for (ManagedInstance instance : candidates) {
            Stretch idle = idle(values.getOrDefault(instance.id(), new TreeMap<>()), now);
            if (idle == null || Duration.between(idle.from(), idle.to()).compareTo(endAfter(instance)) < 0) {
                continue;
            }
            Instant warnedAt = instance.idle().warnedAt();
            if (warnedAt == null || warnedAt.isBefore(idle.from()) || warnedAt.isAfter(now)) {
                if (warn(instance, idle, operator, now, context)) {
                    warned.add(instance);
                } else {
                    failed = true;
                }
            } else if (!warnedAt.isAfter(idle.to().minus(CpuUtilization.PERIOD))) {
                toEnd.add(instance);
            }
        }
        mark(region, warned, operator, now, context);
        return new Result(toEnd, warned.size(), failed);
    }

    /** Returns whether an instance may be ended when it is idle, and has run for long enough. */
    private static boolean mayBeIdle(ManagedInstance instance, Instant now) {
        return instance.state().equals("running")
                && instance.idle().endAfter() != null
                && endAfter(instance).compareTo(CpuUtilization.PERIOD) >= 0
                && instance.launchTime() != null
                && !instance.launchTime().isAfter(now.minus(endAfter(instance)));
    }

    private static Duration endAfter(ManagedInstance instance) {
        return Objects.requireNonNull(instance.idle().endAfter());
    }

    /** Returns the last periods in a row that are idle, or null if the last value is missing or is not idle. */
    private static @Nullable Stretch idle(NavigableMap<Instant, Double> values, Instant now) {
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
            if (!next || !(value.getValue() >= 0 && value.getValue() < BUSY_PERCENT)) {
                break;
            }
            start = value.getKey();
        }
        return start.equals(end) ? null : new Stretch(start, end);
    }

    private boolean warn(ManagedInstance instance, Stretch idle, Operator operator, Instant now, Context context) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("region", instance.region());
        fields.put("instance", instance.id());
        fields.put("idleSince", idle.from().toString());
        try {
            topic.publish(
                    Topic.Event.IDLE,
                    "Idle: " + instance.id() + " " + instance.type() + " " + instance.zone(),
                    message(instance, idle),
                    operator);
        } catch (SdkException failure) {
            fields.put("exception", failure.getClass().getName());
            log.line("ERROR", "A warning of an idle instance could not be published.", now, context, fields);
            return false;
        }
        log.line("INFO", "idle", now, context, fields);
        return true;
    }

    private static String message(ManagedInstance instance, Stretch idle) {
        return String.join(
                "\n",
                "The CPU of this instance has been below 5 % since " + idle.from() + ". The keeper terminates the"
                        + " instance if that stays so for at least five more minutes, because its launch has"
                        + " 'endWhenIdle' " + Syntax.format(endAfter(instance)) + ".",
                "",
                "Instance: " + instance.id(),
                "Type: " + instance.type(),
                "Zone: " + instance.zone(),
                "Region: " + instance.region(),
                "Lease: " + instance.lease(),
                "Spot request: " + instance.spotRequestId(),
                "Launched by: " + instance.caller(),
                "Launched at: " + instance.launchTime());
    }

    private void mark(
            String region, List<ManagedInstance> instances, Operator operator, Instant now, Context context) {
        List<String> ids = instances.stream().map(ManagedInstance::id).toList();
        Map<String, ServiceException> failures;
        try {
            failures = ids.isEmpty() ? Map.of() : tags.markIdleWarned(region, ids, now, operator);
        } catch (ServiceException failure) {
            failures = new LinkedHashMap<>();
            for (String id : ids) {
                failures.put(id, failure);
            }
        }
        failures.forEach((id, failure) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("region", region);
            fields.put("instance", id);
            fields.put("reason", failure.errorCode().code());
            fields.put("details", failure.details());
            log.line(
                    "ERROR",
                    "A warning could not be recorded, so it comes again, and the idle instance is not ended.",
                    now,
                    context,
                    fields);
        });
    }

    private static String reason(SdkException failure) {
        return String.valueOf(failure.getMessage());
    }
}
