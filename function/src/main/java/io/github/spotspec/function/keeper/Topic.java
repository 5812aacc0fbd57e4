package io.github.spotspec.function.keeper;

import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;

/** The SNS topic to which the keeper publishes. Thread-safe. */
final class Topic {
    private final SnsClient sns;
    private final String arn;

    /** What a message is about. Each message has it as its attribute {@code event}, for subscription filters. */
    enum Event {
        INTERRUPTION,
        REBALANCE_RECOMMENDATION,
        NOT_ENDED,
        LEASE_ENDING,
        IDLE;

        /** Returns the value of the attribute, such as {@code lease-ending}. */
        String attributeValue() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    Topic(SnsClient sns, String arn) {
        this.sns = sns;
        this.arn = arn;
    }

    /**
     * Publishes a message about an instance.
     *
     * @param title the start of the subject
     * @param text the start of the message
     * @throws software.amazon.awssdk.core.exception.SdkException if SNS does not accept it
     */
    void publish(Event event, String title, String text, ManagedInstance instance, AwsCallContext callContext) {
        publish(
                event,
                title + ": " + instance.id() + " " + instance.type() + " " + instance.zone(),
                String.join(
                        "\n",
                        text,
                        "",
                        "Instance: " + instance.id(),
                        "Type: " + instance.type(),
                        "Zone: " + instance.zone(),
                        "Region: " + instance.region(),
                        "Lease: " + instance.lease(),
                        "Spot request: " + instance.spotRequestId(),
                        "Launched by: " + instance.caller(),
                        "Launched at: " + instance.launchTime()),
                callContext);
    }

    /**
     * Publishes a message.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException if SNS does not accept it
     */
    void publish(Event event, String subject, String text, AwsCallContext callContext) {
        sns.publish(request -> request.topicArn(arn)
                .subject(subject)
                .message(text)
                .messageAttributes(Map.of(
                        "event",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue(event.attributeValue())
                                .build()))
                .overrideConfiguration(callContext::authorize));
    }
}
