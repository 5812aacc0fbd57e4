package io.github.spotspec.e2e;

import io.github.spotspec.local.ec2.Instance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What there is in a region, whether EC2 shows it yet or not. */
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

    /** Returns whether EC2 shows all that it launched. */
    boolean isAllVisible() {
        return service.fleet().instances(name).size() == all().size();
    }

    void awaitVisible() {
        while (!isAllVisible()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Ends what is left, behind the service's back. */
    void clear() {
        service.fleet().allRequests().stream()
                .filter(request -> request.launchSpecification().region().equals(name))
                .forEach(service.fleet()::cancel);
        alive().forEach(service.fleet()::terminate);
    }
}
