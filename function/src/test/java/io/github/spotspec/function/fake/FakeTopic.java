package io.github.spotspec.function.fake;

import java.util.ArrayList;
import java.util.List;

/** Simple Notification Service with one topic. Thread-safe. */
public final class FakeTopic {
    /** What was published. */
    public record Message(String topic, String subject, String text) {}

    private final List<Message> messages = new ArrayList<>();

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    synchronized Said answer(Asked asked) {
        messages.add(new Message(asked.text("TopicArn"), asked.text("Subject"), asked.text("Message")));
        return new Said(
                200,
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId>"
                        + "</PublishResult></PublishResponse>");
    }
}
