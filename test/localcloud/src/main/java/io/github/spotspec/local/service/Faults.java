package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Visibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Faults that can be switched on: errors, slow responses, lost responses, delays before EC2 shows changes, and limits
 * on the rate of calls. Thread-safe.
 */
public final class Faults {
    /**
     * The name under which a launch that a fleet tries with one set of overrides can fail. Only
     * {@link Fault.ErrorResponse} has an effect there: the fleet reports its code.
     */
    public static final String FLEET_LAUNCH = "ec2fleet:RunInstances";

    /** A fault that affects a request. */
    public sealed interface Fault {
        /** The request gets an error and is not carried out. */
        record ErrorResponse(int status, String code, String message) implements Fault {}

        /** The request is carried out, and the response is late. */
        record DelayedResponse(Duration time) implements Fault {}

        /** The request is carried out, and the response is lost. */
        record LostResponse() implements Fault {}
    }

    /** Chooses the fault that affects a request. */
    @FunctionalInterface
    public interface Chooser {
        /**
         * Returns a fault, or null for none.
         *
         * @param action the action, such as {@code ec2:RunInstances}
         * @param region the region of the request
         */
        @Nullable
        Fault choose(String action, String region);
    }

    private record Next(String action, Fault fault) {}

    private static final Visibility AT_ONCE = region -> Duration.ZERO;

    private final List<Next> next = new ArrayList<>();
    private @Nullable Chooser chooser;
    private volatile Visibility visibility = AT_ONCE;
    private volatile boolean requestRatesLimited;

    /** Applies a fault to the next request for an action. Several faults apply one after the other. */
    public synchronized void next(String action, Fault fault) {
        next.add(new Next(action, fault));
    }

    /** Sets a chooser that decides on every request, or removes it if null. */
    public synchronized void choose(@Nullable Chooser chooser) {
        this.chooser = chooser;
    }

    /** Delays when EC2 shows what it creates or changes from now on. AWS calls this eventual consistency. */
    public void showAfter(Duration time) {
        showAfter(region -> time);
    }

    /** Delays when EC2 shows what it creates or changes from now on, with delays that differ by region. */
    public void showAfter(Visibility times) {
        visibility = times;
    }

    /** Returns how long EC2 takes to show what it creates or changes now in a region. */
    public Duration visibility(String region) {
        return visibility.delay(region);
    }

    /** Sets whether EC2 limits the rate of calls with its token buckets. */
    public void limitRequestRates(boolean limited) {
        requestRatesLimited = limited;
    }

    boolean requestRatesLimited() {
        return requestRatesLimited;
    }

    /** Removes all faults. */
    public synchronized void clear() {
        next.clear();
        chooser = null;
        visibility = AT_ONCE;
        requestRatesLimited = false;
    }

    @Nullable
    Fault faultFor(String action, String region) {
        Chooser current;
        synchronized (this) {
            for (Next one : next) {
                if (one.action().equals(action)) {
                    next.remove(one);
                    return one.fault();
                }
            }
            current = chooser;
        }
        return current == null ? null : current.choose(action, region);
    }
}
