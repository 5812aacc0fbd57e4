package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.Said.element;
import static io.github.spotspec.function.fake.Said.set;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** EC2's instances and spot requests in all regions, and the calls on them. Thread-safe. */
public final class FakeEc2 implements Fault.Ec2 {
    /** The deployment's name, in the tag of managed instances and spot requests. */
    public static final String SERVICE = "Test/Spot@us-west-2";

    private final FakeClock time;
    private final FakeCatalogue catalogue = new FakeCatalogue();
    private final FakeLaunches launches = new FakeLaunches(this, catalogue);
    private final List<FakeInstance> instances = new ArrayList<>();
    private final List<FakeRequest> requests = new ArrayList<>();
    private Duration invisible = Duration.ZERO;
    private int ids;

    FakeEc2(FakeClock time) {
        this.time = time;
    }

    public FakeCatalogue catalogue() {
        return catalogue;
    }

    public FakeLaunches launches() {
        return launches;
    }

    public synchronized List<FakeInstance> instances() {
        return List.copyOf(instances);
    }

    public synchronized List<FakeInstance> alive() {
        return instances.stream().filter(FakeInstance::isAlive).toList();
    }

    public synchronized List<FakeRequest> requests() {
        return List.copyOf(requests);
    }

    /** Shows new instances and spot requests only after a delay, as EC2 does; calls with their ids fail until then. */
    public synchronized void showAfter(Duration time) {
        invisible = time;
    }

    /** Removes all instances and spot requests. */
    public synchronized void forget() {
        instances.clear();
        requests.clear();
    }

    /** Adds a managed instance that was launched an hour ago, with a lease of two hours. */
    public FakeInstance own(String zone, String type) {
        FakeInstance instance = foreign(zone, type);
        Map<String, String> tags = Map.of(
                "spotspec:service",
                SERVICE,
                "spotspec:lease",
                FakeClock.START.plusSeconds(3_600).toString(),
                "spotspec:request",
                "0.0",
                "spotspec:caller",
                "arn:aws:iam::111122223333:user/alice");
        instance.tags().putAll(tags);
        instance.request().tags().putAll(tags);
        return instance;
    }

    /** Adds a Spot Instance that does not belong to the deployment. */
    public synchronized FakeInstance foreign(String zone, String type) {
        FakeInstance instance = add(zone, type, -3_600);
        return instance.spot(addRequest(zone, type, -3_600).of(instance));
    }

    /** Adds a managed spot request without an instance. */
    public synchronized FakeRequest open(String zone, String type, int secondsAgo) {
        return addRequest(zone, type, -secondsAgo).state("open").tag("spotspec:service", SERVICE);
    }

    /** Adds an on-demand instance, which {@code spot} turns into a Spot Instance. */
    synchronized FakeInstance add(String zone, String type, int seconds) {
        FakeInstance instance = new FakeInstance(
                "i-%017x".formatted(++ids),
                type,
                zone,
                time.instant().plusSeconds(seconds),
                time.instant().plus(invisible));
        instances.add(instance);
        return instance;
    }

    synchronized FakeRequest addRequest(String zone, String type, int seconds) {
        FakeRequest request = new FakeRequest(
                "sir-%08d".formatted(++ids),
                type,
                zone,
                time.instant().plusSeconds(seconds),
                time.instant().plus(invisible));
        requests.add(request);
        return request;
    }

    @Override
    public synchronized Said answer(Asked asked) {
        if (asked.has("DryRun=true")) {
            return Said.rehearsed();
        }
        return switch (asked.action()) {
            case "RunInstances" -> launches.run(asked);
            case "DescribeInstances" -> describeInstances(asked);
            case "DescribeSpotInstanceRequests" -> describeRequests(asked);
            case "TerminateInstances" -> terminate(asked);
            case "CancelSpotInstanceRequests" -> cancel(asked);
            case "CreateTags" -> tag(asked);
            default -> catalogue.answer(asked);
        };
    }

    private Said describeInstances(Asked asked) {
        return Said.of(
                asked.action(),
                set(
                        "reservationSet",
                        instances.stream()
                                .filter(one -> one.isShown(asked.region(), time.instant())
                                        && passes(asked, "instance-id", one.id(), one.tags()))
                                .map(one -> set("instancesSet", List.of(one.xml())))
                                .toList()));
    }

    private Said describeRequests(Asked asked) {
        return Said.of(
                asked.action(),
                set(
                        "spotInstanceRequestSet",
                        requests.stream()
                                .filter(one -> one.isShown(asked.region(), time.instant())
                                        && passes(asked, "spot-instance-request-id", one.id(), one.tags()))
                                .map(FakeRequest::xml)
                                .toList()));
    }

    private static boolean passes(Asked asked, String idFilter, String id, Map<String, String> tags) {
        List<String> services = asked.filter("tag:spotspec:service");
        List<String> ids = asked.filter(idFilter);
        return (services == null || services.contains(String.valueOf(tags.get("spotspec:service"))))
                && (ids == null || ids.contains(id));
    }

    private Said terminate(Asked asked) {
        List<String> ids = asked.list("InstanceId");
        List<FakeInstance> found = instances.stream()
                .filter(one -> one.isShown(asked.region(), time.instant()) && ids.contains(one.id()))
                .toList();
        if (found.size() < ids.size()) {
            return notFound(
                    "InvalidInstanceID.NotFound",
                    ids,
                    id -> found.stream().anyMatch(one -> one.id().equals(id)));
        }
        List<String> items = new ArrayList<>();
        for (FakeInstance one : found) {
            if (one.terminate()) {
                requests.stream().filter(one::isOf).toList().forEach(this::lose);
            }
            items.add(element("instanceId", one.id()) + "<currentState>"
                    + element("name", one.isAlive() ? one.state() : "shutting-down") + "</currentState>");
        }
        return Said.of(asked.action(), set("instancesSet", items));
    }

    /** Relaunches for a persistent request, without tags as EC2 does; closes any other request. */
    private void lose(FakeRequest request) {
        if (request.launchesAgain()) {
            FakeInstance next = add(request.zone(), request.type(), 0).spot(request);
            request.of(next);
        } else if (request.isAlive()) {
            request.state("closed");
        }
    }

    private Said cancel(Asked asked) {
        List<String> ids = asked.list("SpotInstanceRequestId");
        List<FakeRequest> found = requests.stream()
                .filter(one -> one.isShown(asked.region(), time.instant()) && ids.contains(one.id()))
                .toList();
        if (found.size() < ids.size()) {
            return notFound(
                    "InvalidSpotInstanceRequestID.NotFound",
                    ids,
                    id -> found.stream().anyMatch(one -> one.id().equals(id)));
        }
        return Said.of(
                asked.action(),
                set(
                        "spotInstanceRequestSet",
                        found.stream()
                                .map(one -> element(
                                                "spotInstanceRequestId",
                                                one.state("cancelled").id())
                                        + element("state", one.state()))
                                .toList()));
    }

    private Said tag(Asked asked) {
        Map<String, String> tags = asked.tags("Tag");
        List<String> unknown = asked.list("ResourceId").stream()
                .filter(id -> instances.stream()
                                .noneMatch(one -> one.id().equals(id) && one.isShown(asked.region(), time.instant()))
                        && requests.stream()
                                .noneMatch(one -> one.id().equals(id) && one.isShown(asked.region(), time.instant())))
                .toList();
        if (!unknown.isEmpty()) {
            return notFound("InvalidInstanceID.NotFound", unknown, id -> false);
        }
        for (String id : asked.list("ResourceId")) {
            instances.stream()
                    .filter(one -> one.id().equals(id))
                    .forEach(one -> one.tags().putAll(tags));
            requests.stream()
                    .filter(one -> one.id().equals(id))
                    .forEach(one -> one.tags().putAll(tags));
        }
        return Said.of(asked.action(), "<return>true</return>");
    }

    private static Said notFound(String code, List<String> ids, Predicate<String> exists) {
        List<String> missing = ids.stream().filter(exists.negate()).toList();
        return Said.error(400, code, "The IDs '" + String.join(", ", missing) + "' do not exist");
    }

    static String regionOf(String zone) {
        return zone.replaceAll("^([a-z]+-[a-z-]+-[0-9]+).*", "$1");
    }
}
