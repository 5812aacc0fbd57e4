package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.Answer;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.Row;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.cost.CostReader;
import io.github.spotspec.function.cost.CostTotals;
import io.github.spotspec.function.cost.Receipt;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.runtime.RegionFanOut;
import io.github.spotspec.function.termination.TerminationResult;
import io.github.spotspec.function.termination.TerminationState;
import io.github.spotspec.function.termination.Terminator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code end}: cancels spot requests, terminates instances, checks that both have ended, and reports what is left and
 * what the instances have cost. It reads prices only when everything has been tried, so prices neither delay nor fail
 * an end.
 */
public final class EndTask implements Task {
    static final Field<Boolean> ALL = Field.bool("all");

    /** More receipts do not fit into a line of the log. */
    private static final int MAX_LOGGED = 100;

    /** How much of the request's time is left for the answer when the time for prices is up. */
    private static final Duration TIME_TO_ANSWER = Duration.ofSeconds(1);

    /** How long the answer waits for prices. */
    private static final Duration MAX_TIME_FOR_PRICES = Duration.ofSeconds(5);

    private final AllowedRegions regions;
    private final Inventory inventory;
    private final Terminator terminator;
    private final CostReader costs;

    public EndTask(AllowedRegions regions, Inventory inventory, Terminator terminator, CostReader costs) {
        this.regions = regions;
        this.inventory = inventory;
        this.terminator = terminator;
        this.costs = costs;
    }

    /**
     * The result of an end, and what the instance has cost.
     *
     * @param receipt null if there is no instance, or EC2 does not show it
     */
    private record Ended(TerminationResult result, @Nullable Receipt receipt) implements Row {
        @Override
        public void write(Columns out) {
            result.write(out);
            Receipt.writeOptional(receipt, out);
        }
    }

    @Override
    public String name() {
        return "end";
    }

    @Override
    public List<Field<?>> fields() {
        return List.of(AllowedRegions.FIELD, ManagedIdFields.INSTANCES, ManagedIdFields.REQUESTS, ALL);
    }

    @Override
    public PreparedTask prepare(Fields fields) {
        List<String> ids = new ArrayList<>(fields.get(ManagedIdFields.INSTANCES, List.of()));
        ids.addAll(fields.get(ManagedIdFields.REQUESTS, List.of()));
        boolean all = fields.get(ALL, false);
        if (all != ids.isEmpty()) {
            throw new ServiceException(
                    all ? ErrorCode.INVALID_REQUEST : ErrorCode.MISSING_FIELD,
                    "Send either 'instanceIds', 'spotInstanceRequestIds' or both, or 'all' as true.");
        }
        if (all) {
            List<String> asked = regions.of(fields);
            return context -> endAll(asked, context);
        }
        List<String> asked = regions.ofIds(fields);
        return context -> end(asked, ids, context);
    }

    private Answer endAll(List<String> asked, TaskContext context) {
        RegionFanOut<Terminator.EndAllResult> sweep = RegionFanOut.over(asked, context.timeLeft(), region -> {
            Terminator.EndAllResult ended = terminator.endAll(region, context.callContext());
            rejectIfDenied(ended.rows());
            return ended;
        });
        Map<String, ServiceException> failed = new LinkedHashMap<>(sweep.failedRegions());
        sweep.results().forEach((region, ended) -> {
            if (!ended.certain()) {
                failed.put(region, uncertain(region));
            }
        });
        Map<String, Object> meta = new LinkedHashMap<>();
        RegionFanOut.describe(
                asked.stream().filter(region -> !failed.containsKey(region)).toList(), failed, meta);
        return answer(
                sweep.results().values().stream()
                        .flatMap(ended -> ended.rows().stream())
                        .toList(),
                meta,
                context);
    }

    private static ServiceException uncertain(String region) {
        return new ServiceException(
                ErrorCode.TIMED_OUT,
                "The request timed out before EC2 in " + region
                        + " could show everything that was launched; end 'all' of that region again.");
    }

    private Answer end(List<String> asked, List<String> ids, TaskContext context) {
        LocatedResources<String> located =
                LocatedResources.in(asked, ids, context, id -> id, (region, sought) -> own(region, sought, context));
        RegionFanOut<List<TerminationResult>> sweep =
                located.forEachRegion(context, (region, found) -> end(region, found, context));
        List<TerminationResult> rows =
                sweep.results().values().stream().flatMap(List::stream).toList();
        Map<String, Object> meta = new LinkedHashMap<>();
        located.describe(sweep, meta);
        List<String> missing = new ArrayList<>(located.missing());
        // It is not known whether something has ended that EC2 showed at first and then no longer.
        sweep.results()
                .forEach((region, ended) -> located.found().getOrDefault(region, List.of()).stream()
                        .filter(id -> ended.stream()
                                .noneMatch(row -> id.equals(row.instanceId()) || id.equals(row.spotRequestId())))
                        .forEach(missing::add));
        LocatedResources.describeMissing(missing, meta);
        return answer(rows, meta, context);
    }

    private static Duration timeForPrices(TaskContext context) {
        Duration left = context.timeLeft().minus(TIME_TO_ANSWER);
        return left.compareTo(MAX_TIME_FOR_PRICES) < 0 ? left : MAX_TIME_FOR_PRICES;
    }

    /** Returns those of the given ids that belong to managed instances or managed spot requests in a region. */
    private List<String> own(String region, List<String> ids, TaskContext context) {
        List<String> instances = ids.stream().filter(id -> id.startsWith("i-")).toList();
        List<String> requests =
                ids.stream().filter(id -> !instances.contains(id)).toList();
        List<String> own = new ArrayList<>();
        if (!instances.isEmpty()) {
            inventory.instances(region, instances, context.callContext()).forEach(instance -> own.add(instance.id()));
        }
        if (!requests.isEmpty()) {
            inventory.requests(region, requests, context.callContext()).forEach(request -> own.add(request.id()));
        }
        return own;
    }

    /**
     * Ends instances and spot requests in a region.
     *
     * @throws ServiceException if EC2 does not answer, or the operator may not end any of them
     */
    private List<TerminationResult> end(String region, List<String> ids, TaskContext context) {
        Consumer<TerminationState> named = state -> {
            state.instances().stream()
                    .filter(instance -> ids.contains(instance.id()))
                    .forEach(state::choose);
            state.requests().stream()
                    .filter(request -> ids.contains(request.id()))
                    .forEach(state::choose);
        };
        List<TerminationResult> rows = terminator.end(region, named, context.callContext());
        rejectIfDenied(rows);
        return rows;
    }

    private static void rejectIfDenied(List<TerminationResult> rows) {
        List<ServiceException> denied = rows.stream()
                .map(TerminationResult::failure)
                .filter(Objects::nonNull)
                .filter(failure -> failure.errorCode() == ErrorCode.NOT_AUTHORIZED
                        || failure.errorCode() == ErrorCode.ON_DEMAND_NOT_ALLOWED)
                .toList();
        if (!rows.isEmpty() && denied.size() == rows.size()) {
            throw denied.getFirst();
        }
    }

    private Answer answer(List<TerminationResult> rows, Map<String, Object> meta, TaskContext context) {
        meta.put("left", rows.stream().filter(row -> !row.isEnded()).count());
        report(rows, meta);
        List<Receipt> receipts = receipts(rows, context);
        if (receipts.isEmpty()) {
            return new Answer(
                    "ended", rows.stream().map(row -> new Ended(row, null)).toList(), meta);
        }
        meta.put("cost", CostTotals.describe(receipts));
        Map<String, Receipt> byInstance = receipts.stream()
                .collect(Collectors.toMap(receipt -> receipt.instance().id(), receipt -> receipt, (one, same) -> one));
        return new Answer(
                "ended",
                rows.stream()
                        .map(row -> new Ended(row, byInstance.get(String.valueOf(row.instanceId()))))
                        .toList(),
                meta,
                Map.of(),
                Map.of(
                        "receipts",
                        receipts.stream()
                                .limit(MAX_LOGGED)
                                .map(Receipt::describe)
                                .toList()));
    }

    /** Returns what the instances have cost. */
    private List<Receipt> receipts(List<TerminationResult> rows, TaskContext context) {
        return costs.readAll(
                rows.stream()
                        .map(TerminationResult::billed)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList(),
                timeForPrices(context),
                context.callContext().forOptionalCalls(),
                context.callContext().deadline().clock().instant());
    }

    /** Writes why instances and spot requests are left. */
    private static void report(List<TerminationResult> rows, Map<String, Object> meta) {
        ManagedIdFields.reportFailures(
                rows,
                row -> String.valueOf(row.instanceId() == null ? row.spotRequestId() : row.instanceId()),
                TerminationResult::failure,
                meta);
        List<String> untagged = rows.stream()
                .filter(TerminationResult::isUntagged)
                .map(row -> String.valueOf(row.instanceId()))
                .toList();
        if (!untagged.isEmpty()) {
            meta.put("untagged", untagged);
        }
    }
}
