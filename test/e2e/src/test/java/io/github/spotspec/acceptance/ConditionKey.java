package io.github.spotspec.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import software.amazon.awscdk.services.iam.PolicyStatement;

/**
 * A condition key of which AWS's documents do not say whether a launch that does not name its value has it. Each has a
 * role that may launch only if the key is there. To ask for one more, add a line.
 */
enum ConditionKey {
    /** AWS documents this key. Unless it is there, the other roles lack something else, too. */
    DOCUMENTED("ec2:InstanceMarketType", "instance", false),
    TENANCY("ec2:Tenancy", "instance", false),
    HOP_LIMIT("ec2:MetadataHttpPutResponseHopLimit", "instance", false),
    VOLUME_TYPE("ec2:VolumeType", "volume", false),
    VOLUME_IOPS("ec2:VolumeIops", "volume", false),
    VOLUME_THROUGHPUT("ec2:VolumeThroughput", "volume", false),
    VOLUME_SIZE("ec2:VolumeSize", "volume", false),
    NEW_INTERFACE("ec2:NetworkInterfaceID", "network-interface", false),
    INTERFACE_SUBNET("ec2:Subnet", "network-interface", false),
    PASSED_TO("iam:PassedToService", "", false),
    PASSED_FOR("iam:AssociatedResourceArn", "", false),
    /** Needs no key. Unless this role may launch, the other roles of fleets lack something else, too. */
    FLEET_ALONE("", "", true),
    FLEET_TLS("aws:SecureTransport", "instance", true),
    FLEET_REGION("aws:RequestedRegion", "instance", true),
    FLEET_MARKET("ec2:InstanceMarketType", "instance", true),
    FLEET_METADATA("ec2:MetadataHttpTokens", "instance", true),
    FLEET_INSTANCE_TAGS("aws:RequestTag/" + Run.TAG, "instance", true),
    FLEET_VOLUME_TAGS("aws:RequestTag/" + Run.TAG, "volume", true),
    FLEET_INTERFACE_SUBNET("ec2:Subnet", "network-interface", true);

    private static final List<String> LAUNCHED = List.of(
            "image",
            "instance",
            "launch-template",
            "network-interface",
            "security-group",
            "spot-instances-request",
            "subnet",
            "volume");

    private final String key;
    private final String resource;
    private final boolean fleet;

    /**
     * Names a key.
     *
     * @param key the key, or an empty string for none
     * @param resource the type of the resource to look at, or an empty string for the role that a launch passes
     * @param fleet whether a fleet launches
     */
    ConditionKey(String key, String resource, boolean fleet) {
        this.key = key;
        this.resource = resource;
        this.fleet = fleet;
    }

    boolean isOfFleet() {
        return fleet;
    }

    /** Returns whether the answers for the other keys rely on this one's "yes". */
    boolean isControl() {
        return this == DOCUMENTED || this == FLEET_ALONE;
    }

    /** Returns what to ask. */
    String question() {
        if (key.isEmpty()) {
            return "May a role without a condition on a key launch with a fleet";
        }
        return "Does " + (fleet ? "a fleet's" : "a plain") + " launch have the condition key " + key
                + (resource.isEmpty() ? " when it passes a role" : " on " + resource);
    }

    String role() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the role's permissions: to launch only the smallest type, and only if the key is there. */
    List<PolicyStatement> statements(String instanceRole, String run) {
        List<PolicyStatement> statements = new ArrayList<>();
        for (String type : LAUNCHED) {
            Map<String, Object> conditions = new java.util.TreeMap<>();
            if (type.equals("instance")) {
                conditions.put("StringEquals", Map.of("ec2:InstanceType", AcceptanceApp.TYPE));
            }
            if (type.equals(resource)) {
                conditions.put("Null", Map.of(key, "false"));
            }
            statements.add(allow("ec2:RunInstances", "arn:aws:ec2:*:*:" + type + "/*", conditions));
        }
        statements.add(allow(
                "iam:PassRole",
                instanceRole,
                resource.isEmpty() && !key.isEmpty() ? Map.of("Null", Map.of(key, "false")) : Map.of()));
        if (fleet) {
            statements.add(allow("ec2:CreateFleet", "*", Map.of()));
            // Only what a fleet creates, and only with the run's tag.
            statements.add(allow(
                    "ec2:CreateTags",
                    "arn:aws:ec2:*:*:*/*",
                    Map.of(
                            "StringEquals",
                            Map.of(
                                    "ec2:CreateAction",
                                    List.of("CreateFleet", "RunInstances"),
                                    "aws:RequestTag/" + Run.TAG,
                                    run))));
        }
        return statements;
    }

    private static PolicyStatement allow(String action, String resource, Map<String, Object> conditions) {
        return PolicyStatement.Builder.create()
                .actions(List.of(action))
                .resources(List.of(resource))
                .conditions(conditions)
                .build();
    }
}
