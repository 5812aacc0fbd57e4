package io.github.spotspec.local;

import io.github.spotspec.local.ec2.Instance;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * What happens in a cloud by itself as time goes by: schedules fire, and now and then EC2 takes a spot instance back, with
 * its warning two minutes ahead unless it hibernates the instance. When it does is a function of the seed. Not thread-safe.
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

    /** Lets happen what is due. */
    void tick() {
        cloud.world().events().fireDueSchedules();
        Instant now = cloud.world().clock().instant();
        for (Instance instance : cloud.world().instanceStore().all()) {
            boolean running = instance.state(now) == Instance.State.RUNNING;
            Instant end = end(instance);
            if (instance.launching().isSpot() && running && !now.isBefore(end.minus(warning(instance)))) {
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
        return instance.launching().spot().interruption().equals("hibernate") ? Duration.ZERO : WARNING;
    }

    private Instant end(Instance instance) {
        double chance = new Random(seed ^ instance.id().hashCode()).nextDouble();
        return instance.launched().plus(WARNING).plusMillis((long) (-Math.log(1 - chance) * MEAN_LIFE.toMillis()));
    }
}
