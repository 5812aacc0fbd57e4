package io.github.spotspec.function.keeper;

import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.ec2.ManagedTags;
import io.github.spotspec.function.ec2.VisibilityWait;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.termination.TerminationResult;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes EC2's notices about managed instances, and instances that the keeper may not end, to the SNS topic. Tags
 * interrupted instances. Thread-safe.
 */
final class InterruptionPublisher {
    private final Inventory inventory;
    private final ManagedTags tags;
    private final Topic topic;

    /**
     * A notice from EC2 about an instance.
     *
     * @param warning whether EC2 will interrupt the instance: in two minutes, or at once if it hibernates it; otherwise
     *     EC2 only sees a higher risk of interruption
     * @param action what EC2 will do: {@code terminate}, {@code stop} or {@code hibernate}; empty for a recommendation
     * @param at when EC2 sent the notice
     */
    record Notice(String region, String instance, boolean warning, String action, Instant at) {}

    InterruptionPublisher(Inventory inventory, ManagedTags tags, Topic topic) {
        this.inventory = inventory;
        this.tags = tags;
        this.topic = topic;
    }

    /**
     * Publishes a notice about a managed instance at once.
     *
     * @return the instance, or empty if it is not a managed instance
     * @throws ServiceException if EC2 does not say whether the instance is managed
     * @throws software.amazon.awssdk.core.exception.SdkException if SNS does not accept the message
     */
    Optional<ManagedInstance> publish(Notice notice, AwsCallContext callContext) {
        ManagedInstance instance = managedInstance(notice, callContext);
        if (instance == null) {
            return Optional.empty();
        }
        topic.publish(
                notice.warning() ? Topic.Event.INTERRUPTION : Topic.Event.REBALANCE_RECOMMENDATION,
                notice.warning() ? "Spot interruption" : "Spot interruption likely",
                what(notice) + "\n\nNotice at: " + notice.at(),
                instance,
                callContext);
        return Optional.of(instance);
    }

    /**
     * Returns the instance that a notice is about, or null if it is not a managed instance. Waits, because EC2 may not
     * show a new instance yet.
     */
    private @Nullable ManagedInstance managedInstance(Notice notice, AwsCallContext callContext) {
        List<String> id = List.of(notice.instance());
        VisibilityWait wait = new VisibilityWait(callContext);
        do {
            List<ManagedInstance> own = inventory.instances(notice.region(), id, callContext);
            if (!own.isEmpty()) {
                return own.getFirst();
            }
            // An instance that EC2 shows without the tag is not managed, because launches set the tag.
        } while (inventory.instancesWithAnyTag(notice.region(), id, callContext).isEmpty() && wait.pauseUnlessOver());
        return null;
    }

    /**
     * Marks an instance that got a notice, so that launches avoid its pool for a while.
     *
     * @throws ServiceException if EC2 does not set the tag
     */
    void mark(ManagedInstance instance, Notice notice, AwsCallContext callContext) {
        tags.markInterrupted(instance, notice.at(), callContext);
    }

    /**
     * Publishes that an instance runs without the deployment's tag, so that the keeper may not end it.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException if SNS does not accept the message
     */
    void publishUntagged(TerminationResult left, AwsCallContext callContext) {
        topic.publish(
                Topic.Event.NOT_ENDED,
                "Not ended: " + left.instanceId(),
                String.join(
                        "\n",
                        "This instance belongs to one of the service's spot requests and is running, but lacks the"
                                + " service's tag, so the keeper may not end it. EC2 does not tag what a persistent"
                                + " request launches again. End it manually.",
                        "",
                        "Instance: " + left.instanceId(),
                        "Region: " + left.region(),
                        "Spot request: " + left.spotRequestId() + ", " + left.spotRequestState()),
                callContext);
    }

    private static String what(Notice notice) {
        if (!notice.warning()) {
            return "EC2 reports that this Spot Instance is at elevated risk of interruption.";
        }
        return notice.action().equals("hibernate")
                ? "EC2 is hibernating this Spot Instance. Hibernation began at " + notice.at()
                        + ", without a two-minute notice."
                : "EC2 will take this Spot Instance back about two minutes after " + notice.at() + ", and "
                        + notice.action() + " it.";
    }
}
