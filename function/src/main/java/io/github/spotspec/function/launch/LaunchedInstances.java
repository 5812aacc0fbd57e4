package io.github.spotspec.function.launch;

import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The instances that one attempt at a launch has launched, and the search for others of the same launch. */
final class LaunchedInstances {
    private final Launch launch;
    private final LaunchId id;
    private final Inventory inventory;
    private final AwsCallContext callContext;
    private final LaunchTimer pace;
    private final Map<String, ManagedInstance> launched = new LinkedHashMap<>();

    LaunchedInstances(Launch launch, LaunchId id, Inventory inventory, AwsCallContext callContext, LaunchTimer pace) {
        this.launch = launch;
        this.id = id;
        this.inventory = inventory;
        this.callContext = callContext;
        this.pace = pace;
    }

    void add(Collection<ManagedInstance> instances) {
        instances.forEach(instance -> launched.put(instance.id(), instance));
    }

    List<ManagedInstance> all() {
        return List.copyOf(launched.values());
    }

    boolean isEmpty() {
        return launched.isEmpty();
    }

    /** Returns how many of the instances that the launch asks for are missing. */
    int remaining() {
        return launch.count() - launched.size();
    }

    /** Returns the instances that carry this launch's key in their tag and that this attempt has not recorded yet. */
    List<ManagedInstance> findNewByTag() {
        return Launcher.inventory(launch.regions(), inventory, callContext).stream()
                .filter(instance -> id.matches(instance.launchTag()) && !launched.containsKey(instance.id()))
                .toList();
    }

    /**
     * Returns the instances of an earlier or concurrent run of the same launch, whose client token this run has used.
     * If the caller sent a key, waits until EC2 shows them. Only the first wait takes long, because afterwards EC2
     * shows everything that was launched before this launch began.
     */
    List<ManagedInstance> findAfterTokenConflict() {
        for (int i = 0; ; i++) {
            List<ManagedInstance> found = findNewByTag();
            if (!found.isEmpty() || !id.isCallersOwn() || pace.isEverythingVisible()) {
                return found;
            }
            pace.pause(i);
        }
    }
}
