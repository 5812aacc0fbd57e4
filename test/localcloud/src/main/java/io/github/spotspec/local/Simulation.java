package io.github.spotspec.local;

import io.github.spotspec.local.ec2.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Simulates what happens in a cloud as time passes: schedules fire, and EC2 occasionally interrupts a Spot Instance.
 * The interruption notice comes two minutes earlier, unless EC2 hibernates the instance. The time of an interruption is
 * a function of the seed. Not thread-safe.
 */
final class Simulation {
    private static final Duration MEAN_LIFE = Duration.ofHours(36);
    private static final Duration WARNING = Duration.ofMinutes(2);

    private final LocalCloud cloud;
    private final long seed;
    private final Map<String, Instant> warned = new HashMap<>();

    Simulation(LocalCloud cloud, long seed) {
        this.cloud = cloud;
        this.seed = seed;
    }

    /** Carries out everything that is due. */
    void tick() {
        cloud.state().events().fireDueSchedules();
        Instant now = cloud.state().clock().instant();
        for (Instance instance : cloud.state().instanceStore().all()) {
            boolean running = instance.state(now) == Instance.State.RUNNING;
            Instant end = end(instance);
            if (instance.launchSpecification().isSpot() && running && !now.isBefore(end.minus(warning(instance)))) {
                if (warned.putIfAbsent(instance.id(), now) == null) {
                    cloud.notice(instance, true);
                }
                if (!now.isBefore(end)) {
                    cloud.reclaim(instance);
                }
            }
        }
    }

    private static Duration warning(Instance instance) {
        return instance.launchSpecification().market().interruption().equals("hibernate") ? Duration.ZERO : WARNING;
    }

    private Instant end(Instance instance) {
        double chance = new Random(seed ^ instance.id().hashCode()).nextDouble();
        return instance.launched().plus(WARNING).plusMillis((long) (-Math.log(1 - chance) * MEAN_LIFE.toMillis()));
    }
}
