package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Visibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Faults that can be switched on: errors, slowness, answers that get lost, and what EC2 does not show yet. Thread-safe. */
public final class Faults {
    /** What goes wrong with a request. */
    public sealed interface Fault {
        /** It is answered with an error, and not carried out. */
        record Refused(int status, String code, String message) implements Fault {}

        /** It is carried out, and answered late. */
        record Slow(Duration time) implements Fault {}

        /** It is carried out, and its answer is lost. */
        record Lost() implements Fault {}
    }

    /** Decides what goes wrong with a request. */
    @FunctionalInterface
    public interface Chooser {
        /**
         * Chooses a fault, or none.
         *
         * @param action for example {@code ec2:RunInstances}
         * @param region where it is asked for
         */
        @Nullable
        Fault choose(String action, String region);
    }

    private record Next(String action, Fault fault) {}

    private static final Visibility AT_ONCE = region -> Duration.ZERO;

    private final List<Next> next = new ArrayList<>();
    private @Nullable Chooser chooser;
    private volatile Visibility visibility = AT_ONCE;

    /** Lets the next request for an action go wrong; several wait in turn. */
    public synchronized void next(String action, Fault fault) {
        next.add(new Next(action, fault));
    }

    /** Lets a chooser decide on every request, until it is taken away with null. */
    public synchronized void choose(@Nullable Chooser chooser) {
        this.chooser = chooser;
    }

    /** Lets EC2 show what it makes or changes from now on only after a time; AWS calls that eventual consistency. */
    public void showAfter(Duration time) {
        showAfter(region -> time);
    }

    /** Lets EC2 show what it makes or changes from now on after times that differ by region. */
    public void showAfter(Visibility times) {
        visibility = times;
    }

    /** Returns how long EC2 takes to show what it makes or changes now in a region. */
    public Duration visibility(String region) {
        return visibility.delay(region);
    }

    /** Takes all faults away. */
    public synchronized void clear() {
        next.clear();
        chooser = null;
        visibility = AT_ONCE;
    }

    @Nullable
    Fault of(String action, String region) {
        Chooser asked;
        synchronized (this) {
            for (Next one : next) {
                if (one.action().equals(action)) {
                    next.remove(one);
                    return one.fault();
                }
            }
            asked = chooser;
        }
        return asked == null ? null : asked.choose(action, region);
    }
}
