package io.github.spotspec.local.ec2;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An instance. Only {@link InstanceStore} changes it, under its lock. */
public final class Instance {
    /** The region whose DNS names do not contain the region. */
    private static final String FIRST_REGION = "us-east-1";

    private static final Duration SHUTTING_DOWN = Duration.ofMillis(150);

    /** A volume of an instance. */
    public record Volume(String id, LaunchSpecification.NewVolume made, Map<String, String> tags) {}

    private final String id;
    private final String reservation;
    private final LaunchSpecification launchSpecification;
    private final @Nullable String spotRequest;
    private volatile Instant launched;
    private final Instant visible;
    private final Instant runsAt;
    private final Addresses addresses;
    private final List<Volume> volumes;
    private final TagSet tags;
    private final SerialConsole console;
    private final PushedKeys pushedKeys = new PushedKeys();
    private volatile State state = State.PENDING;
    private volatile Instant changed;
    private volatile @Nullable String stateReason;
    private volatile ChargeEnd chargeEnd;
    private volatile boolean endTimeHidden;

    /**
     * The IPv4 addresses of an instance.
     *
     * @param publicIp the public address, or null if its subnet gives none
     */
    public record Addresses(String privateIp, @Nullable String publicIp) {}

    /**
     * The change of state since which an instance costs nothing.
     *
     * @param reason EC2's code of its reason, or null if the instance still runs
     */
    record ChargeEnd(Instant at, @Nullable String reason) {}

    /** The states of an instance. */
    public enum State {
        PENDING(0, "pending"),
        RUNNING(16, "running"),
        SHUTTING_DOWN(32, "shutting-down"),
        TERMINATED(48, "terminated"),
        STOPPED(80, "stopped");

        private final int code;
        private final String ec2Name;

        State(int code, String word) {
            this.code = code;
            this.ec2Name = word;
        }

        public int code() {
            return code;
        }

        public String ec2Name() {
            return ec2Name;
        }
    }

    Instance(
            String id,
            String reservation,
            LaunchSpecification spec,
            @Nullable String spotRequest,
            Instant launched,
            Instant visible,
            Instant runsAt,
            Addresses addresses,
            List<Volume> volumes,
            Map<String, String> tags) {
        this.id = id;
        this.reservation = reservation;
        this.launchSpecification = spec;
        this.spotRequest = spotRequest;
        this.launched = launched;
        this.visible = visible;
        this.runsAt = runsAt;
        this.addresses = addresses;
        this.volumes = volumes;
        this.tags = new TagSet(tags);
        this.console = new SerialConsole(launched);
        this.changed = launched;
        this.chargeEnd = new ChargeEnd(launched, null);
    }

    public String id() {
        return id;
    }

    public String reservation() {
        return reservation;
    }

    public LaunchSpecification launchSpecification() {
        return launchSpecification;
    }

    public @Nullable String spotRequest() {
        return spotRequest;
    }

    public Instant launched() {
        return launched;
    }

    /** Moves the launch, and the stop if there was one, into the past, for tests that cannot wait. */
    void backdate(Duration by) {
        launched = launched.minus(by);
        if (state == State.STOPPED) {
            changed = changed.minus(by);
            chargeEnd = new ChargeEnd(changed, stateReason);
        }
    }

    public String privateIp() {
        return addresses.privateIp();
    }

    /**
     * Returns the public address that EC2 shows, or null. An instance has one once it runs, and EC2 takes it back when
     * it stops the instance (EC2 user guide, "Amazon EC2 instance IP addressing").
     */
    public @Nullable String publicIp(Instant now) {
        return state(now) == State.RUNNING ? addresses.publicIp() : null;
    }

    /**
     * Returns the private DNS name that EC2 shows, or an empty text. It is available once the instance runs (EC2 API
     * reference, "Instance"; EC2 user guide, "EC2 instance hostnames and domains").
     */
    public String privateDnsName(Instant now) {
        if (state(now) == State.PENDING || state(now) == State.TERMINATED) {
            return "";
        }
        String region = launchSpecification.region();
        return "ip-" + addresses.privateIp().replace('.', '-')
                + (region.equals(FIRST_REGION) ? ".ec2.internal" : "." + region + ".compute.internal");
    }

    /** Returns the public DNS name that EC2 shows, or an empty text if the instance has none. */
    public String publicDnsName(Instant now) {
        String publicIp = publicIp(now);
        if (publicIp == null || !launchSpecification.subnet().hasDnsHostnames()) {
            return "";
        }
        String region = launchSpecification.region();
        return "ec2-" + publicIp.replace('.', '-')
                + (region.equals(FIRST_REGION) ? ".compute-1" : "." + region + ".compute") + ".amazonaws.com";
    }

    /** Returns EC2's code of the reason for the last change of state, or null if there is none. */
    public @Nullable String stateReason() {
        return stateReason;
    }

    /**
     * Returns EC2's text on its last change of state, or an empty text. EC2 documents neither the text nor for which
     * changes it has one. Users report these two with the time, and none for an instance that shuts itself down.
     */
    public String stateTransitionReason() {
        String reason = stateReason;
        if (reason == null || reason.equals("Client.InstanceInitiatedShutdown")) {
            return "";
        }
        String text = (reason.startsWith("Server.") ? "Service" : "User") + " initiated";
        return endTimeHidden
                ? text
                : text + " ("
                        + changed.truncatedTo(ChronoUnit.SECONDS)
                                .toString()
                                .replace('T', ' ')
                                .replace("Z", " GMT") + ")";
    }

    void hideEndTime() {
        endTimeHidden = true;
    }

    /** Returns when its state last changed, or its launch. */
    public Instant changed() {
        return changed;
    }

    public List<Volume> volumes() {
        return volumes;
    }

    public Map<String, String> tags() {
        return tags.all();
    }

    /** Returns the keys that EC2 Instance Connect pushed to it. */
    public PushedKeys pushedKeys() {
        return pushedKeys;
    }

    /** Returns its serial console, to which tests write what a program on the instance would. */
    public SerialConsole console() {
        return console;
    }

    /** Returns the tags that EC2 shows. */
    public Map<String, String> shownTags(Instant now) {
        return tags.shown(now);
    }

    TagSet tagSet() {
        return tags;
    }

    /** Returns the state, including changes that are due at the given time. */
    public State state(Instant now) {
        return switch (state) {
            case PENDING -> now.isAfter(runsAt) ? State.RUNNING : State.PENDING;
            case SHUTTING_DOWN ->
                Duration.between(changed, now).compareTo(SHUTTING_DOWN) >= 0 ? State.TERMINATED : State.SHUTTING_DOWN;
            default -> state;
        };
    }

    /** Returns whether it is neither ending nor ended. */
    public boolean isAlive() {
        return state != State.SHUTTING_DOWN && state != State.TERMINATED;
    }

    /** Returns whether EC2 shows the instance. EC2 shows a new instance after a delay. */
    boolean isVisible(Instant now) {
        return !now.isBefore(visible);
    }

    /** Returns the change that stopped or ended it. EC2 no longer shows the first if it did both. */
    ChargeEnd chargeEnd() {
        return chargeEnd;
    }

    void change(State state, String reason, Instant now) {
        if (this.state != State.STOPPED) {
            chargeEnd = new ChargeEnd(now, reason);
        }
        this.state = state;
        this.stateReason = reason;
        this.changed = now;
        if (isAlive()) {
            console.post(now);
        } else {
            console.end(now);
        }
    }
}
