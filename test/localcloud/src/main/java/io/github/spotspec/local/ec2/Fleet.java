package io.github.spotspec.local.ec2;

import java.util.List;
import java.util.Map;

/**
 * An EC2 Fleet, and what it launched when it was created.
 *
 * @param type {@code instant}, {@code request} or {@code maintain}
 */
public record Fleet(
        String id,
        String region,
        String type,
        Map<String, String> tags,
        List<Launch> launches,
        List<Failure> failures) {

    /**
     * What a fleet launches from: a launch template, and one set of values that override it.
     *
     * @param overrides the values by their names in CreateFleet
     */
    public record TemplateAndOverrides(LaunchTemplate template, Map<String, String> overrides) {}

    /** The instances that a fleet launched from one template with one set of overrides. */
    public record Launch(TemplateAndOverrides from, boolean spot, List<Instance> instances) {}

    /** Returns what it launched. */
    public List<Instance> instances() {
        return launches.stream().flatMap(launch -> launch.instances().stream()).toList();
    }

    /** Why a fleet launched nothing, or less than it wanted, from one template with one set of overrides. */
    public record Failure(TemplateAndOverrides from, boolean spot, String code, String message) {}
}
