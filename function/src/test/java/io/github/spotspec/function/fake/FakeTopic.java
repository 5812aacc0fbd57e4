package io.github.spotspec.function.fake;

import java.util.ArrayList;
import java.util.List;

/** Simple Notification Service with one topic. Thread-safe. */
public final class FakeTopic {
    /** A published message. */
    public record Message(String topic, String subject, String text) {}

    private final List<Message> messages = new ArrayList<>();
    private boolean rejectMessages;

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Rejects all messages from now on. */
    public synchronized void rejectMessages() {
        rejectMessages = true;
    }

    synchronized AwsResponse answer(AwsCall call) {
        if (rejectMessages) {
            return new AwsResponse(
                    403,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error>"
                            + "</ErrorResponse>");
        }
        messages.add(new Message(call.text("TopicArn"), call.text("Subject"), call.text("Message")));
        return new AwsResponse(
                200,
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId>"
                        + "</PublishResult></PublishResponse>");
    }
}
