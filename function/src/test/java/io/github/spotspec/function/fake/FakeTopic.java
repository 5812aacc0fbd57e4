package io.github.spotspec.function.fake;

import java.util.ArrayList;
import java.util.List;

/** Simple Notification Service with one topic. Thread-safe. */
public final class FakeTopic {
    /** A published message. */
    public record Message(String topic, String subject, String text) {}

    private final List<Message> messages = new ArrayList<>();
    private boolean refuses;

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Rejects all messages from now on. */
    public synchronized void refuses() {
        refuses = true;
    }

    synchronized Said answer(Asked asked) {
        if (refuses) {
            return new Said(
                    403,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error>"
                            + "</ErrorResponse>");
        }
        messages.add(new Message(asked.text("TopicArn"), asked.text("Subject"), asked.text("Message")));
        return new Said(
                200,
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId>"
                        + "</PublishResult></PublishResponse>");
    }
}
