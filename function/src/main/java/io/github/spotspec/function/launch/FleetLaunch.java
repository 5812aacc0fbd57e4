package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Ec2Clients;
import io.github.spotspec.function.ec2.Ec2Errors;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.LaunchTemplates;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.launch.FleetRequestFactory.Template;
import io.github.spotspec.function.launch.FleetRounds.Round;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.AwsErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.CreateFleetInstance;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverrides;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateAndOverridesResponse;

/**
 * Launches with instant EC2 Fleets. Each fleet is in one region. It launches from launch templates, which are deleted
 * afterwards; if that fails, the keeper deletes them. Not thread-safe.
 *
 * <p>A fleet's client token works like that of RunInstances, see {@link LaunchAttempt}, with two differences. EC2
 * recognizes it in a whole region. And a fleet that launched nothing has used its token, so the next try needs the next
 * token. If two runs of a launch are at the same point at the same time, they send the same token, and EC2 carries out
 * one of their calls.
 */
final class FleetLaunch {
    private static final int MAX_RETRIES = 4;
    private static final String CREATE_FLEET = "ec2:CreateFleet";
    private static final String CREATE_TEMPLATE = "ec2:CreateLaunchTemplate";

    private final LaunchId id;
    private final boolean onlyRegion;
    private final FleetRequestFactory requests;
    private final Ec2Clients ec2;
    private final LaunchTemplates templates;
    private final Inventory inventory;
    private final UsedClientTokens usedTokens;
    private final AwsCallContext callContext;
    private final LaunchTimer pace;
    private final LaunchedInstances launched;

    FleetLaunch(
            Launch launch,
            LaunchId id,
            FleetRequestFactory requests,
            Launcher.Sources sources,
            AwsCallContext callContext,
            LaunchTimer pace,
            LaunchedInstances launched) {
        this.id = id;
        this.onlyRegion = launch.regions().size() == 1;
        this.requests = requests;
        this.ec2 = sources.ec2();
        this.templates = sources.templates();
        this.inventory = sources.inventory();
        this.usedTokens = sources.usedTokens();
        this.callContext = callContext;
        this.pace = pace;
        this.launched = launched;
    }

    /** The outcome of a fleet in one pool. A fleet does not report pools that it did not try. */
    record PoolOutcome(CapacityPool pool, RunInstancesOutcome outcome) {}

    /** Where the outcomes of a fleet come from. */
    private enum Origin {
        /** EC2 did not carry out the call. */
        CALL,
        /** EC2 created the fleet, even if it launched nothing. */
        FLEET,
        /** An earlier or concurrent run of the same launch used the client token. */
        EARLIER_RUN
    }

    /** The outcome of a fleet: first the pools in which it launched, and then those in which it did not. */
    record Result(List<PoolOutcome> pools, Origin origin) {
        private static Result ofCall(CapacityPool pool, RunInstancesOutcome outcome) {
            return new Result(List.of(new PoolOutcome(pool, outcome)), Origin.CALL);
        }

        /** Returns whether an earlier or concurrent run of the same launch launched the instances. */
        boolean isOfEarlierRun() {
            return origin == Origin.EARLIER_RUN;
        }

        private boolean isOfFleet() {
            return origin == Origin.FLEET;
        }

        private RunInstancesOutcome first() {
            return pools.getFirst().outcome();
        }

        private boolean mayPassSoon() {
            return !(first() instanceof RunInstancesOutcome.Launched)
                    && pools.stream()
                            .anyMatch(pool -> pool.outcome() instanceof RunInstancesOutcome.Rejected rejected
                                    && rejected.isRetryable());
        }
    }

    /** The launch templates of one fleet: those that are needed, those that may exist, and those that exist. */
    private record TemplateSet(List<Template> needed, List<Template> possible, List<Template> existing) {
        TemplateSet(List<Template> needed) {
            this(needed, new ArrayList<>(), new ArrayList<>());
        }
    }

    /** Launches Spot Instances with one fleet. */
    Result launch(Round round, int count) {
        TemplateSet templateSet = new TemplateSet(requests.templates(round.pools()));
        try {
            return callUntilKnown(round, templateSet, count);
        } catch (ServiceException why) {
            // Checking what was launched may fail, too. That must not lose the instances that were launched before.
            return Result.ofCall(round.pools().getFirst(), new RunInstancesOutcome.Rejected(why));
        } finally {
            templateSet.possible().forEach(template -> delete(round.region(), template));
        }
    }

    /**
     * Calls CreateFleet, repeats the call while its outcome is unknown, and continues with the next client token if one
     * was used before.
     */
    private Result callUntilKnown(Round round, TemplateSet templateSet, int count) {
        CapacityPool best = round.pools().getFirst();
        String firstToken = id.fleetToken(round, 0);
        int token = usedTokens.next(firstToken);
        int repeats = 0;
        int waits = 0;
        while (true) {
            Result result = call(round, templateSet, count, id.fleetToken(round, token));
            boolean launchedNothing = result.isOfFleet() && !(result.first() instanceof RunInstancesOutcome.Launched);
            if (launchedNothing) {
                usedTokens.add(firstToken, token++);
            }
            if (result.mayPassSoon() && pace.isPropagating() && !pace.isTooLate()) {
                pace.pause(waits++);
            } else if (result.first() instanceof RunInstancesOutcome.Unknown) {
                if (repeats == MAX_RETRIES || pace.isTooLate()) {
                    // Last resort: if the call did launch instances, they carry the launch tag.
                    List<ManagedInstance> found = launched.findNewByTag();
                    return found.isEmpty() ? result : new Result(byPool(round, found), Origin.FLEET);
                }
                pace.pause(repeats++);
            } else if (result.first() instanceof RunInstancesOutcome.ClientTokenConflict) {
                List<ManagedInstance> found = launched.findAfterTokenConflict();
                if (!found.isEmpty()) {
                    return new Result(byPool(round, Launcher.requireSameLaunch(found, id)), Origin.EARLIER_RUN);
                }
                usedTokens.add(firstToken, token++);
                if (pace.isTooLate()) {
                    return Result.ofCall(
                            best,
                            new RunInstancesOutcome.Unknown(new ServiceException(
                                    ErrorCode.TIMED_OUT,
                                    "The request timed out while it skipped earlier tries of this launch; the same"
                                            + " request continues from there.")));
                }
            } else {
                return result;
            }
        }
    }

    private Result call(Round round, TemplateSet templateSet, int count, String clientToken) {
        CapacityPool best = round.pools().getFirst();
        String region = round.region();
        for (Template template : templateSet.needed()) {
            if (templateSet.existing().contains(template)) {
                continue;
            }
            try {
                if (!templateSet.possible().contains(template)) {
                    templateSet.possible().add(template);
                }
                templates.create(region, requests.create(template), callContext);
                templateSet.existing().add(template);
            } catch (SdkException e) {
                return Result.ofCall(best, templateFailure(best, e));
            }
        }
        try {
            CreateFleetResponse response = ec2.onceIn(region)
                    .createFleet(requests.fleet(templateSet.needed(), count)
                            .clientToken(clientToken)
                            .overrideConfiguration(pace.operatorOfLaunchCall()::authorize)
                            .build());
            return new Result(outcomes(round, response), Origin.FLEET);
        } catch (SdkException e) {
            if (Ec2Errors.isTemplateUnknown(e)) {
                // EC2 does not show it yet, or a concurrent run of this launch has deleted it.
                templateSet.existing().clear();
            }
            RunInstancesOutcome outcome = RunInstancesOutcome.of(CREATE_FLEET, best, onlyRegion, e);
            return outcome instanceof RunInstancesOutcome.NoCapacity
                    ? new Result(
                            round.pools().stream()
                                    .map(pool -> new PoolOutcome(pool, outcome))
                                    .toList(),
                            Origin.CALL)
                    : Result.ofCall(best, outcome);
        }
    }

    /** Returns the outcome of a launch template that could not be created. Nothing was launched from it. */
    private RunInstancesOutcome templateFailure(CapacityPool pool, SdkException e) {
        RunInstancesOutcome outcome = RunInstancesOutcome.of(CREATE_TEMPLATE, pool, onlyRegion, e);
        return outcome instanceof RunInstancesOutcome.Unknown unknown
                // The SDK has repeated the call. Another region may answer.
                ? new RunInstancesOutcome.Incompatible(
                        AwsErrors.code(e), Ec2Errors.words(e), unknown.exception(), RunInstancesOutcome.Part.REGION)
                : outcome;
    }

    private List<PoolOutcome> outcomes(Round round, CreateFleetResponse response) {
        List<String> ids = response.instances().stream()
                .flatMap(some -> some.instanceIds().stream())
                .toList();
        Map<String, ManagedInstance> shown = ids.isEmpty() ? Map.of() : describe(round.region(), ids);
        List<PoolOutcome> outcomes = new ArrayList<>();
        for (CreateFleetInstance some : response.instances()) {
            CapacityPool pool = pool(round, some.launchTemplateAndOverrides(), some.instanceTypeAsString());
            List<ManagedInstance> instances = some.instanceIds().stream()
                    .map(instance -> shown.getOrDefault(instance, unseen(pool, instance)))
                    .toList();
            outcomes.add(new PoolOutcome(pool, new RunInstancesOutcome.Launched(instances)));
        }
        if (!shown.isEmpty()
                && shown.size() == ids.size()
                && shown.values().stream().noneMatch(ManagedInstance::isAlive)) {
            return List.of(new PoolOutcome(round.pools().getFirst(), new RunInstancesOutcome.InstancesTerminated()));
        }
        Map<CapacityPool, CreateFleetError> errors = new LinkedHashMap<>();
        response.errors()
                .forEach(error -> errors.putIfAbsent(pool(round, error.launchTemplateAndOverrides(), null), error));
        // In the order of the ranking, so that equal launches get equal answers.
        for (CapacityPool pool : round.pools()) {
            CreateFleetError error = errors.get(pool);
            if (error != null) {
                outcomes.add(
                        new PoolOutcome(pool, RunInstancesOutcome.ofFleet(pool, onlyRegion, Ec2Errors.ofFleet(error))));
            }
        }
        if (outcomes.isEmpty()) {
            RunInstancesOutcome none = new RunInstancesOutcome.NoCapacity(
                    "UnfulfillableCapacity", "EC2 Fleet launched nothing and gave no reason.");
            round.pools().forEach(pool -> outcomes.add(new PoolOutcome(pool, none)));
        }
        return outcomes;
    }

    /** Returns the pool of a fleet's instances or error, or the best pool if EC2 does not say which one it is. */
    private static CapacityPool pool(
            Round round, @Nullable LaunchTemplateAndOverridesResponse source, @Nullable String type) {
        FleetLaunchTemplateOverrides overrides = source == null ? null : source.overrides();
        String ofType =
                overrides == null || overrides.instanceTypeAsString() == null ? type : overrides.instanceTypeAsString();
        return round.pools().stream()
                .filter(pool -> pool.type().equals(ofType)
                        && overrides != null
                        && (Objects.equals(pool.zone(), overrides.availabilityZone())
                                || (pool.subnet() != null && pool.subnet().equals(overrides.subnetId()))))
                .findFirst()
                .or(() -> round.pools().stream()
                        .filter(pool -> pool.type().equals(ofType))
                        .findFirst())
                .orElse(round.pools().getFirst());
    }

    private static List<PoolOutcome> byPool(Round round, List<ManagedInstance> instances) {
        Map<CapacityPool, List<ManagedInstance>> byPool = new LinkedHashMap<>();
        for (ManagedInstance instance : instances) {
            CapacityPool of = round.pools().stream()
                    .filter(pool ->
                            pool.type().equals(instance.type()) && pool.zone().equals(instance.zone()))
                    .findFirst()
                    .orElse(round.pools().getFirst());
            byPool.computeIfAbsent(of, pool -> new ArrayList<>()).add(instance);
        }
        return byPool.entrySet().stream()
                .map(pool -> new PoolOutcome(pool.getKey(), new RunInstancesOutcome.Launched(pool.getValue())))
                .toList();
    }

    /** Returns what EC2 shows of new instances, by id. Waits until it shows all of them. */
    private Map<String, ManagedInstance> describe(String region, List<String> ids) {
        Map<String, ManagedInstance> shown = new LinkedHashMap<>();
        try {
            VisibilityWait wait = new VisibilityWait(callContext);
            do {
                inventory.instances(region, ids, callContext).forEach(instance -> shown.put(instance.id(), instance));
            } while (shown.size() < ids.size() && wait.pauseUnlessOver());
        } catch (ServiceException unanswered) {
            // What was launched is known, and the task 'instances' shows more of it later.
        }
        return shown;
    }

    /** Returns an instance that EC2 does not show yet, as far as the fleet reports it. */
    private ManagedInstance unseen(CapacityPool pool, String instanceId) {
        return new ManagedInstance(
                pool.region(),
                instanceId,
                pool.type(),
                pool.zone(),
                "pending",
                null,
                new ManagedInstance.Details(
                        pool.zoneId(),
                        null,
                        pool.image().id(),
                        pool.image().product(),
                        null,
                        ManagedInstance.Addresses.NONE,
                        ManagedInstance.StateChange.NONE,
                        List.of(),
                        true),
                requests.tagValues());
    }

    private void delete(String region, Template template) {
        try {
            templates.delete(region, template.name(), callContext);
        } catch (ServiceException left) {
            // The keeper deletes it within two hours.
        }
    }
}
