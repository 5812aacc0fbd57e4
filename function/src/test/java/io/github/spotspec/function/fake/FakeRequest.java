package io.github.spotspec.function.fake;

import static io.github.spotspec.function.fake.AwsResponse.element;
import static io.github.spotspec.function.fake.AwsResponse.list;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A spot request of the fake EC2, which tests inspect and change. Not thread-safe. */
public final class FakeRequest {
    private final String id;
    private final String type;
    private final String zone;
    private final Instant created;
    private Instant shown;
    private final Map<String, String> tags = new LinkedHashMap<>();
    private @Nullable FakeInstance instance;
    private @Nullable String status;
    private boolean persistent;
    private String state = "active";

    FakeRequest(String id, String type, String zone, Instant created, Instant shown) {
        this.id = id;
        this.type = type;
        this.zone = zone;
        this.created = created;
        this.shown = shown;
    }

    public String id() {
        return id;
    }

    public String state() {
        return state;
    }

    public String type() {
        return type;
    }

    public String zone() {
        return zone;
    }

    public boolean isAlive() {
        return state.equals("open") || state.equals("active");
    }

    public Map<String, String> tags() {
        return tags;
    }

    /** Makes it persistent: it launches again when its instance ends. */
    public FakeRequest persistent() {
        persistent = true;
        return this;
    }

    boolean launchesAgain() {
        return persistent && isAlive();
    }

    boolean isShown(String region, Instant now) {
        return FakeEc2.regionOf(zone).equals(region) && !now.isBefore(shown);
    }

    /** Hides it until a time. */
    public FakeRequest shownFrom(Instant then) {
        shown = then;
        return this;
    }

    public FakeRequest tag(String key, String value) {
        tags.put(key, value);
        return this;
    }

    public FakeRequest withoutTag(String key) {
        tags.remove(key);
        return this;
    }

    public FakeRequest state(String now) {
        state = now;
        return this;
    }

    FakeRequest withInstance(FakeInstance now) {
        instance = now;
        return this;
    }

    /** Sets EC2's status code, and when the status changed. */
    public FakeRequest status(String code, Instant at) {
        status = element("code", code) + element("updateTime", at);
        return this;
    }

    String xml() {
        return element("spotInstanceRequestId", id)
                + element("state", state)
                + "<status>"
                + (status == null ? element("code", instance == null ? "pending-evaluation" : "fulfilled") : status)
                + "</status>"
                + element("type", persistent ? "persistent" : "one-time")
                + element("instanceId", instance == null ? null : instance.id())
                + "<launchSpecification>" + element("instanceType", type) + "</launchSpecification>"
                + element("launchedAvailabilityZone", zone)
                + element("launchedAvailabilityZoneId", FakeCatalog.idOf(zone))
                + element("productDescription", "Linux/UNIX")
                + element("createTime", created)
                + list("tagSet", FakeInstance.items(tags));
    }
}
