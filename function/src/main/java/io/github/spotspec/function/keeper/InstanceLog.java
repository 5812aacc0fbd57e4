package io.github.spotspec.function.keeper;

import com.amazonaws.services.lambda.runtime.Context;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.ec2.ManagedInstance;
import io.github.spotspec.function.runtime.AwsCallContext;
import io.github.spotspec.function.runtime.FunctionLog;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Publishes warnings of instances and tags instances, and logs what fails, because the next sweep tries again.
 * Thread-safe.
 */
final class InstanceLog {
    private final FunctionLog log;

    InstanceLog(FunctionLog log) {
        this.log = log;
    }

    /**
     * A warning of an instance.
     *
     * @param title the start of the subject
     * @param text the start of the message
     * @param field the name of a field of the log line
     * @param value the value of that field
     */
    record Warning(
            Topic.Event event, ManagedInstance instance, String title, String text, String field, Instant value) {}

    /** Publishes a warning, and returns whether the topic accepted it. */
    boolean publish(Warning warning, Topic topic, AwsCallContext callContext, Instant now, Context context) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", warning.event().attributeValue());
        fields.put("region", warning.instance().region());
        fields.put("instance", warning.instance().id());
        fields.put(warning.field(), warning.value().toString());
        if (callContext.deadline().isOver()) {
            log.line("ERROR", "There was no time to publish a warning.", now, context, fields);
            return false;
        }
        try {
            topic.publish(warning.event(), warning.title(), warning.text(), warning.instance(), callContext);
        } catch (SdkException failure) {
            fields.put("exception", failure.getClass().getName());
            log.line("ERROR", "A warning could not be published.", now, context, fields);
            return false;
        }
        log.line("INFO", warning.event().attributeValue(), now, context, fields);
        return true;
    }

    /**
     * Tags instances in a region.
     *
     * @param tagging sets the tag, and returns why it could not be set on some, by id
     * @param level the level at which failures are logged
     * @param message what a failure means
     */
    void tag(
            String region,
            List<String> ids,
            Supplier<Map<String, ServiceException>> tagging,
            String level,
            String message,
            Instant now,
            Context context) {
        Map<String, ServiceException> failures;
        try {
            failures = tagging.get();
        } catch (ServiceException failure) {
            failures = new LinkedHashMap<>();
            for (String id : ids) {
                failures.put(id, failure);
            }
        }
        failures.forEach((id, failure) -> log.line(
                level,
                message,
                now,
                context,
                Map.of(
                        "region",
                        region,
                        "instance",
                        id,
                        "reason",
                        failure.errorCode().code(),
                        "details",
                        failure.details())));
    }
}
