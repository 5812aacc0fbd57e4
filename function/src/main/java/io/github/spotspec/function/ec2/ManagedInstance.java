package io.github.spotspec.function.ec2;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance that the deployment launched.
 *
 * @param id the instance id
 * @param type the instance type
 * @param state EC2's name of the state, for example {@code running}
 * @param spotRequestId the id of its spot request, or null if it is an On-Demand Instance
 * @param tags the values of its tags; its lease is null only if the instance has ended and its tag is gone
 */
public record ManagedInstance(
        String region,
        String id,
        String type,
        String zone,
        String state,
        @Nullable String spotRequestId,
        Details details,
        TagValues tags) {

    /**
     * What else EC2 shows of an instance.
     *
     * @param zoneId the id of its zone, which is the same in every account, or null if EC2 does not return it
     * @param launchTime when it was launched, or null if EC2 does not return it
     * @param imageId the image that it was launched from
     * @param product EC2's product description of what runs on it, or null if EC2 has no spot price for it
     * @param lastChange its last change of state
     * @param keptVolumes the volumes that outlive it
     * @param spot whether EC2 says that it is a Spot Instance
     */
    public record Details(
            @Nullable String zoneId,
            @Nullable Instant launchTime,
            String imageId,
            @Nullable String product,
            @Nullable String keyName,
            Addresses addresses,
            StateChange lastChange,
            List<String> keptVolumes,
            boolean spot) {}

    /**
     * The last change of an instance's state.
     *
     * @param reason EC2's code of the reason, or null if EC2 returns none
     * @param at when it was initiated, or null if EC2 does not say
     */
    public record StateChange(
            @Nullable String reason, @Nullable Instant at) {
        /** Not known, or none yet. */
        public static final StateChange NONE = new StateChange(null, null);
    }

    /** The addresses and DNS names of an instance. Each is null if EC2 returns none. */
    public record Addresses(
            @Nullable String privateIp,
            @Nullable String publicIp,
            @Nullable String ipv6,
            @Nullable String privateDnsName,
            @Nullable String publicDnsName) {
        /** Not known, or none yet. */
        public static final Addresses NONE = new Addresses(null, null, null, null, null);
    }

    /** Sorts by launch time, oldest first; instances without a launch time come last. */
    public static final Comparator<ManagedInstance> OLDEST_FIRST = Comparator.comparing(
                    ManagedInstance::launchTime, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(ManagedInstance::id);

    /** Sorts by launch time, newest first; instances without a launch time come last. */
    public static final Comparator<ManagedInstance> NEWEST_FIRST = Comparator.comparing(
                    ManagedInstance::launchTime, Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(ManagedInstance::id);

    /** Returns whether it is a Spot Instance rather than an On-Demand Instance. */
    public boolean isSpot() {
        return spotRequestId != null || details.spot();
    }

    /** Returns its tag {@code Name}, which AWS's console shows as the name of an instance, or null if it has none. */
    public @Nullable String name() {
        return tags.own().get("Name");
    }

    public @Nullable Instant launchTime() {
        return details.launchTime();
    }

    /** Returns whether it was launched after a time, or may have been, because EC2 does not return its launch time. */
    public boolean mayBeLaunchedAfter(Instant time) {
        return details.launchTime() == null || details.launchTime().isAfter(time);
    }

    /** Returns whether EC2 says that it runs. */
    public boolean isRunning() {
        return state.equals("running");
    }

    /** Returns whether EC2 says that it has stopped, or is stopping. */
    public boolean isStopped() {
        return state.equals("stopped") || state.equals("stopping");
    }

    public List<String> keptVolumes() {
        return details.keptVolumes();
    }

    public @Nullable Instant lease() {
        return tags.lease();
    }

    public @Nullable String launchTag() {
        return tags.launchTag();
    }

    public @Nullable String caller() {
        return tags.caller();
    }

    public @Nullable Instant interruptedAt() {
        return tags.marks().interruptedAt();
    }

    /** Returns the maximum price that its launch set, in US dollars per hour, or null if it set none. */
    public @Nullable BigDecimal maxPrice() {
        return tags.maxPrice();
    }

    /** Returns the end of the lease that the keeper last warned of, or null if it did not warn. */
    public @Nullable Instant warnedOf() {
        return tags.marks().warnedOf();
    }

    public TagValues.Idle idle() {
        return tags.idle();
    }

    /** Returns whether the keeper has logged the receipt of its last run. */
    public boolean hasReceipt() {
        Instant receipt = tags.marks().receiptAt();
        return receipt != null && !isBeforeLastStart(receipt);
    }

    /** Returns whether a time is before it was last started. */
    public boolean isBeforeLastStart(Instant time) {
        Instant started = launchTime();
        return started != null && time.isBefore(started);
    }

    /** Returns the same instance with the given end of its lease. */
    ManagedInstance withLease(Instant end) {
        return new ManagedInstance(region, id, type, zone, state, spotRequestId, details, tags.withLease(end));
    }

    /** Returns the same instance with its state before the service ended it. */
    public ManagedInstance withBeforeEnd(StateBeforeEnd before) {
        return new ManagedInstance(region, id, type, zone, state, spotRequestId, details, tags.withBeforeEnd(before));
    }

    /** Returns the state of an ended instance before the service ended it, or null if that is unknown. */
    public @Nullable StateBeforeEnd beforeEnd() {
        StateBeforeEnd before = tags.marks().beforeEnd();
        return before == null
                        || isAlive()
                        || !before.isPlausible(
                                launchTime(), details.lastChange().at())
                ? null
                : before;
    }

    /**
     * Returns the change of state since which it costs nothing: the last one, or the one before if it had stopped when
     * the service ended it.
     */
    public StateChange chargedUntil() {
        StateBeforeEnd before = beforeEnd();
        return before == null || !before.stopped()
                ? details.lastChange()
                : new StateChange(before.reason(), before.at());
    }

    /** Returns whether it costs something per hour now: it is alive and has not stopped. */
    public boolean isCharged() {
        return isAlive() && !isStopped();
    }

    /** Returns whether it may still cost money, that is, whether it is neither shutting down nor terminated. */
    public boolean isAlive() {
        return !state.equals("shutting-down") && !state.equals("terminated");
    }
}
