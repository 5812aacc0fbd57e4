package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** EC2's instances and spot requests in all regions, and the calls on them. Thread-safe. */
public final class FakeEc2 implements Fault.Service {
    /** The deployment's name, in the tag of managed instances and spot requests. */
    public static final String SERVICE = "Test/Spot@us-west-2";

    private final FakeClock time;
    private final FakeCatalog catalog = new FakeCatalog();
    private final FakeLaunches launches = new FakeLaunches(this, catalog);
    private final FakeFleets fleets = new FakeFleets(this, catalog, launches);
    private final List<FakeInstance> instances = new ArrayList<>();
    private final List<FakeRequest> requests = new ArrayList<>();
    private Duration invisible = Duration.ZERO;
    private Duration starting = Duration.ZERO;
    private int ids;

    FakeEc2(FakeClock time) {
        this.time = time;
    }

    public FakeCatalog catalog() {
        return catalog;
    }

    public FakeLaunches launches() {
        return launches;
    }

    public FakeFleets fleets() {
        return fleets;
    }

    Instant now() {
        return time.instant();
    }

    Duration invisible() {
        return invisible;
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

    /** Keeps new instances pending for a duration. */
    public synchronized void runAfter(Duration time) {
        starting = time;
    }

    /** Removes all instances and spot requests. */
    public synchronized void clear() {
        instances.clear();
        requests.clear();
    }

    /** Adds a managed instance that was launched an hour ago, with a lease of two hours. */
    public FakeInstance managedInstance(String zone, String type) {
        FakeInstance instance = foreignInstance(zone, type);
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
    public synchronized FakeInstance foreignInstance(String zone, String type) {
        FakeInstance instance = add(zone, type, -3_600);
        return instance.spot(addRequest(zone, type, -3_600).withInstance(instance));
    }

    /** Adds a managed spot request without an instance. */
    public synchronized FakeRequest openRequest(String zone, String type, int secondsAgo) {
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
        if (!starting.isZero()) {
            instance.pendingUntil(time.instant().plus(starting));
        }
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
    public synchronized AwsResponse answer(AwsCall call) {
        if (call.has("DryRun=true")) {
            return AwsResponse.dryRunSucceeded();
        }
        return switch (call.action()) {
            case "RunInstances" -> launches.run(call);
            case "CreateLaunchTemplate" -> fleets.createTemplate(call);
            case "DescribeLaunchTemplates" -> fleets.describeTemplates(call);
            case "DeleteLaunchTemplate" -> fleets.deleteTemplate(call);
            case "CreateFleet" -> fleets.createFleet(call);
            case "DescribeInstances" -> describeInstances(call);
            case "DescribeSpotInstanceRequests" -> describeRequests(call);
            case "TerminateInstances" -> terminate(call);
            case "CancelSpotInstanceRequests" -> cancel(call);
            case "CreateTags" -> tag(call);
            case "GetConsoleOutput" -> consoleOutput(call);
            default -> catalog.answer(call);
        };
    }

    private AwsResponse describeInstances(AwsCall call) {
        instances.forEach(one -> one.startIfDue(time.instant()));
        return AwsResponse.of(
                call.action(),
                list(
                        "reservationSet",
                        instances.stream()
                                .filter(one -> one.isShown(call.region(), time.instant())
                                        && matches(call, "instance-id", one.id(), one.tags()))
                                .map(one -> list("instancesSet", List.of(one.xml())))
                                .toList()));
    }

    private AwsResponse describeRequests(AwsCall call) {
        return AwsResponse.of(
                call.action(),
                list(
                        "spotInstanceRequestSet",
                        requests.stream()
                                .filter(one -> one.isShown(call.region(), time.instant())
                                        && matches(call, "spot-instance-request-id", one.id(), one.tags()))
                                .map(FakeRequest::xml)
                                .toList()));
    }

    private static boolean matches(AwsCall call, String idFilter, String id, Map<String, String> tags) {
        List<String> services = call.filter("tag:spotspec:service");
        List<String> ids = call.filter(idFilter);
        return (services == null || services.contains(String.valueOf(tags.get("spotspec:service"))))
                && (ids == null || ids.contains(id));
    }

    private AwsResponse terminate(AwsCall call) {
        List<String> ids = call.list("InstanceId");
        List<FakeInstance> found = instances.stream()
                .filter(one -> one.isShown(call.region(), time.instant()) && ids.contains(one.id()))
                .toList();
        if (found.size() < ids.size()) {
            return notFound(
                    "InvalidInstanceID.NotFound",
                    ids,
                    id -> found.stream().anyMatch(one -> one.id().equals(id)));
        }
        List<String> items = new ArrayList<>();
        for (FakeInstance one : found) {
            if (one.terminate(time.instant())) {
                requests.stream().filter(one::belongsTo).toList().forEach(this::afterTermination);
            }
            items.add(element("instanceId", one.id()) + "<currentState>"
                    + element("name", one.isAlive() ? one.state() : "shutting-down") + "</currentState>");
        }
        return AwsResponse.of(call.action(), list("instancesSet", items));
    }

    /** Answers as EC2 Instance Connect does. */
    synchronized AwsResponse sendSshPublicKey(AwsCall call) {
        boolean known = instances.stream()
                .anyMatch(one -> one.isShown(call.region(), time.instant()) && call.has("InstanceId=" + one.id()));
        return known
                ? new AwsResponse(200, "{\"RequestId\":\"r\",\"Success\":true}")
                : AwsResponse.jsonError(400, "EC2InstanceNotFoundException");
    }

    private AwsResponse consoleOutput(AwsCall call) {
        FakeInstance instance = instances.stream()
                .filter(one -> one.isShown(call.region(), time.instant()) && call.has("InstanceId=" + one.id()))
                .findFirst()
                .orElse(null);
        if (instance == null) {
            return notFound("InvalidInstanceID.NotFound", List.of(call.text("InstanceId")), id -> false);
        }
        if (call.has("Latest=true") && !instance.hasLatestOutput()) {
            return AwsResponse.error(
                    400,
                    "UnsupportedOperation",
                    "This instance type does not support retrieving the latest console logs.");
        }
        byte[] output = instance.consoleOutput();
        return AwsResponse.of(
                call.action(),
                element("instanceId", instance.id())
                        + element(
                                "output",
                                output.length == 0
                                        ? null
                                        : Base64.getMimeEncoder().encodeToString(output))
                        + element("timestamp", time.instant()));
    }

    /** Relaunches for a persistent request, without tags as EC2 does; closes any other request. */
    private void afterTermination(FakeRequest request) {
        if (request.launchesAgain()) {
            FakeInstance next = add(request.zone(), request.type(), 0).spot(request);
            request.withInstance(next);
        } else if (request.isAlive()) {
            request.state("closed");
        }
    }

    private AwsResponse cancel(AwsCall call) {
        List<String> ids = call.list("SpotInstanceRequestId");
        List<FakeRequest> found = requests.stream()
                .filter(one -> one.isShown(call.region(), time.instant()) && ids.contains(one.id()))
                .toList();
        if (found.size() < ids.size()) {
            return notFound(
                    "InvalidSpotInstanceRequestID.NotFound",
                    ids,
                    id -> found.stream().anyMatch(one -> one.id().equals(id)));
        }
        return AwsResponse.of(
                call.action(),
                list(
                        "spotInstanceRequestSet",
                        found.stream()
                                .map(one -> element(
                                                "spotInstanceRequestId",
                                                one.state("cancelled").id())
                                        + element("state", one.state()))
                                .toList()));
    }

    private AwsResponse tag(AwsCall call) {
        Map<String, String> tags = call.tags("Tag");
        List<String> unknown = call.list("ResourceId").stream()
                .filter(id -> instances.stream()
                                .noneMatch(one -> one.id().equals(id) && one.isShown(call.region(), time.instant()))
                        && requests.stream()
                                .noneMatch(one -> one.id().equals(id) && one.isShown(call.region(), time.instant())))
                .toList();
        if (!unknown.isEmpty()) {
            return notFound("InvalidInstanceID.NotFound", unknown, id -> false);
        }
        for (String id : call.list("ResourceId")) {
            instances.stream()
                    .filter(one -> one.id().equals(id))
                    .forEach(one -> one.tags().putAll(tags));
            requests.stream()
                    .filter(one -> one.id().equals(id))
                    .forEach(one -> one.tags().putAll(tags));
        }
        return AwsResponse.of(call.action(), "<return>true</return>");
    }

    private static AwsResponse notFound(String code, List<String> ids, Predicate<String> exists) {
        List<String> missing = ids.stream().filter(exists.negate()).toList();
        return AwsResponse.error(400, code, "The IDs '" + String.join(", ", missing) + "' do not exist");
    }

    static String regionOf(String zone) {
        return zone.replaceAll("^([a-z]+-[a-z-]+-[0-9]+).*", "$1");
    }
}
