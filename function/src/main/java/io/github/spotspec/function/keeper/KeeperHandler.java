package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.SettingsDocument;
import io.github.spotspec.function.cost.BilledInstance;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.ec2.CpuUtilization;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.LaunchTemplates;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.OnDemandPrices;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.keeper.InterruptionPublisher.Notice;
import io.github.spotspec.function.keeper.Keeper.EndReason;
import io.github.spotspec.function.keeper.Keeper.SweepResult;
import io.github.spotspec.function.keeper.Keeper.SweptResource;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.Metrics;
import io.github.spotspec.function.runtime.ParallelCalls;
import io.github.spotspec.function.runtime.ServiceClock;
import io.github.spotspec.function.termination.TerminationCalls;
import io.github.spotspec.function.termination.TerminationResult;
import io.github.spotspec.function.termination.Terminator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;

/**
 * The keeper's Lambda function. EventBridge invokes it on a schedule, to end what is past its lease, and for EC2's
 * notices about Spot Instances. It uses its own role, which may change managed resources only.
 *
 * <p>If one region fails, the keeper still sweeps the others. The invocation then fails at the end, so that Lambda
 * retries it and the failure is visible. Thread-safe.
 */
public final class KeeperHandler implements RequestStreamHandler {
    private static final Duration RESERVE = Duration.ofSeconds(1);
    private static final String WARNING = "EC2 Spot Instance Interruption Warning";
    private static final String RECOMMENDATION = "EC2 Instance Rebalance Recommendation";

    private final KeeperSettings settings;
    private final AwsCredentialsProvider own;
    private final ServiceClock clock;
    private final FunctionLog log;
    private final Keeper keeper;
    private final InterruptionPublisher interruptions;
    private final LeaseWarnings leaseWarnings;
    private final LeftoverTemplates templates;
    private final @Nullable IdleInstances idleInstances;
    private final SpotPriceRecorder watched;
    private final Receipts receipts;

    /** Creates the function from Lambda's environment variables. */
    public KeeperHandler() {
        this(
                KeeperSettings.parse(System.getenv(SettingsDocument.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))),
                AwsClients.ownCredentials(),
                AwsClients.http(),
                ServiceClock.system(),
                System.out);
    }

    KeeperHandler(
            KeeperSettings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            ServiceClock clock,
            PrintStream out) {
        this.settings = settings;
        this.own = own;
        this.clock = clock;
        this.log = new FunctionLog(out, settings.service());
        Ec2Clients ec2 = new Ec2Clients(http);
        Inventory inventory = new Inventory(ec2, settings.service(), settings.maxLease());
        this.keeper = new Keeper(new Terminator(inventory, new TerminationCalls(ec2, settings.allowOnDemand())));
        SnsClient sns = AwsClients.build(SnsClient.builder(), home, http, own);
        Topic topic = new Topic(sns, settings.topicArn());
        ManagedTags tags = new ManagedTags(ec2);
        this.interruptions = new InterruptionPublisher(inventory, tags, topic);
        this.leaseWarnings = new LeaseWarnings(settings.leaseWarning(), topic, tags, log);
        this.templates = new LeftoverTemplates(new LaunchTemplates(ec2, settings.service()));
        // Only such a deployment loads the classes of CloudWatch's client.
        this.idleInstances =
                settings.endWhenIdle() ? new IdleInstances(new CpuUtilization(http), topic, tags, log) : null;
        SpotPrices prices = new SpotPrices(ec2);
        this.watched = new SpotPriceRecorder(prices, settings.watchedTypes(), log);
        OnDemandPrices onDemandPrices = settings.allowOnDemand() ? new OnDemandPrices(http) : null;
        this.receipts = new Receipts(new CostReader(prices, onDemandPrices), tags, log);
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        Instant now = clock.instant();
        Deadline deadline =
                new Deadline(now.plusMillis(context.getRemainingTimeInMillis()).minus(RESERVE), clock);
        AwsCallContext callContext = new AwsCallContext(own, false, null, deadline);
        Map<?, ?> event = map(Json.parse(in));
        Notice notice = notice(event, now);
        if (notice != null) {
            handleNotice(notice, callContext, now, context);
        } else if ("Scheduled Event".equals(event.get("detail-type"))) {
            sweep(callContext, now, context);
        } else {
            log.line("WARN", "The keeper does not handle this event.", now, context, Map.of());
        }
        out.write("{}".getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable Notice notice(Map<?, ?> event, Instant now) {
        boolean warning = WARNING.equals(event.get("detail-type"));
        if (!(warning || RECOMMENDATION.equals(event.get("detail-type"))) || !"aws.ec2".equals(event.get("source"))) {
            return null;
        }
        Map<?, ?> detail = map(event.get("detail"));
        if (event.get("region") instanceof String region
                && settings.regions().contains(region)
                && detail.get("instance-id") instanceof String instance) {
            return new Notice(
                    region,
                    instance,
                    warning,
                    detail.get("instance-action") instanceof String action ? action : "",
                    time(event.get("time"), now));
        }
        return null;
    }

    /** Returns the time of an event, or the current time if the event has no valid time. */
    private static Instant time(@Nullable Object value, Instant now) {
        try {
            return value instanceof String text ? Instant.parse(text) : now;
        } catch (DateTimeException e) {
            return now;
        }
    }

    private void handleNotice(Notice notice, AwsCallContext callContext, Instant now, Context context) {
        Optional<ManagedInstance> published = interruptions.publish(notice, callContext);
        Map<String, Object> logFields = new LinkedHashMap<>();
        logFields.put("region", notice.region());
        logFields.put("instance", notice.instance());
        logFields.put("own", published.isPresent());
        log.line(
                "INFO",
                notice.warning() ? WARNING : RECOMMENDATION,
                now,
                context,
                logFields,
                new Metrics()
                        .count(
                                notice.warning() ? "Interruptions" : "RebalanceRecommendations",
                                published.isPresent() ? 1 : 0));
        if (published.isEmpty()) {
            return;
        }
        try {
            interruptions.mark(published.get(), notice, callContext);
        } catch (ServiceException failure) {
            // Not retried, because a retry would publish the notice again.
            Map<String, Object> failed = described(notice.region(), failure);
            failed.put("instance", notice.instance());
            log.line("ERROR", "An interrupted instance could not be tagged.", now, context, failed);
        }
    }

    private void sweep(AwsCallContext callContext, Instant now, Context context) {
        Totals totals = new Totals();
        Duration overrun = Duration.ZERO;
        Map<String, SweepResult> swept = forEach(
                settings.regions(),
                region -> keeper.sweep(region, callContext, now),
                SweepResult::resources,
                totals,
                now,
                context);
        List<ManagedInstance> alive = new ArrayList<>();
        for (SweepResult region : swept.values()) {
            alive.addAll(region.alive());
            overrun = overrun.compareTo(region.overrun()) < 0 ? region.overrun() : overrun;
        }
        Map<String, List<ManagedInstance>> surplus = Keeper.surplusByRegion(alive);
        forEach(
                List.copyOf(surplus.keySet()),
                region ->
                        keeper.end(region, Objects.requireNonNull(surplus.get(region)), EndReason.SURPLUS, callContext),
                resources -> resources,
                totals,
                now,
                context);
        List<ManagedInstance> kept = totals.withoutEnded(alive);
        LeaseWarnings.Result warnings = leaseWarnings.publish(kept, callContext, now, context);
        IdleTotals idle = endIdle(kept, totals, callContext, now, context);
        List<ManagedInstance> remaining = totals.withoutEnded(kept);

        Metrics metrics = new Metrics();
        if (totals.failedRegions.isEmpty()) {
            // If a region failed, the number of its living instances is unknown.
            metrics.put("InstancesAlive", "Count", remaining.size());
        }
        if (overrun.isPositive()) {
            metrics.put("LeaseOverrun", "Seconds", overrun.toSeconds());
        }
        metrics.count("LeaseWarnings", warnings.published())
                .count("IdleWarnings", idle.warned())
                .count("IdleChecksFailed", idle.regionsFailed());
        totals.ended.forEach((why, times) -> metrics.count(why.metric(), times));
        metrics.count("NotEnded", totals.left.size()).count("RegionsFailed", totals.failedRegions.size());
        boolean complete = totals.failedRegions.isEmpty() && totals.left.isEmpty() && warnings.failed() == 0;
        log.line(complete ? "INFO" : "ERROR", "sweep", now, context, Map.of(), metrics);
        totals.left.stream()
                .filter(TerminationResult::isUntagged)
                .forEach(resource -> interruptions.publishUntagged(resource, callContext));
        receipts.write(
                totals.withEnded(swept.values().stream()
                        .flatMap(region -> region.ended().stream())
                        .toList()),
                totals.failedRegions.isEmpty() ? remaining : null,
                callContext,
                now,
                context);
        if (settings.fleets()) {
            deleteTemplates(callContext, now, context);
        }
        watched.record(
                settings.regions().stream()
                        .filter(region -> !totals.failedRegions.contains(region))
                        .toList(),
                callContext,
                now,
                context);
        if (!complete) {
            throw new IllegalStateException("not ended: " + totals.left.size() + "; regions not swept: "
                    + totals.failedRegions + "; not warned: " + warnings.failed());
        }
    }

    /**
     * The result of looking for idle instances in all regions.
     *
     * @param regionsFailed in how many regions some instances could not be checked
     */
    private record IdleTotals(int warned, int regionsFailed) {}

    /** Warns of idle instances, and ends those that were warned of before. */
    private IdleTotals endIdle(
            List<ManagedInstance> alive, Totals totals, AwsCallContext callContext, Instant now, Context context) {
        IdleInstances instances = idleInstances;
        if (instances == null) {
            return new IdleTotals(0, 0);
        }
        List<String> regions =
                alive.stream().map(ManagedInstance::region).distinct().toList();
        Map<String, List<ManagedInstance>> toEnd = new LinkedHashMap<>();
        int warned = 0;
        int failed = 0;
        for (Map.Entry<String, ParallelCalls.Outcome<IdleInstances.Result>> region : ParallelCalls.all(
                        regions, region -> instances.check(region, alive, callContext, now, context))
                .entrySet()) {
            IdleInstances.Result result = region.getValue().value();
            if (result == null) {
                failed++;
                log.line(
                        "WARN",
                        "Idle instances could not be found.",
                        now,
                        context,
                        described(region.getKey(), region.getValue().failure()));
                continue;
            }
            warned += result.warned();
            failed += result.failed() ? 1 : 0;
            if (!result.toEnd().isEmpty()) {
                toEnd.put(region.getKey(), result.toEnd());
            }
        }
        forEach(
                List.copyOf(toEnd.keySet()),
                region -> keeper.end(region, Objects.requireNonNull(toEnd.get(region)), EndReason.IDLE, callContext),
                resources -> resources,
                totals,
                now,
                context);
        return new IdleTotals(warned, failed);
    }

    /** Deletes what launches left behind. A failure is logged only, because the next sweep tries again. */
    private void deleteTemplates(AwsCallContext callContext, Instant now, Context context) {
        ParallelCalls.all(settings.regions(), region -> templates.delete(region, callContext, now))
                .forEach((region, outcome) -> {
                    if (outcome.value() == null) {
                        log.line(
                                "WARN",
                                "The launch templates of a region could not be listed.",
                                now,
                                context,
                                described(region, outcome.failure()));
                        return;
                    }
                    for (LeftoverTemplates.DeletedTemplate template : outcome.value()) {
                        ServiceException failure = template.failure();
                        Map<String, Object> logFields = new LinkedHashMap<>();
                        logFields.put("region", region);
                        logFields.put("launchTemplate", template.name());
                        if (failure != null) {
                            logFields.putAll(described(region, failure));
                        }
                        log.line(
                                failure == null ? "INFO" : "WARN",
                                failure == null
                                        ? "Deleted a launch template that a launch left behind."
                                        : "A launch template that a launch left behind could not be deleted.",
                                now,
                                context,
                                logFields);
                    }
                });
    }

    /** What a sweep of all regions ended, what it could not end, and the regions that it could not sweep. */
    private static final class Totals {
        private final Map<EndReason, Integer> ended = new EnumMap<>(EndReason.class);
        private final List<TerminationResult> left = new ArrayList<>();
        private final Set<String> endedIds = new HashSet<>();
        private final List<BilledInstance> billed = new ArrayList<>();
        private final Set<String> failedRegions = new LinkedHashSet<>();

        private List<ManagedInstance> withoutEnded(List<ManagedInstance> instances) {
            return instances.stream()
                    .filter(instance -> !endedIds.contains(instance.id()))
                    .toList();
        }

        /** Returns all instances that have ended. Of those that the keeper ended, more is known. */
        private List<BilledInstance> withEnded(List<BilledInstance> seen) {
            Map<String, BilledInstance> all = new LinkedHashMap<>();
            Stream.concat(seen.stream(), billed.stream())
                    .forEach(one -> all.put(one.instance().id(), one));
            return List.copyOf(all.values());
        }

        private void add(SweptResource resource) {
            if (resource.result().isEnded()) {
                ended.merge(resource.reason(), 1, Integer::sum);
                endedIds.add(String.valueOf(resource.result().instanceId()));
                if (resource.result().billed() != null) {
                    billed.add(resource.result().billed());
                }
            } else {
                left.add(resource.result());
            }
        }
    }

    /** Calls each region at the same time, logs and counts what was ended there, and returns the results. */
    private <T> Map<String, T> forEach(
            List<String> regions,
            Function<String, T> call,
            Function<T, List<SweptResource>> resources,
            Totals totals,
            Instant now,
            Context context) {
        Map<String, ParallelCalls.Outcome<T>> outcomes = ParallelCalls.all(regions, region -> {
            T result = call.apply(region);
            // Logged here, because Lambda may end the function while another region hangs.
            resources.apply(result).forEach(resource -> logEnd(resource, now, context));
            return result;
        });
        Map<String, T> results = new LinkedHashMap<>();
        outcomes.forEach((region, outcome) -> {
            T result = outcome.value();
            if (result == null) {
                totals.failedRegions.add(region);
                log.line("ERROR", "A region could not be swept.", now, context, described(region, outcome.failure()));
            } else {
                resources.apply(result).forEach(totals::add);
                results.put(region, result);
            }
        });
        return results;
    }

    private void logEnd(SweptResource resource, Instant now, Context context) {
        boolean ended = resource.result().isEnded();
        String message = (ended ? "Ended: " : "Not ended: ") + resource.reason().description() + ".";
        log.line(ended ? "INFO" : "ERROR", message, now, context, described(resource.result()));
    }

    private static Map<String, Object> described(TerminationResult ended) {
        Map<String, Object> logFields = new LinkedHashMap<>();
        ended.write(logFields::put);
        if (ended.failure() != null) {
            logFields.put("reason", ended.failure().errorCode().code());
            logFields.put("details", ended.failure().details());
        }
        if (ended.isUntagged()) {
            logFields.put("untagged", true);
        }
        return logFields;
    }

    private static Map<String, Object> described(String region, @Nullable Throwable failure) {
        Map<String, Object> logFields = new LinkedHashMap<>();
        logFields.put("region", region);
        if (failure instanceof ServiceException known) {
            logFields.put("reason", known.errorCode().code());
            logFields.put("details", known.details());
        } else {
            logFields.put(
                    "exception",
                    String.valueOf(failure == null ? null : failure.getClass().getName()));
        }
        return logFields;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }
}
