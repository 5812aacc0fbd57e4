package io.github.spotspec.local.ec2;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A spot request. Only {@link InstanceStore} changes it, under its lock. */
public final class SpotRequest {
    private final String id;
    private final LaunchSpecification launchSpecification;
    private final Instant created;
    private final Instant visible;
    private final TagSet tags;
    private volatile String state = "open";
    private volatile String status = "pending-evaluation";
    private volatile Instant statusTime;
    private volatile @Nullable String instance;

    SpotRequest(String id, LaunchSpecification spec, Instant created, Instant visible) {
        this.id = id;
        this.launchSpecification = spec;
        this.created = created;
        this.statusTime = created;
        this.visible = visible;
        this.tags = new TagSet(spec.tags().request());
    }

    public String id() {
        return id;
    }

    public LaunchSpecification launchSpecification() {
        return launchSpecification;
    }

    public Instant created() {
        return created;
    }

    public Map<String, String> tags() {
        return tags.all();
    }

    /** Returns the tags that EC2 shows. */
    public Map<String, String> shownTags(Instant now) {
        return tags.shown(now);
    }

    TagSet tagSet() {
        return tags;
    }

    /** Returns whether EC2 shows the spot request. EC2 shows a new spot request after a delay. */
    boolean isVisible(Instant now) {
        return !now.isBefore(visible);
    }

    /** Returns {@code open}, {@code active}, {@code closed}, {@code cancelled} or {@code disabled}. */
    public String state() {
        return state;
    }

    public String status() {
        return status;
    }

    /** Returns when its status last changed. */
    public Instant statusTime() {
        return statusTime;
    }

    public @Nullable String instance() {
        return instance;
    }

    /** Returns whether the spot request can still launch an instance and can be cancelled. */
    public boolean isAlive() {
        return state.equals("open") || state.equals("active") || state.equals("disabled");
    }

    void change(String state, String status, Instant now) {
        this.state = state;
        this.status = status;
        this.statusTime = now;
    }

    void fulfilledBy(@Nullable String instance) {
        this.instance = instance;
    }
}
