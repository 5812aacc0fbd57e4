package io.github.spotspec.local.events;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyEvaluator;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.wire.AwsError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The default event buses of every region, and their rules. Targets receive an event at once, one after the other.
 * Thread-safe.
 */
public final class Events {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SERVICE = "events.amazonaws.com";
    private static final int TOO_MANY_REQUESTS = 429;

    /** The maximum number of attempts. Lambda retries a failed asynchronous invocation twice. */
    private static final int MAX_ATTEMPTS = 3;

    /** The initial and the maximum delay before Lambda retries a throttled asynchronous invocation. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private static final Duration MAX_PAUSE = Duration.ofMinutes(5);

    /** A target of a rule: a function, or the event bus of another region, which requires a role. */
    public record Target(String arn, @Nullable String roleArn) {}

    /**
     * A rule.
     *
     * @param rate how often the rule fires, or null if it matches events
     * @param pattern the accepted values for each key of an event; empty if the rule fires on a schedule
     */
    public record Rule(
            String arn,
            String region,
            @Nullable Duration rate,
            Map<String, List<String>> pattern,
            List<Target> targets) {}

    private final Authorizer authorizer;
    private final Functions functions;
    private final LambdaHost host;
    private final InstantSource clock;
    private final Map<String, Rule> rules = new TreeMap<>();
    private final Map<String, Instant> fired = new TreeMap<>();

    public Events(Authorizer authorizer, Functions functions, LambdaHost host, InstantSource clock) {
        this.authorizer = authorizer;
        this.functions = functions;
        this.host = host;
        this.clock = clock;
    }

    public synchronized void put(Rule rule) {
        rules.put(rule.arn(), rule);
        fired.put(rule.arn(), clock.instant());
    }

    public synchronized void delete(String arn) {
        rules.remove(arn);
        fired.remove(arn);
    }

    /** Returns the ARNs of all rules. */
    public synchronized List<String> ruleArns() {
        return List.copyOf(rules.keySet());
    }

    /**
     * Fires schedules now, whether they are due or not. At least one must match.
     *
     * @param name the prefix of the schedules' names: the name of their stack, optionally with more characters
     * @return whether all targets have succeeded; otherwise one has failed, or is still to be retried
     */
    public boolean fireSchedules(String name) {
        List<Rule> schedules = all().stream()
                .filter(rule -> rule.rate() != null && rule.arn().contains(":rule/" + name))
                .toList();
        if (schedules.isEmpty()) {
            throw new IllegalArgumentException("no schedule of " + name);
        }
        boolean succeeded = true;
        for (Rule schedule : schedules) {
            succeeded &= fire(schedule);
        }
        return succeeded;
    }

    /** Fires the schedules that are due. */
    public void fireDueSchedules() {
        for (Rule rule : all()) {
            boolean due;
            synchronized (this) {
                Instant last = fired.getOrDefault(rule.arn(), clock.instant());
                due = rule.rate() != null && !clock.instant().isBefore(last.plus(rule.rate()));
            }
            if (due) {
                fire(rule);
            }
        }
    }

    /** Publishes an EC2 event about an instance, in the instance's region. */
    public void ec2(String region, String detailType, String instance, @Nullable String action) {
        ObjectNode event = event(region, "aws.ec2", detailType);
        event.putArray("resources").add("arn:aws:ec2:" + region + ":" + account() + ":instance/" + instance);
        ObjectNode detail = event.putObject("detail").put("instance-id", instance);
        if (action != null) {
            detail.put("instance-action", action);
        }
        deliver(region, event);
    }

    private boolean fire(Rule rule) {
        synchronized (this) {
            fired.put(rule.arn(), clock.instant());
        }
        ObjectNode event = event(rule.region(), "aws.events", "Scheduled Event");
        event.putArray("resources").add(rule.arn());
        event.putObject("detail");
        return send(rule, event);
    }

    private void deliver(String region, ObjectNode event) {
        all().stream()
                .filter(rule -> rule.region().equals(region) && !rule.pattern().isEmpty())
                .filter(rule -> rule.pattern().entrySet().stream()
                        .allMatch(key ->
                                key.getValue().contains(event.path(key.getKey()).asText())))
                .forEach(rule -> send(rule, event));
    }

    /** Returns whether all functions have succeeded. */
    private boolean send(Rule rule, ObjectNode event) {
        boolean succeeded = true;
        for (Target target : rule.targets()) {
            if (target.arn().contains(":function:")) {
                succeeded &= invoke(rule, target, event.toString().getBytes(StandardCharsets.UTF_8));
            } else if (target.arn().endsWith(":event-bus/default")) {
                forward(target, event);
            } else {
                throw AwsError.unknown("targets such as " + target.arn());
            }
        }
        return succeeded;
    }

    private boolean invoke(Rule rule, Target target, byte[] event) {
        String[] parts = target.arn().split(":");
        String qualifier = parts.length == 8 ? parts[7] : Functions.LATEST;
        String arn = parts.length == 8 ? target.arn().substring(0, target.arn().lastIndexOf(':')) : target.arn();
        AuthorizationRequest access = new AuthorizationRequest(
                "lambda:InvokeFunction", target.arn(), Map.of("aws:SourceArn", List.of(rule.arn())));
        if (!PolicyEvaluator.allowService(SERVICE, functions.policies(arn, qualifier), access)) {
            return false;
        }
        Outcome outcome = attempt(arn, qualifier, event);
        if (outcome == Outcome.THROTTLED) {
            Thread.startVirtualThread(() -> repeat(arn, qualifier, event));
        }
        return outcome == Outcome.SUCCEEDED;
    }

    private enum Outcome {
        SUCCEEDED,
        FAILED,
        THROTTLED
    }

    /** Invokes a function as often as Lambda would try, unless the invocation is throttled. */
    private Outcome attempt(String arn, String qualifier, byte[] event) {
        try {
            for (int i = 0; i < MAX_ATTEMPTS; i++) {
                if (!host.invoke(functions.version(arn, qualifier), event).failed()) {
                    return Outcome.SUCCEEDED;
                }
            }
            return Outcome.FAILED;
        } catch (AwsError e) {
            if (e.status() != TOO_MANY_REQUESTS) {
                throw e;
            }
            return Outcome.THROTTLED;
        }
    }

    /**
     * Retries an invocation until it is no longer throttled (Lambda developer guide, "Error handling for asynchronous
     * invocation").
     */
    private void repeat(String arn, String qualifier, byte[] event) {
        try {
            Duration pause = FIRST_PAUSE;
            do {
                Thread.sleep(pause);
                pause = pause.compareTo(MAX_PAUSE.dividedBy(2)) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
            } while (attempt(arn, qualifier, event) == Outcome.THROTTLED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (AwsError deleted) {
            // The function was deleted in the meantime.
            return;
        }
    }

    private void forward(Target target, ObjectNode event) {
        if (target.roleArn() == null) {
            return;
        }
        Identities.Session session = authorizer
                .identities()
                .assumeRole(target.roleArn(), "events", Duration.ofHours(1), null, SERVICE, Map.of());
        String region = target.arn().split(":")[3];
        AuthorizationRequest access = new AuthorizationRequest(
                "events:PutEvents", target.arn(), authorizer.context(true, session.principal(), region));
        if (authorizer.allows(session.principal(), region, access, List.of())) {
            // The event keeps the region where it originated.
            deliver(region, event);
        }
    }

    private ObjectNode event(String region, String source, String detailType) {
        return JSON.createObjectNode()
                .put("version", "0")
                .put("id", UUID.randomUUID().toString())
                .put("detail-type", detailType)
                .put("source", source)
                .put("account", account())
                .put("time", clock.instant().toString())
                .put("region", region);
    }

    private synchronized List<Rule> all() {
        return new ArrayList<>(rules.values());
    }

    private String account() {
        return authorizer.identities().account();
    }
}
