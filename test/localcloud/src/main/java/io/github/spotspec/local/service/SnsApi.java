package io.github.spotspec.local.service;

import io.github.spotspec.local.state.Topics;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** The API of Amazon Simple Notification Service. */
final class SnsApi extends QueryApi {
    private static final int MAX_SUBJECT = 100;

    private final Topics topics;

    SnsApi(Topics topics) {
        super("http://sns.amazonaws.com/doc/2010-03-31/");
        this.topics = topics;
    }

    @Override
    public String service() {
        return "sns";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("Publish", this::publish);
    }

    private Consumer<Xml> publish(ApiCall call, Params params) {
        String topic = params.required("TopicArn");
        String subject = params.text("Subject", "");
        String message = params.required("Message");
        Map<String, String> attributes = attributes(params);
        call.authorize("sns:Publish", topic, Map.of(), topics.policies(topic));
        if (subject.length() > MAX_SUBJECT || subject.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
            throw new AwsError(400, "InvalidParameter", "Invalid parameter: Subject");
        }
        topics.publish(topic, new Topics.Message(subject, message, attributes));
        return xml -> xml.put("MessageId", UUID.randomUUID());
    }

    /** Reads the attributes of a message. SNS also has attributes that are lists, numbers or bytes. */
    private static Map<String, String> attributes(Params params) {
        Map<String, String> attributes = new TreeMap<>();
        for (int i = 1; i <= params.count("MessageAttributes.entry"); i++) {
            String prefix = "MessageAttributes.entry." + i + ".";
            String type = params.required(prefix + "Value.DataType");
            if (!type.equals("String")) {
                throw AwsError.unknown("a message attribute of type " + type);
            }
            attributes.put(params.required(prefix + "Name"), params.required(prefix + "Value.StringValue"));
        }
        return attributes;
    }
}
