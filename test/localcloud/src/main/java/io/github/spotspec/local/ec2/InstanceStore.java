package io.github.spotspec.local.ec2;

import io.github.spotspec.local.ec2.Instance.State;
import io.github.spotspec.local.market.Capacity;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The instances and spot requests of every region. Thread-safe. */
public final class InstanceStore {
    private static final String HEX = "0123456789abcdef";
    private static final String ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyz";

    private final Capacity capacity;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<String, Instance> instances = new LinkedHashMap<>();
    private final Map<String, SpotRequest> requests = new LinkedHashMap<>();
    private final Map<String, Token> tokens = new HashMap<>();
    private final Visibility visibility;
    private final CpuMetric cpu = new CpuMetric();
    private boolean failedTokensKept = true;
    private boolean volumesEncrypted;
    private Duration startDelay = Duration.ZERO;
    private int addresses;

    /** The call for which a client token was used, without the token, and the instances that it launched. */
    private record Token(String fingerprint, List<String> instances) {}

    public InstanceStore(Capacity capacity, InstantSource clock, RandomGenerator random, Visibility visibility) {
        this.capacity = capacity;
        this.clock = clock;
        this.random = random;
        this.visibility = visibility;
    }

    /** Returns EC2's CPU metric of the instances. */
    public CpuMetric cpu() {
        return cpu;
    }

    /** Moves the launch of an instance into the past, for tests that cannot wait. */
    public synchronized void backdate(Instance instance, Duration by) {
        instance.backdate(by);
    }

    /** Leaves the time out of EC2's text on the last change of state, because EC2 does not document its format. */
    public synchronized void hideEndTime(Instance instance) {
        instance.hideEndTime();
    }

    public Capacity capacity() {
        return capacity;
    }

    /**
     * Sets whether EC2 keeps the client tokens of failed launches. AWS does not document this. Users report that EC2
     * rejects the token of a call that failed for lack of capacity when it is used with another type, so the real EC2
     * keeps them.
     */
    public synchronized void keepFailedTokens(boolean kept) {
        failedTokensKept = kept;
    }

    /**
     * Sets whether the account encrypts all new volumes, also if a launch says otherwise (EC2 API reference,
     * "EnableEbsEncryptionByDefault"). It does not by default.
     */
    public synchronized void encryptVolumes(boolean always) {
        volumesEncrypted = always;
    }

    /** Returns whether the account encrypts all new volumes. */
    public synchronized boolean encryptsVolumes() {
        return volumesEncrypted;
    }

    /** Sets how long new instances stay pending. On AWS, that is some seconds. */
    public synchronized void startDelay(Duration delay) {
        startDelay = delay;
    }

    /**
     * Launches as many instances as capacity allows.
     *
     * @param fingerprint all parameters of the call except the client token
     */
    public synchronized List<Instance> run(LaunchSpecification spec, String fingerprint) {
        // Idempotency is per zone if a call names the zone, and here the zone of every launch is already known.
        String tokenKey = spec.subnet().zone() + " " + spec.request().clientToken();
        Token before = spec.request().clientToken() == null ? null : tokens.get(tokenKey);
        if (before != null) {
            return repeated(before, fingerprint);
        }
        int room = room(spec);
        int allowed = unusedVcpus(spec.region(), spec.isSpot()) / vcpus(spec);
        if (allowed < spec.request().minCount()) {
            throw overQuota(spec.isSpot());
        }
        if (room < spec.request().minCount()) {
            if (failedTokensKept && spec.request().clientToken() != null) {
                tokens.put(tokenKey, new Token(fingerprint, List.of()));
            }
            // Karpenter has observed this error with status 500.
            throw new AwsError(
                    500,
                    "InsufficientInstanceCapacity",
                    "We currently do not have sufficient " + spec.type()
                            + " capacity in the Availability Zone you requested ("
                            + spec.subnet().zone() + ").");
        }
        List<Instance> launched = new ArrayList<>();
        String reservation = "r-" + randomText(HEX, 17);
        for (int i = 0; i < Math.min(Math.min(room, allowed), spec.request().maxCount()); i++) {
            launched.add(launch(spec, reservation));
        }
        if (spec.request().clientToken() != null) {
            tokens.put(
                    tokenKey,
                    new Token(fingerprint, launched.stream().map(Instance::id).toList()));
        }
        return launched;
    }

    /** Returns the instances of a region that EC2 shows. */
    public synchronized List<Instance> instances(String region) {
        Instant now = clock.instant();
        return instances.values().stream()
                .filter(instance -> instance.launchSpecification().region().equals(region) && instance.isVisible(now))
                .toList();
    }

    /** Returns all instances of all regions, including those that EC2 does not show yet. */
    public synchronized List<Instance> all() {
        return List.copyOf(instances.values());
    }

    /** Returns all spot requests of all regions. */
    public synchronized List<SpotRequest> allRequests() {
        return List.copyOf(requests.values());
    }

    /** Returns the spot requests of a region that EC2 shows. */
    public synchronized List<SpotRequest> requests(String region) {
        Instant now = clock.instant();
        return requests.values().stream()
                .filter(request -> request.launchSpecification().region().equals(region) && request.isVisible(now))
                .toList();
    }

    /** Returns the instances with the given ids. EC2 must show all of them. */
    public synchronized List<Instance> get(String region, List<String> ids) {
        List<String> shown = instances(region).stream().map(Instance::id).toList();
        List<String> missing = ids.stream().filter(id -> !shown.contains(id)).toList();
        if (!missing.isEmpty()) {
            throw new AwsError(
                    400,
                    "InvalidInstanceID.NotFound",
                    missing.size() == 1
                            ? "The instance ID '" + missing.getFirst() + "' does not exist"
                            : "The instance IDs '" + String.join(", ", missing) + "' do not exist");
        }
        return ids.stream().map(id -> instances.get(id)).toList();
    }

    /** Returns the spot requests with the given ids. EC2 must show all of them. */
    public synchronized List<SpotRequest> getRequests(String region, List<String> ids) {
        List<String> shown = requests(region).stream().map(SpotRequest::id).toList();
        List<String> missing = ids.stream().filter(id -> !shown.contains(id)).toList();
        if (!missing.isEmpty()) {
            throw new AwsError(
                    400,
                    "InvalidSpotInstanceRequestID.NotFound",
                    "The spot instance request ID '" + String.join(", ", missing) + "' does not exist");
        }
        return ids.stream().map(id -> requests.get(id)).toList();
    }

    /**
     * Terminates an instance. A persistent request that was not cancelled launches again if there is capacity.
     *
     * <p>It is uncertain whether the new instance has the tags of the first launch. Here it does not, which is the
     * worse case, because the instance cannot be found by its tags.
     */
    public synchronized void terminate(Instance instance) {
        terminate(instance, "Client.UserInitiatedShutdown");
    }

    /** Shuts an instance down, as its operating system does. That terminates it, unless its launch chose to stop it. */
    public synchronized void shutDown(Instance instance) {
        String reason = "Client.InstanceInitiatedShutdown";
        if (instance.launchSpecification().options().shutdownBehavior().equals("stop")) {
            instance.change(State.STOPPED, reason, clock.instant());
        } else {
            terminate(instance, reason);
        }
    }

    /** Terminates an instance, as an interruption does. */
    public synchronized void interrupt(Instance instance) {
        terminate(instance, "Server.SpotInstanceTermination");
    }

    private void terminate(Instance instance, String reason) {
        if (!instance.isAlive()) {
            return;
        }
        instance.change(State.SHUTTING_DOWN, reason, clock.instant());
        SpotRequest request = instance.spotRequest() == null ? null : requests.get(instance.spotRequest());
        if (request == null || !request.isAlive()) {
            return;
        }
        String status =
                reason.startsWith("Server.") ? "instance-terminated-no-capacity" : "instance-terminated-by-user";
        if (request.launchSpecification().market().persistent()) {
            request.change("open", status, clock.instant());
            request.fulfilledBy(null);
            relaunch(request);
        } else {
            request.change("closed", status, clock.instant());
        }
    }

    /** Stops an instance, as an interruption does. */
    public synchronized void stop(Instance instance) {
        instance.change(State.STOPPED, "Server.SpotInstanceShutdown", clock.instant());
        SpotRequest request = instance.spotRequest() == null ? null : requests.get(instance.spotRequest());
        if (request != null && request.isAlive()) {
            request.change("open", "instance-stopped-no-capacity", clock.instant());
        }
    }

    /** Cancels a spot request. Its instance keeps running. */
    public synchronized void cancel(SpotRequest request) {
        if (request.isAlive()) {
            request.change(
                    "cancelled",
                    request.instance() == null
                            ? "canceled-before-fulfillment"
                            : "request-canceled-and-instance-running",
                    clock.instant());
        }
    }

    /** Adds tags to an instance or spot request. EC2 shows them at once. */
    public synchronized void tag(String id, Map<String, String> tags) {
        tag(id, tags, Duration.ZERO);
    }

    /** Adds tags to an instance or spot request of a region. EC2 shows them after the region's delay. */
    public synchronized void tag(String region, String id, Map<String, String> tags) {
        tag(id, tags, visibility.delay(region));
    }

    /** Deletes tags of an instance that have these values. EC2 shows it after the region's delay. */
    public synchronized void untag(String region, String id, Map<String, String> tags) {
        Instance instance = instances.get(id);
        if (instance != null) {
            Instant now = clock.instant();
            instance.tagSet().remove(tags, now, now.plus(visibility.delay(region)));
        }
    }

    private void tag(String id, Map<String, String> tags, Duration delay) {
        Instant now = clock.instant();
        Instance instance = instances.get(id);
        if (instance != null) {
            instance.tagSet().put(tags, now, now.plus(delay));
        }
        SpotRequest request = requests.get(id);
        if (request != null) {
            request.tagSet().put(tags, now, now.plus(delay));
        }
    }

    /** Returns a copy of the current tags of an instance or spot request. */
    public synchronized Map<String, String> tags(String id) {
        Instance instance = instances.get(id);
        SpotRequest request = requests.get(id);
        return instance != null ? Map.copyOf(instance.tags()) : request != null ? Map.copyOf(request.tags()) : Map.of();
    }

    /** Carries out several steps between which nothing else changes instances or spot requests. */
    public synchronized void atomically(Runnable steps) {
        steps.run();
    }

    /** Returns how many more instances the pool of a launch can run now. */
    public synchronized int room(LaunchSpecification spec) {
        int all =
                spec.isSpot() ? capacity.spot(spec.type(), spec.subnet().zone(), clock.instant()) : capacity.onDemand();
        return all - used(spec);
    }

    /** Returns how many more virtual CPUs the account's quota allows in a region. */
    public synchronized int unusedVcpus(String region, boolean spot) {
        int used = instances.values().stream()
                .filter(instance -> instance.isAlive()
                        && instance.launchSpecification().isSpot() == spot
                        && instance.launchSpecification().region().equals(region))
                .mapToInt(instance -> vcpus(instance.launchSpecification()))
                .sum();
        return capacity.quota(spot) - used;
    }

    /** Returns the error for a launch that exceeds the account's quota of virtual CPUs. */
    public static AwsError overQuota(boolean spot) {
        return spot
                ? new AwsError(400, "MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
                : new AwsError(
                        400,
                        "VcpuLimitExceeded",
                        "You have requested more vCPU capacity than your current vCPU limit allows for the instance"
                                + " bucket that the specified instance type belongs to.");
    }

    private List<Instance> repeated(Token before, String fingerprint) {
        if (!before.fingerprint().equals(fingerprint)) {
            throw new AwsError(
                    400,
                    "IdempotentParameterMismatch",
                    "The client token you have provided has been used with a different set of parameters.");
        }
        List<Instance> same = before.instances().stream()
                .map(instances::get)
                .map(java.util.Objects::requireNonNull)
                .toList();
        if (!same.isEmpty() && same.stream().noneMatch(Instance::isAlive)) {
            throw new AwsError(
                    400,
                    "IdempotentInstanceTerminated",
                    "The request uses the same client token as a previous request whose instances have been"
                            + " terminated.");
        }
        if (same.isEmpty()) {
            throw new AwsError(500, "InsufficientInstanceCapacity", "We currently do not have sufficient capacity.");
        }
        return same;
    }

    private static int vcpus(LaunchSpecification spec) {
        Catalog.Type type = Objects.requireNonNull(Catalog.all().get(spec.type()));
        return Math.max(1, type.vcpus());
    }

    private int used(LaunchSpecification spec) {
        return (int) instances.values().stream()
                .filter(instance -> instance.isAlive()
                        && instance.launchSpecification().isSpot() == spec.isSpot()
                        && instance.launchSpecification().type().equals(spec.type())
                        && instance.launchSpecification()
                                .subnet()
                                .zone()
                                .equals(spec.subnet().zone()))
                .count();
    }

    private Instance launch(LaunchSpecification spec, String reservation) {
        Instant now = clock.instant();
        SpotRequest request = null;
        if (spec.isSpot()) {
            request = new SpotRequest("sir-" + randomText(ALPHANUMERIC, 8), spec, now, shown(spec, now));
            requests.put(request.id(), request);
        }
        return place(spec, reservation, request, spec.tags().instance(), now);
    }

    private void relaunch(SpotRequest request) {
        LaunchSpecification spec = request.launchSpecification();
        Instant until = spec.market().validUntil();
        boolean valid = until == null || clock.instant().isBefore(until);
        if (valid && capacity.spot(spec.type(), spec.subnet().zone(), clock.instant()) > used(spec)) {
            place(spec, "r-" + randomText(HEX, 17), request, Map.of(), clock.instant());
        }
    }

    private Instant shown(LaunchSpecification spec, Instant now) {
        return now.plus(visibility.delay(spec.region()));
    }

    private Instance place(
            LaunchSpecification spec,
            String reservation,
            @Nullable SpotRequest request,
            Map<String, String> tags,
            Instant now) {
        List<Instance.Volume> volumes = spec.volumes().stream()
                .map(volume -> new Instance.Volume(
                        "vol-" + randomText(HEX, 17), volume, spec.tags().volume()))
                .toList();
        Instance instance = new Instance(
                "i-" + randomText(HEX, 17),
                reservation,
                spec,
                request == null ? null : request.id(),
                now,
                shown(spec, now),
                now.plus(startDelay),
                addresses(spec),
                volumes,
                tags);
        instances.put(instance.id(), instance);
        if (request != null) {
            request.change("active", "fulfilled", now);
            request.fulfilledBy(instance.id());
        }
        return instance;
    }

    /** Returns the next addresses. The public ones belong to nobody (RFC 2544). */
    private Instance.Addresses addresses(LaunchSpecification spec) {
        addresses++;
        String host = addresses / 250 % 250 + "." + (addresses % 250 + 4);
        return new Instance.Addresses("172.31." + host, spec.subnet().mapsPublicIp() ? "198.18." + host : null);
    }

    private String randomText(String alphabet, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
