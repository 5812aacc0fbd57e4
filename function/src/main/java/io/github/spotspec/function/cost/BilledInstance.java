package io.github.spotspec.function.cost;

import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedSpotRequest;
import io.github.spotspec.function.ec2.StateBeforeEnd;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instance, and what says when and why it stopped costing something. Immutable.
 *
 * @param request its spot request, or null if it has none, or EC2 was not asked
 */
public record BilledInstance(
        ManagedInstance instance, @Nullable ManagedSpotRequest request) {
    /** Returns an instance of which only EC2's answer is known. */
    public static BilledInstance of(ManagedInstance instance) {
        return new BilledInstance(instance, null);
    }

    /** Returns when it ended or stopped, or null if EC2 does not say. */
    public @Nullable Instant end() {
        Instant changed = instance.chargedUntil().at();
        StateBeforeEnd before = instance.beforeEnd();
        // The request's status says when the instance ended, and not when it stopped before.
        boolean stoppedBefore = before != null && before.stopped();
        return changed == null && request != null && !stoppedBefore ? request.instanceEndNoticed() : changed;
    }

    /** Returns EC2's code of why it ended or stopped, or null if EC2 does not say. */
    @Nullable
    String reason() {
        return instance.chargedUntil().reason();
    }

    /** Returns whether EC2 took the capacity of a Spot Instance back (EC2 API reference, "StateReason"). */
    boolean isInterrupted() {
        return !instance.isCharged()
                && instance.isSpot()
                && ("Server.SpotInstanceTermination".equals(reason())
                        || "Server.SpotInstanceShutdown".equals(reason()));
    }

    /**
     * Returns whether it may have been stopped for an unknown time before somebody ended it. Only Spot Instances with a
     * persistent request can be stopped, and EC2 shows only the last change of an instance.
     */
    public boolean mayHaveStoppedBefore() {
        return !instance.isAlive()
                && instance.beforeEnd() == null
                && request != null
                && request.persistent()
                && "Client.UserInitiatedShutdown".equals(reason());
    }
}
