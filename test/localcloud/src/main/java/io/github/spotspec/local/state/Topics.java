package io.github.spotspec.local.state;

import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.wire.AwsError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The topics of SNS, and the messages that were published to them. Thread-safe. */
public final class Topics {
    /** A published message. */
    public record Message(String subject, String text, Map<String, String> attributes) {
        public Message {
            attributes = Map.copyOf(attributes);
        }
    }

    private static final class Topic {
        private final List<Message> messages = new ArrayList<>();
        private final List<PolicyDocument> policies = new ArrayList<>();
    }

    private final Map<String, Topic> topics = new TreeMap<>();

    public synchronized void create(String arn) {
        topics.put(arn, new Topic());
    }

    public synchronized void delete(String arn) {
        topics.remove(arn);
    }

    /** Replaces a topic's policies. */
    public synchronized void policy(String arn, List<PolicyDocument> policies) {
        Topic topic = topic(arn);
        topic.policies.clear();
        topic.policies.addAll(policies);
    }

    public synchronized List<PolicyDocument> policies(String arn) {
        return List.copyOf(topic(arn).policies);
    }

    public synchronized void publish(String arn, Message message) {
        topic(arn).messages.add(message);
    }

    /** Returns the messages that were published to a topic. */
    public synchronized List<Message> messages(String arn) {
        return List.copyOf(topic(arn).messages);
    }

    /** Returns the ARNs of all topics. */
    public synchronized List<String> arns() {
        return List.copyOf(topics.keySet());
    }

    private Topic topic(String arn) {
        Topic topic = topics.get(arn);
        if (topic == null) {
            throw new AwsError(404, "NotFound", "Topic does not exist");
        }
        return topic;
    }
}
