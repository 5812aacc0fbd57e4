package io.github.spotspec.function.fake;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Simple Notification Service with one topic. Thread-safe. */
public final class FakeTopic {
    /**
     * A published message.
     *
     * @param event the message attribute of this name
     */
    public record Message(String topic, String event, String subject, String text) {}

    private final List<Message> messages = new ArrayList<>();
    private boolean rejectMessages;
    private @Nullable String rejectMessageAbout;

    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Rejects all messages from now on. */
    public synchronized void rejectMessages() {
        rejectMessages = true;
    }

    /** Rejects the messages with a text in their subject from now on, or none if it is null. */
    public synchronized void rejectMessagesAbout(@Nullable String subject) {
        rejectMessageAbout = subject;
    }

    synchronized AwsResponse answer(AwsCall call) {
        if (rejectMessages
                || (rejectMessageAbout != null && call.text("Subject").contains(rejectMessageAbout))) {
            return new AwsResponse(
                    403,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error>"
                            + "</ErrorResponse>");
        }
        messages.add(new Message(
                call.text("TopicArn"),
                call.text("MessageAttributes.entry.1.Value.StringValue"),
                call.text("Subject"),
                call.text("Message")));
        return new AwsResponse(
                200,
                "<PublishResponse"
                        + " xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId>"
                        + "</PublishResult></PublishResponse>");
    }
}
