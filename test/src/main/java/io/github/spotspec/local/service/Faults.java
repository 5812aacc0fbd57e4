package io.github.spotspec.local.service;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Faults that can be switched on: errors, slowness, and answers that get lost. Thread-safe. */
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

    private final List<Next> next = new ArrayList<>();
    private @Nullable Chooser chooser;

    /** Lets the next request for an action go wrong; several wait in turn. */
    public synchronized void next(String action, Fault fault) {
        next.add(new Next(action, fault));
    }

    /** Lets a chooser decide on every request, until it is taken away with null. */
    public synchronized void choose(@Nullable Chooser chooser) {
        this.chooser = chooser;
    }

    /** Takes all faults away. */
    public synchronized void clear() {
        next.clear();
        chooser = null;
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
