package io.github.spotspec.function.ending;

import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.answer.Row;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnRequest;
import io.github.spotspec.function.operator.Operator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * "Stop paying for this": cancels the requests first, so that nothing comes back, terminates the instances, then looks
 * until both are true or the time is up. Thread-safe.
 */
public final class Ender {
    /** What is left must still be told when the time is up, so the last look is taken before. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(2);

    private final Inventory inventory;
    private final Endings endings;

    /**
     * What became of an instance, of a spot request, or of both together.
     *
     * @param ended whether neither can cost anything any more
     * @param keptVolumes volumes that outlive the instance, and go on costing
     */
    public record Ended(
            String region,
            @Nullable String instance,
            @Nullable String instanceState,
            @Nullable String request,
            @Nullable String requestState,
            boolean ended,
            List<String> keptVolumes)
            implements Row {
        @Override
        public void write(Columns out) {
            out.put("Region", region);
            out.put("InstanceId", instance);
            out.put("InstanceState", instanceState);
            out.put("SpotInstanceRequestId", request);
            out.put("RequestState", requestState);
            out.put("Ended", ended);
            out.put("KeptVolumeIds", keptVolumes);
        }
    }

    public Ender(Inventory inventory, Endings endings) {
        this.inventory = inventory;
        this.endings = endings;
    }

    /** Decides what of the service's own things is to end. */
    @FunctionalInterface
    public interface Choice {
        /**
         * Chooses.
         *
         * @param ending takes what is to end
         */
        void of(List<OwnInstance> instances, List<OwnRequest> requests, Ending ending);
    }

    /** Takes what is to end; what belongs to it ends too. */
    public static final class Ending {
        private final Set<String> instances = new LinkedHashSet<>();
        private final Set<String> requests = new LinkedHashSet<>();

        /** Takes an instance, and with it its request. */
        public void add(OwnInstance instance) {
            instances.add(instance.id());
            if (instance.spotRequest() != null) {
                requests.add(instance.spotRequest());
            }
        }

        /** Takes a request, and with it its instance. */
        public void add(OwnRequest request) {
            requests.add(request.id());
            if (request.instance() != null) {
                instances.add(request.instance());
            }
        }
    }

    /**
     * Ends what is chosen of the service's own things in a region, and what belongs to it: the instance of a request, and
     * the request of an instance.
     *
     * @return what became of each, also of those that had ended before
     * @throws Refusal if EC2 does not carry it out
     */
    public List<Ended> end(String region, Choice choice, Operator operator) {
        List<OwnInstance> instances = inventory.instances(region, List.of(), operator);
        List<OwnRequest> requests = inventory.requests(region, List.of(), operator);
        Ending ending = new Ending();
        choice.of(instances, requests, ending);
        Set<String> instanceIds = ending.instances;
        Set<String> requestIds = ending.requests;
        while (true) {
            act(region, instances, requests, instanceIds, requestIds, operator);
            if (instanceIds.isEmpty() && requestIds.isEmpty()) {
                return List.of();
            }
            instances = inventory.instances(region, List.of(), operator);
            requests = inventory.requests(region, List.of(), operator);
            // A persistent request may have launched again before it was cancelled.
            instances.stream()
                    .filter(instance -> instance.spotRequest() != null && requestIds.contains(instance.spotRequest()))
                    .forEach(instance -> instanceIds.add(instance.id()));
            List<Ended> result = result(region, instances, requests, instanceIds, requestIds);
            if (result.stream().allMatch(Ended::ended)
                    || operator.deadline().earlier(LAST_LOOK).isOver()) {
                return result;
            }
            operator.deadline().pause(Endings.PAUSE);
        }
    }

    /** Cancels, then terminates, what is still alive. */
    private void act(
            String region,
            List<OwnInstance> instances,
            List<OwnRequest> requests,
            Set<String> instanceIds,
            Set<String> requestIds,
            Operator operator) {
        cancelUnseen(region, instances, requests, instanceIds, operator);
        endings.cancel(
                region,
                requests.stream()
                        .filter(request -> requestIds.contains(request.id()) && request.isAlive())
                        .map(OwnRequest::id)
                        .toList(),
                operator);
        endings.terminate(
                region,
                instances.stream()
                        .filter(instance -> instanceIds.contains(instance.id()) && instance.isAlive())
                        .map(OwnInstance::id)
                        .toList(),
                operator);
    }

    /**
     * Cancels the requests of instances that EC2 does not show with the service's tag. Those that were made a moment ago
     * soon will be; one that lost its tag is not the service's to cancel, but its instance must end all the same.
     */
    private void cancelUnseen(
            String region,
            List<OwnInstance> instances,
            List<OwnRequest> requests,
            Set<String> instanceIds,
            Operator operator) {
        Set<String> seen = requests.stream().map(OwnRequest::id).collect(Collectors.toSet());
        List<String> unseen = instances.stream()
                .filter(instance -> instanceIds.contains(instance.id()) && instance.isAlive())
                .map(OwnInstance::spotRequest)
                .filter(request -> request != null && !seen.contains(request))
                .distinct()
                .toList();
        try {
            endings.cancel(region, unseen, operator);
        } catch (Refusal refusal) {
            if (refusal.reason() != Reason.NOT_AUTHORIZED) {
                throw refusal;
            }
        }
    }

    private static List<Ended> result(
            String region,
            List<OwnInstance> instances,
            List<OwnRequest> requests,
            Set<String> instanceIds,
            Set<String> requestIds) {
        Map<String, OwnRequest> byId = new LinkedHashMap<>();
        requests.stream()
                .filter(request -> requestIds.contains(request.id()))
                .forEach(request -> byId.put(request.id(), request));
        List<Ended> result = new ArrayList<>();
        Set<String> told = new LinkedHashSet<>();
        for (OwnInstance instance : instances) {
            if (instanceIds.contains(instance.id())) {
                OwnRequest request = instance.spotRequest() == null ? null : byId.get(instance.spotRequest());
                result.add(new Ended(
                        region,
                        instance.id(),
                        instance.state(),
                        instance.spotRequest(),
                        request == null ? null : request.state(),
                        !instance.isAlive() && (request == null || !request.isAlive()),
                        instance.keptVolumes()));
                told.add(String.valueOf(instance.spotRequest()));
            }
        }
        byId.values().stream()
                .filter(request -> !told.contains(request.id()))
                .forEach(request -> result.add(
                        new Ended(region, null, null, request.id(), request.state(), !request.isAlive(), List.of())));
        return result;
    }
}
