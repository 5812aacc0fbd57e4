package io.github.spotspec.e2e;

import io.github.spotspec.local.ec2.Instance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The instances in a region, including those that EC2 does not show yet. */
record ChaosRegion(LocalDeployment service, String name) {
    List<Instance> all() {
        return in(service.fleet().all());
    }

    List<Instance> alive() {
        return in(service.alive());
    }

    List<String> aliveIds() {
        return alive().stream().map(Instance::id).toList();
    }

    private List<Instance> in(List<Instance> instances) {
        return instances.stream()
                .filter(instance -> instance.launchSpecification().region().equals(name))
                .toList();
    }

    /** Returns whether EC2 shows every instance that it launched. */
    boolean isAllVisible() {
        return service.fleet().instances(name).size() == all().size();
    }

    void awaitVisible() {
        while (!isAllVisible()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Cancels and terminates everything without the service. */
    void clear() {
        service.fleet().allRequests().stream()
                .filter(request -> request.launchSpecification().region().equals(name))
                .forEach(service.fleet()::cancel);
        alive().forEach(service.fleet()::terminate);
    }
}
