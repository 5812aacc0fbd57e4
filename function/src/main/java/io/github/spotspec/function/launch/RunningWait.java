package io.github.spotspec.function.launch;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Waits until EC2 says that launched instances run, as far as the request's time allows. Never fails, because the
 * instances are launched, and the caller must learn their ids. Thread-safe.
 */
public final class RunningWait {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Inventory inventory;

    public RunningWait(Inventory inventory) {
        this.inventory = inventory;
    }

    /**
     * Returns the instances, in the same order, as EC2 describes them once none is pending any more. If the operator's
     * time or call budget is used up before, some still are. An instance may also have ended meanwhile.
     */
    public List<ManagedInstance> await(List<ManagedInstance> launched, AwsCallContext callContext) {
        AwsCallContext polling = callContext.forOptionalCalls();
        Map<String, ManagedInstance> latest = new LinkedHashMap<>();
        launched.forEach(instance -> latest.put(instance.id(), instance));
        Duration pause = FIRST_PAUSE;
        while (latest.values().stream().anyMatch(RunningWait::isPending)
                && !polling.deadline().isOver()
                && !polling.callBudget().isLow()) {
            polling.deadline().sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            describe(latest, polling);
        }
        return List.copyOf(latest.values());
    }

    /** Replaces the pending instances by what EC2 says now. EC2 may not show an instance yet, or may not answer. */
    private void describe(Map<String, ManagedInstance> latest, AwsCallContext callContext) {
        Map<String, List<String>> pending = latest.values().stream()
                .filter(RunningWait::isPending)
                .collect(Collectors.groupingBy(
                        ManagedInstance::region, Collectors.mapping(ManagedInstance::id, Collectors.toList())));
        pending.forEach((region, ids) -> {
            try {
                inventory
                        .instances(region, ids, callContext)
                        .forEach(instance -> latest.replace(instance.id(), instance));
            } catch (ServiceException unanswered) {
                // The next call may succeed; otherwise the answer shows the state that is known.
            }
        });
    }

    private static boolean isPending(ManagedInstance instance) {
        return instance.state().equals("pending");
    }
}
