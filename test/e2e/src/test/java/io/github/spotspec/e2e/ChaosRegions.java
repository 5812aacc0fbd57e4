package io.github.spotspec.e2e;

import io.github.spotspec.local.ec2.Instance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The instances in the regions of a run, including those that EC2 does not show yet. */
record ChaosRegions(LocalDeployment service, List<String> names) {
    List<Instance> all() {
        return in(service.instanceStore().all());
    }

    List<Instance> alive() {
        return in(service.alive());
    }

    List<String> aliveIds() {
        return alive().stream().map(Instance::id).toList();
    }

    private List<Instance> in(List<Instance> instances) {
        return instances.stream()
                .filter(instance ->
                        names.contains(instance.launchSpecification().region()))
                .toList();
    }

    /** Returns whether EC2 shows every instance that it launched. */
    boolean isAllVisible() {
        return names.stream()
                        .mapToInt(
                                name -> service.instanceStore().instances(name).size())
                        .sum()
                == all().size();
    }

    void awaitVisible() {
        while (!isAllVisible()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Cancels and terminates everything without the service. */
    void clear() {
        service.instanceStore().allRequests().stream()
                .filter(request -> names.contains(request.launchSpecification().region()))
                .forEach(service.instanceStore()::cancel);
        alive().forEach(service.instanceStore()::terminate);
    }
}
