package io.github.spotspec.local.cloudformation;

import io.github.spotspec.local.events.Events;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.state.Topics;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The resource types of AWS::Events and AWS::SNS. */
final class MessagingTypes {
    private final Events events;
    private final Topics topics;
    private final String account;

    MessagingTypes(Events events, Topics topics, String account) {
        this.events = events;
        this.topics = topics;
        this.account = account;
    }

    Map<String, ResourceType> all() {
        return Map.of(
                "AWS::Events::Rule",
                new Rule(),
                "AWS::SNS::Topic",
                new Topic(),
                "AWS::SNS::TopicPolicy",
                new TopicPolicy());
    }

    private final class Rule implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("Description", "EventPattern", "Name", "ScheduleExpression", "State", "Targets");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("Name");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("Name", wanted.name());
            String arn = "arn:aws:events:" + wanted.region() + ":" + account + ":rule/" + name;
            put(arn, wanted);
            return PhysicalResource.of(name, "Arn", arn);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            put(String.valueOf(made.attributes().get("Arn")), wanted);
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            events.delete(String.valueOf(made.attributes().get("Arn")));
        }

        private void put(String arn, ResourceSpec wanted) {
            Properties properties = wanted.properties();
            if (!properties.text("State", "ENABLED").equals("ENABLED")) {
                throw AwsError.unknown("rules that are not enabled");
            }
            events.put(new Events.Rule(
                    arn,
                    wanted.region(),
                    rate(properties.any("ScheduleExpression")),
                    pattern(properties),
                    targets(properties)));
        }

        private static @Nullable Duration rate(@Nullable Object expression) {
            if (expression == null) {
                return null;
            }
            String[] words =
                    expression.toString().replace("rate(", "").replace(")", "").split(" ");
            long number = Long.parseLong(words[0]);
            return switch (words.length < 2 ? "" : words[1]) {
                case "minute", "minutes" -> Duration.ofMinutes(number);
                case "hour", "hours" -> Duration.ofHours(number);
                case "day", "days" -> Duration.ofDays(number);
                default -> throw AwsError.unknown("the schedule " + expression);
            };
        }

        private static Map<String, List<String>> pattern(Properties properties) {
            Map<String, List<String>> pattern = new TreeMap<>();
            Properties given = properties.object("EventPattern", Set.of("source", "detail-type"));
            given.values().keySet().forEach(key -> pattern.put(key, given.strings(key)));
            return pattern;
        }

        private static List<Events.Target> targets(Properties properties) {
            List<Events.Target> targets = new ArrayList<>();
            for (Object target : properties.any("Targets") instanceof List<?> list ? list : List.of()) {
                Properties one = new Properties(Template.object(target));
                one.refuseUnknown("Targets", Set.of("Arn", "Id", "RoleArn"));
                String role = one.text("RoleArn", "");
                targets.add(new Events.Target(one.required("Arn"), role.isEmpty() ? null : role));
            }
            return targets;
        }
    }

    private final class Topic implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("DisplayName", "TopicName");
        }

        @Override
        public Set<String> replacing() {
            return Set.of("TopicName");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            String name = wanted.properties().text("TopicName", wanted.name());
            String arn = "arn:aws:sns:" + wanted.region() + ":" + account + ":" + name;
            topics.create(arn);
            return PhysicalResource.of(arn, "TopicArn", arn, "TopicName", name);
        }

        @Override
        public PhysicalResource update(PhysicalResource made, ResourceSpec wanted, Properties before) {
            return made;
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            topics.delete(made.id());
        }
    }

    private final class TopicPolicy implements ResourceType {
        @Override
        public Set<String> properties() {
            return Set.of("PolicyDocument", "Topics");
        }

        @Override
        public PhysicalResource create(ResourceSpec wanted) {
            PolicyDocument policy = PolicyDocument.parse(wanted.properties().any("PolicyDocument"));
            wanted.properties().strings("Topics").forEach(topic -> topics.policy(topic, List.of(policy)));
            return PhysicalResource.of(wanted.name(), "Id", wanted.name());
        }

        @Override
        public void delete(PhysicalResource made, Properties properties) {
            properties.strings("Topics").stream()
                    .filter(topics.arns()::contains)
                    .forEach(topic -> topics.policy(topic, List.of()));
        }
    }
}
