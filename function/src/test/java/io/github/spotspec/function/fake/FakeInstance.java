package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An instance of the fake EC2, which tests inspect and change. Not thread-safe. */
public final class FakeInstance {
    private final String id;
    private final String type;
    private final String zone;
    private Instant launched;
    private final Instant shown;
    private final Map<String, String> tags = new LinkedHashMap<>();
    private final List<String> keptVolumes = new ArrayList<>();
    private @Nullable FakeRequest request;
    private String state = "running";
    private String addresses = element("privateIpAddress", "10.0.0.1");
    private String stateReason = "";
    private String product = "Linux/UNIX";
    private @Nullable Instant pendingUntil;
    private boolean ignoresTermination;
    private byte[] consoleOutput = {};
    private boolean hasLatestOutput = true;

    FakeInstance(String id, String type, String zone, Instant launched, Instant shown) {
        this.id = id;
        this.type = type;
        this.zone = zone;
        this.launched = launched;
        this.shown = shown;
    }

    public String id() {
        return id;
    }

    public String type() {
        return type;
    }

    public String zone() {
        return zone;
    }

    public String state() {
        return state;
    }

    public boolean isAlive() {
        return !state.equals("terminated");
    }

    public Map<String, String> tags() {
        return tags;
    }

    /** Returns the spot request of a Spot Instance. */
    public FakeRequest request() {
        return Objects.requireNonNull(request);
    }

    boolean belongsTo(FakeRequest one) {
        return one.equals(request);
    }

    boolean isShown(String region, Instant now) {
        return FakeEc2.regionOf(zone).equals(region) && !now.isBefore(shown);
    }

    public FakeInstance tag(String key, String value) {
        tags.put(key, value);
        return this;
    }

    public FakeInstance withoutTag(String key) {
        tags.remove(key);
        return this;
    }

    public FakeInstance state(String now) {
        state = now;
        return this;
    }

    /** Keeps it pending until a time. */
    void pendingUntil(Instant time) {
        state = "pending";
        pendingUntil = time;
    }

    void startIfDue(Instant now) {
        if (state.equals("pending") && pendingUntil != null && !now.isBefore(pendingUntil)) {
            state = "running";
        }
    }

    /** Sets what EC2 returns for addresses and DNS names, by the names of the XML elements. */
    public FakeInstance addresses(Map<String, String> elements) {
        StringBuilder xml = new StringBuilder();
        elements.forEach((name, value) -> xml.append(element(name, value)));
        addresses = xml.toString();
        return this;
    }

    /** Ends it, or lets it stop, at a time. */
    public FakeInstance ended(String newState, String code, Instant at) {
        state = newState;
        stateReason(code);
        String initiator = code.startsWith("Server.") ? "Service" : "User";
        stateReason += element(
                "reason",
                initiator + " initiated ("
                        + at.truncatedTo(ChronoUnit.SECONDS)
                                .toString()
                                .replace("T", " ")
                                .replace("Z", " GMT") + ")");
        return this;
    }

    /** Starts it again after a stop. */
    public FakeInstance started(Instant at) {
        state = "running";
        stateReason = "";
        launched = at;
        return this;
    }

    /** Sets the operating system, by EC2's product description. */
    public FakeInstance product(String description) {
        product = description;
        return this;
    }

    /** Sets EC2's code of the reason for the last change of state. */
    public FakeInstance stateReason(String code) {
        stateReason = "<stateReason>" + element("code", code) + "</stateReason>";
        return this;
    }

    /** Adds a volume that outlives the instance. */
    public FakeInstance keptVolume(String volume) {
        keptVolumes.add(volume);
        return this;
    }

    /** Sets what it has written to its console. */
    public FakeInstance consoleOutput(byte[] output) {
        consoleOutput = output.clone();
        return this;
    }

    byte[] consoleOutput() {
        return consoleOutput.clone();
    }

    /** Makes its type one of which EC2 reads the console only when the instance starts or ends. */
    public FakeInstance withoutLatestOutput() {
        hasLatestOutput = false;
        return this;
    }

    boolean hasLatestOutput() {
        return hasLatestOutput;
    }

    /** Ignores all attempts to terminate it. */
    public FakeInstance ignoresTermination() {
        ignoresTermination = true;
        return this;
    }

    /** Makes it an on-demand instance. */
    public FakeInstance onDemand() {
        request = null;
        return this;
    }

    FakeInstance spot(FakeRequest one) {
        request = one;
        return this;
    }

    boolean terminate(Instant now) {
        boolean was = isAlive() && !ignoresTermination;
        if (was) {
            ended("terminated", "Client.UserInitiatedShutdown", now);
        }
        return was;
    }

    String xml() {
        return element("instanceId", id)
                + element("imageId", "ami-00000001")
                + "<instanceState><name>" + state + "</name></instanceState>"
                + element("instanceType", type)
                + "<placement>" + element("availabilityZone", zone)
                + element("availabilityZoneId", FakeCatalog.idOf(zone)) + "</placement>"
                + element("spotInstanceRequestId", request == null ? null : request.id())
                + element("platformDetails", product)
                + addresses
                + stateReason
                + element("launchTime", launched)
                + list("blockDeviceMapping", volumes())
                + list("tagSet", items(tags));
    }

    private List<String> volumes() {
        List<String> volumes = new ArrayList<>();
        volumes.add(volume("vol-root", true));
        keptVolumes.forEach(volume -> volumes.add(volume(volume, false)));
        return volumes;
    }

    private static String volume(String id, boolean ends) {
        return "<ebs>" + element("volumeId", id) + element("deleteOnTermination", ends) + "</ebs>";
    }

    static List<String> items(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(tag -> element("key", tag.getKey()) + element("value", tag.getValue()))
                .toList();
    }
}
