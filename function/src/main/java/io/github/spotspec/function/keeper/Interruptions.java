package io.github.spotspec.function.keeper;

import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Inventory;
import io.github.spotspec.function.ec2.OwnInstance;
import io.github.spotspec.function.ec2.OwnTags;
import io.github.spotspec.function.operator.Operator;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.sns.SnsClient;

/** EC2's notices about instances, and who is told of them. Thread-safe. */
final class Interruptions {
    private final Inventory inventory;
    private final OwnTags tags;
    private final SnsClient sns;
    private final String topicArn;

    /**
     * A notice.
     *
     * @param warning whether EC2 will take the instance back in two minutes; otherwise it only might, soon
     * @param action what EC2 will do: {@code terminate}, {@code stop} or {@code hibernate}; nothing for a recommendation
     */
    record Notice(String region, String instance, boolean warning, String action, Instant at) {}

    Interruptions(Inventory inventory, OwnTags tags, SnsClient sns, String topicArn) {
        this.inventory = inventory;
        this.tags = tags;
        this.sns = sns;
        this.topicArn = topicArn;
    }

    /**
     * Tells of a notice about an own instance at once, then marks the instance, so that launches avoid its pool for a while.
     *
     * @return the instance, or nothing if it is not the service's own
     * @throws Refusal if EC2 does not say whose it is
     */
    Optional<OwnInstance> tell(Notice notice, Operator operator) {
        List<OwnInstance> own = inventory.instances(notice.region(), List.of(notice.instance()), operator);
        if (own.isEmpty()) {
            return Optional.empty();
        }
        OwnInstance instance = own.getFirst();
        sns.publish(request -> request.topicArn(topicArn)
                .subject(subject(notice, instance))
                .message(message(notice, instance))
                .overrideConfiguration(operator::authorize));
        tags.markInterrupted(instance, notice.at(), operator);
        return Optional.of(instance);
    }

    private static String subject(Notice notice, OwnInstance instance) {
        return (notice.warning() ? "Spot interruption: " : "Spot interruption likely: ") + instance.id() + " "
                + instance.type() + " " + instance.zone();
    }

    private static String message(Notice notice, OwnInstance instance) {
        String what = notice.warning()
                ? "EC2 takes this spot instance back about two minutes after " + notice.at() + ", and will "
                        + notice.action() + " it."
                : "EC2 says that this spot instance is at elevated risk of interruption.";
        return String.join(
                "\n",
                what,
                "",
                "Instance: " + instance.id(),
                "Type: " + instance.type(),
                "Zone: " + instance.zone(),
                "Lease: " + instance.lease(),
                "Spot request: " + instance.spotRequest(),
                "Launched by: " + instance.caller(),
                "Launched at: " + instance.launched(),
                "Noticed at: " + notice.at());
    }
}
