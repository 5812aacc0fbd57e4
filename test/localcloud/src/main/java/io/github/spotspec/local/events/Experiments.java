package io.github.spotspec.local.events;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.iam.AuthorizationRequest;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The experiments of AWS Fault Injection Service that send a Spot Instance its interruption notice. The interruption
 * itself, two minutes later, is not simulated. Thread-safe.
 */
public final class Experiments {
    private static final String SERVICE = "fis.amazonaws.com";

    /**
     * A template.
     *
     * @param roleArn the role with which AWS FIS acts
     * @param resourceTags the tags by which it finds instances
     */
    public record Template(String region, String roleArn, Map<String, String> resourceTags) {}

    /**
     * An experiment that has ended.
     *
     * @param reason why it failed, or an empty text
     */
    public record Experiment(Map<String, String> tags, String reason) {
        /** Returns its status as AWS FIS names it. */
        public String status() {
            return reason.isEmpty() ? "completed" : "failed";
        }
    }

    private final Authorizer authorizer;
    private final InstanceStore instances;
    private final Events events;
    private final InstantSource clock;
    private final Map<String, Template> templates = new TreeMap<>();
    private final Map<String, Experiment> experiments = new TreeMap<>();
    private final AtomicInteger last = new AtomicInteger();

    public Experiments(Authorizer authorizer, InstanceStore instances, Events events, InstantSource clock) {
        this.authorizer = authorizer;
        this.instances = instances;
        this.events = events;
        this.clock = clock;
    }

    /** Creates a template, and returns its id. */
    public synchronized String create(Template template) {
        String id = "EXT%015d".formatted(last.incrementAndGet());
        templates.put(id, template);
        return id;
    }

    public synchronized void delete(String templateId) {
        templates.remove(templateId);
    }

    /** Returns the ids of all templates. */
    public synchronized List<String> ids() {
        return List.copyOf(templates.keySet());
    }

    /** Returns the tags of all experiments by their ARNs. Experiments cannot be deleted. */
    public synchronized Map<String, Map<String, String>> tagsByArn() {
        Map<String, Map<String, String>> tags = new TreeMap<>();
        experiments.forEach((arn, experiment) -> tags.put(arn, experiment.tags()));
        return tags;
    }

    /** Returns an experiment. */
    public synchronized Experiment get(String arn) {
        Experiment experiment = experiments.get(arn);
        if (experiment == null) {
            throw new AwsError(404, "ResourceNotFoundException", "Experiment does not exist.");
        }
        return experiment;
    }

    /** Starts an experiment, and returns its id. It fails if its role lacks permission. */
    public String start(String region, String templateId, Map<String, String> tags) {
        Template template = template(region, templateId);
        String account = authorizer.identities().account();
        Principal role = authorizer
                .identities()
                .assumeRole(template.roleArn(), "fis", Duration.ofHours(1), null, SERVICE, Map.of())
                .principal();
        Instance target = target(template);
        Map<String, List<String>> context = new TreeMap<>(authorizer.context(true, role, region));
        target.tags().forEach((key, value) -> context.put("aws:ResourceTag/" + key, List.of(value)));
        String arn = "arn:aws:ec2:" + region + ":" + account + ":instance/" + target.id();
        String reason = lacks(role, region, "ec2:DescribeInstances", "*", authorizer.context(true, role, region))
                + lacks(role, region, "ec2:SendSpotInstanceInterruptions", arn, context);
        String id = "EXP%015d".formatted(last.incrementAndGet());
        synchronized (this) {
            experiments.put(
                    "arn:aws:fis:" + region + ":" + account + ":experiment/" + id,
                    new Experiment(Map.copyOf(tags), reason));
        }
        if (!reason.isEmpty()) {
            return id;
        }
        events.ec2(
                region,
                "EC2 Spot Instance Interruption Warning",
                target.id(),
                target.launchSpecification().market().interruption());
        return id;
    }

    private synchronized Template template(String region, String id) {
        Template template = templates.get(id);
        if (template == null || !template.region().equals(region)) {
            throw new AwsError(404, "ResourceNotFoundException", "Experiment template does not exist.");
        }
        return template;
    }

    private Instance target(Template template) {
        Instant now = clock.instant();
        return instances.instances(template.region()).stream()
                .filter(instance -> instance.launchSpecification().isSpot()
                        && instance.state(now) == Instance.State.RUNNING
                        && instance.tags()
                                .entrySet()
                                .containsAll(template.resourceTags().entrySet()))
                .findFirst()
                .orElseThrow(() -> AwsError.unknown("an experiment without a target"));
    }

    /** Returns why an experiment fails if its role may not do something, or an empty text. */
    private String lacks(
            Principal role, String region, String action, String resource, Map<String, List<String>> context) {
        return authorizer.allows(role, region, new AuthorizationRequest(action, resource, context), List.of())
                ? ""
                : "The experiment's role is not authorized to perform " + action + ". ";
    }
}
