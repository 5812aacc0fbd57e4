package io.github.spotspec.rights;

import io.github.spotspec.rights.Cell.Market;
import io.github.spotspec.rights.Cell.Ownership;
import io.github.spotspec.rights.Cell.RegionScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Collects the authorization requests of an operation, with the condition keys of the Service Authorization Reference.
 */
final class RequiredAuthorizations {
    /** The logical ids of the secrets that can be rotated. */
    static final List<String> ROTATED_SECRETS = List.of("SpotOperatorSecret", "SpotSessionSecret", "SpotSigningSecret");

    private static final String INSTANCE = "instance/i-0123456789abcdef0";
    private static final String SPOT_REQUEST = "spot-instances-request/sir-01234567";

    /**
     * One authorization request.
     *
     * @param region the region of the request
     * @param keys the condition keys in addition to the global ones
     */
    record Step(String action, String resource, String region, Map<String, List<String>> keys) {}

    /** A deviation from a usual launch. */
    enum LaunchVariant {
        NONE,
        OTHER_IMAGE,
        FOREIGN_OWNER,
        OTHER_SUBNET,
        OTHER_GROUP,
        OTHER_KEY,
        LARGE_VOLUME,
        /** Within the default limits, but above those of the guarded deployment. */
        FAST_VOLUME,
        /** Has the service tag only in another case, which EC2's filters do not find. */
        HIDDEN,
        HIDDEN_VOLUME,
        HIDDEN_REQUEST,
        /** Has the lease tag only in another case. */
        HIDDEN_LEASE,
        /** Has the service tag in two cases, so that no condition on it holds. */
        TWICE_TAGGED,
        DEDICATED,
        PROVISIONED_VOLUME,
        HUGE_IOPS,
        HUGE_THROUGHPUT,
        EXISTING_INTERFACE,
        PLAIN_VOLUME,
        NO_LEASE,
        OPEN_METADATA,
        /** Within the default limits, but above those of the guarded deployment. */
        CONTAINER_METADATA,
        /** Metadata that other hosts can read. */
        DISTANT_METADATA,
        OTHER_ROLE
    }

    private final Deployment deployment;
    private final Rights rights;
    private final Cell cell;
    private final String region;
    private final List<Step> steps = new ArrayList<>();

    RequiredAuthorizations(Deployment deployment, Rights rights, Cell cell) {
        this.deployment = deployment;
        this.rights = rights;
        this.cell = cell;
        this.region = cell.region() == RegionScope.ALLOWED ? deployment.allowedRegion() : Account.ELSEWHERE;
    }

    List<Step> all() {
        return steps;
    }

    String ownService() {
        return deployment.service();
    }

    RequiredAuthorizations read(String... actions) {
        for (String action : actions) {
            step("ec2:" + action, "*", Map.of());
        }
        return this;
    }

    /** Adds a call of the Price List API, which is always in us-east-1. */
    RequiredAuthorizations priceList() {
        steps.add(new Step("pricing:GetProducts", "*", "us-east-1", Map.of()));
        return this;
    }

    RequiredAuthorizations metrics() {
        return step("cloudwatch:GetMetricData", "*", Map.of());
    }

    RequiredAuthorizations parameter(String name, String account) {
        return step("ssm:GetParameter", Account.of("ssm", region, account, "parameter/" + name), Map.of());
    }

    /** Adds the launch of one instance. */
    RequiredAuthorizations launch(LaunchVariant variant) {
        Map<String, List<String>> tags =
                requestTags(Map.of("spotspec:service", service(), "spotspec:lease", "2030-01-01T00:00:00Z"));
        Map<String, List<String>> hidden =
                requestTags(Map.of("SpotSpec:Service", service(), "spotspec:lease", "2030-01-01T00:00:00Z"));
        Map<String, List<String>> instanceTags = requestTags(
                switch (variant) {
                    case NO_LEASE -> Map.of("spotspec:service", service());
                    case HIDDEN -> Map.of("SpotSpec:Service", service(), "spotspec:lease", "2030-01-01T00:00:00Z");
                    case HIDDEN_LEASE ->
                        Map.of("spotspec:service", service(), "SpotSpec:Lease", "2030-01-01T00:00:00Z");
                    case TWICE_TAGGED ->
                        Map.of(
                                "spotspec:service",
                                service(),
                                "SpotSpec:Service",
                                service(),
                                "spotspec:lease",
                                "2030-01-01T00:00:00Z");
                    // Callers may add their own tags.
                    default ->
                        Map.of(
                                "spotspec:service",
                                service(),
                                "spotspec:lease",
                                "2030-01-01T00:00:00Z",
                                "CostCenter",
                                "42");
                });
        Map<String, List<String>> instance = new TreeMap<>(instanceTags);
        instance.putAll(typeAndMarket());
        instance.put("ec2:Tenancy", List.of(variant == LaunchVariant.DEDICATED ? "dedicated" : "default"));
        instance.put(
                "ec2:MetadataHttpTokens", List.of(variant == LaunchVariant.OPEN_METADATA ? "optional" : "required"));
        switch (variant) {
            case CONTAINER_METADATA -> instance.put("ec2:MetadataHttpPutResponseHopLimit", List.of("2"));
            case DISTANT_METADATA -> instance.put("ec2:MetadataHttpPutResponseHopLimit", List.of("3"));
            // EC2 may omit the key if the request omits the parameter.
            default -> {}
        }
        run(INSTANCE, instance);

        Map<String, List<String>> volumeTags = variant == LaunchVariant.HIDDEN_VOLUME ? hidden : tags;
        Map<String, List<String>> volume = new TreeMap<>(volumeTags);
        volume.put("ec2:VolumeSize", List.of(variant == LaunchVariant.LARGE_VOLUME ? "500" : "8"));
        volume.put("ec2:VolumeType", List.of(variant == LaunchVariant.PROVISIONED_VOLUME ? "io2" : "gp3"));
        switch (variant) {
            case FAST_VOLUME -> {
                volume.put("ec2:VolumeIops", List.of("16000"));
                volume.put("ec2:VolumeThroughput", List.of("1000"));
            }
            case HUGE_IOPS -> volume.put("ec2:VolumeIops", List.of("16001"));
            case HUGE_THROUGHPUT -> volume.put("ec2:VolumeThroughput", List.of("1001"));
            // EC2 may omit keys for parameters that the request omits.
            default -> {}
        }
        volume.put("ec2:Encrypted", List.of(Boolean.toString(variant != LaunchVariant.PLAIN_VOLUME)));
        run("volume/vol-0123456789abcdef0", volume);

        step(
                "ec2:RunInstances",
                Account.of(
                        "ec2",
                        region,
                        "",
                        "image/" + (variant == LaunchVariant.OTHER_IMAGE ? "ami-0fedcba9876543210" : Account.IMAGE)),
                Map.of("ec2:Owner", List.of(variant == LaunchVariant.FOREIGN_OWNER ? "444455556666" : "amazon")));
        // The allowed subnet and group are shared by another account. The denied ones are in this account.
        String subnet = variant == LaunchVariant.OTHER_SUBNET
                ? Account.ec2(region, "subnet/subnet-0fedcba9876543210")
                : Account.shared(region, "subnet/" + Account.SUBNET);
        // A new interface has no id yet.
        if (variant == LaunchVariant.EXISTING_INTERFACE) {
            run(
                    "network-interface/eni-0123456789abcdef0",
                    Map.of("ec2:Subnet", List.of(subnet), "ec2:NetworkInterfaceID", List.of("eni-0123456789abcdef0")));
        } else {
            run("network-interface/*", Map.of("ec2:Subnet", List.of(subnet)));
        }
        step("ec2:RunInstances", subnet, Map.of());
        String group = variant == LaunchVariant.OTHER_GROUP
                ? Account.ec2(region, "security-group/sg-0fedcba9876543210")
                : Account.shared(region, "security-group/" + Account.GROUP);
        step("ec2:RunInstances", group, Map.of());
        run("key-pair/" + (variant == LaunchVariant.OTHER_KEY ? "root" : Account.KEY), Map.of());
        tagAtLaunch(INSTANCE, instanceTags);
        tagAtLaunch("volume/vol-0123456789abcdef0", volumeTags);
        if (cell.market() == Market.SPOT) {
            Map<String, List<String>> spotTags = variant == LaunchVariant.HIDDEN_REQUEST ? hidden : tags;
            run(SPOT_REQUEST, spotTags);
            tagAtLaunch(SPOT_REQUEST, spotTags);
        }
        if (variant == LaunchVariant.OTHER_ROLE) {
            passRole(Account.iam("role/Administrator"));
        } else if (deployment == Deployment.GUARDED) {
            passRole(Account.INSTANCE_ROLE);
        }
        return this;
    }

    /** Adds an action on an existing launch template. */
    RequiredAuthorizations template(String action) {
        return step(
                action,
                Account.ec2(region, "launch-template/lt-0123456789abcdef0"),
                Map.of("aws:ResourceTag/spotspec:service", List.of(service())));
    }

    /** Adds the creation of a launch template, and of a fleet that launches from it. */
    RequiredAuthorizations fleet(boolean tagsFleet, boolean tagsInstances) {
        Map<String, List<String>> tags =
                requestTags(Map.of("spotspec:service", service(), "spotspec:lease", "2030-01-01T00:00:00Z"));
        step("ec2:CreateLaunchTemplate", Account.ec2(region, "launch-template/*"), tags);
        tagWith("CreateLaunchTemplate", "launch-template/*", tags);
        step("ec2:CreateFleet", Account.ec2(region, "fleet/*"), tagsFleet ? tags : Map.of());
        template("ec2:CreateFleet");
        Map<String, List<String>> instance = new TreeMap<>(tagsInstances ? tags : Map.of());
        instance.put("ec2:InstanceType", Objects.requireNonNull(typeAndMarket().get("ec2:InstanceType")));
        step("ec2:CreateFleet", Account.ec2(region, "instance/*"), instance);
        step("ec2:CreateFleet", Account.ec2(region, "volume/*"), tagsInstances ? tags : Map.of());
        if (tagsFleet) {
            tagWith("CreateFleet", "fleet/*", tags);
        }
        if (tagsInstances) {
            tagWith("CreateFleet", "instance/*", tags);
            tagWith("CreateFleet", "volume/*", tags);
        }
        template("ec2:RunInstances");
        return template("ec2:DeleteLaunchTemplate");
    }

    private void tagWith(String action, String resource, Map<String, List<String>> tags) {
        Map<String, List<String>> keys = new TreeMap<>(tags);
        keys.put("ec2:CreateAction", List.of(action));
        step("ec2:CreateTags", Account.ec2(region, resource), keys);
    }

    /** Adds the creation of a resource without tags. */
    RequiredAuthorizations create(String action, String resource) {
        return step(action, Account.ec2(region, resource), Map.of());
    }

    /** Adds the tagging of an existing resource. */
    RequiredAuthorizations tag(String resource, Map<String, String> tags) {
        Map<String, List<String>> keys = new TreeMap<>(requestTags(tags));
        keys.put("aws:ResourceTag/spotspec:service", List.of(service()));
        return step("ec2:CreateTags", Account.ec2(region, resource), keys);
    }

    RequiredAuthorizations cancel() {
        return step(
                "ec2:CancelSpotInstanceRequests",
                Account.ec2(region, SPOT_REQUEST),
                Map.of("aws:ResourceTag/spotspec:service", List.of(service())));
    }

    RequiredAuthorizations onInstance(String action) {
        Map<String, List<String>> keys = new TreeMap<>();
        keys.put("aws:ResourceTag/spotspec:service", List.of(service()));
        if (List.of("ec2:TerminateInstances", "ec2:GetConsoleOutput").contains(action)) {
            keys.putAll(typeAndMarket());
        }
        return step(action, Account.ec2(region, INSTANCE), keys);
    }

    /** Adds the push of an SSH key for a user of the instance. */
    RequiredAuthorizations pushKey(String osUser) {
        return step(
                "ec2-instance-connect:SendSSHPublicKey",
                Account.ec2(region, INSTANCE),
                Map.of("aws:ResourceTag/spotspec:service", List.of(service()), "ec2:osuser", List.of(osUser)));
    }

    RequiredAuthorizations function(String action, Map<String, String> keys) {
        Map<String, List<String>> lists = new TreeMap<>();
        keys.forEach((key, value) -> lists.put(key, List.of(value)));
        return step(action, atHome("AWS::Lambda::Alias", "SpotFunction", "lambda", "function:other:live"), lists);
    }

    RequiredAuthorizations minter(String action) {
        return step(action, atHome("AWS::Lambda::Function", "SpotMinter", "lambda", "function:other"), Map.of());
    }

    RequiredAuthorizations secret(String logicalId, String... actions) {
        String other = "secret:production-AbCdEf";
        for (String action : actions) {
            step(
                    "secretsmanager:" + action,
                    atHome("AWS::SecretsManager::Secret", logicalId, "secretsmanager", other),
                    Map.of());
        }
        return this;
    }

    RequiredAuthorizations log(String action) {
        String group = atHome("AWS::Logs::LogGroup", "Spot", "logs", "log-group:other:*");
        return step(action, group.replaceFirst("\\*$", "log-stream:today"), Map.of());
    }

    RequiredAuthorizations publish() {
        return step("sns:Publish", atHome("AWS::SNS::Topic", "Spot", "sns", "other"), Map.of());
    }

    RequiredAuthorizations linkedRole() {
        String service = cell.ownership() == Ownership.OWN ? "spot.amazonaws.com" : "elasticbeanstalk.amazonaws.com";
        String role =
                cell.ownership() == Ownership.OWN ? "AWSServiceRoleForEC2Spot" : "AWSServiceRoleForElasticBeanstalk";
        return step(
                "iam:CreateServiceLinkedRole",
                Account.iam("role/aws-service-role/" + service + "/" + role),
                Map.of("iam:AWSServiceName", List.of(service)));
    }

    RequiredAuthorizations onOperator(String action) {
        return step(
                action,
                Account.iam("user/" + (cell.ownership() == Ownership.OWN ? "SpotOperator" : "somebody")),
                Map.of());
    }

    RequiredAuthorizations passInstanceRole() {
        passRole(cell.ownership() == Ownership.OWN ? Account.INSTANCE_ROLE : Account.iam("role/Administrator"));
        return this;
    }

    private void run(String resource, Map<String, List<String>> keys) {
        step("ec2:RunInstances", Account.ec2(region, resource), keys);
    }

    private void tagAtLaunch(String resource, Map<String, List<String>> tags) {
        Map<String, List<String>> keys = new TreeMap<>(tags);
        keys.put("ec2:CreateAction", List.of("RunInstances"));
        step("ec2:CreateTags", Account.ec2(region, resource), keys);
    }

    private void passRole(String role) {
        step("iam:PassRole", role, Map.of("iam:PassedToService", List.of("ec2.amazonaws.com")));
    }

    private RequiredAuthorizations step(String action, String resource, Map<String, List<String>> keys) {
        steps.add(new Step(action, resource, region, keys));
        return this;
    }

    /** Returns the ARN of an own or a foreign resource, in the home region or in another one. */
    private String atHome(String type, String logicalId, String service, String other) {
        String another = Account.home(service, other);
        String arn =
                cell.ownership() == Ownership.OWN ? rights.arn(type, logicalId).orElse(another) : another;
        return cell.region() == RegionScope.ALLOWED ? arn : arn.replace(Account.HOME, Account.ELSEWHERE);
    }

    /** Returns the condition keys of type and market. */
    private Map<String, List<String>> typeAndMarket() {
        return Map.of(
                "ec2:InstanceType",
                List.of(cell.type() == Cell.Type.ALLOWED ? "m7g.large" : "c5.large"),
                "ec2:InstanceMarketType",
                List.of(cell.market() == Market.SPOT ? "spot" : "on-demand"));
    }

    /** Returns the owner of the resource. */
    private String service() {
        return cell.ownership() == Ownership.OWN ? ownService() : "Another/Spot@us-west-2";
    }

    private static Map<String, List<String>> requestTags(Map<String, String> tags) {
        Map<String, List<String>> keys = new TreeMap<>();
        tags.forEach((key, value) -> keys.put("aws:RequestTag/" + key, List.of(value)));
        keys.put("aws:TagKeys", tags.keySet().stream().sorted().toList());
        return keys;
    }
}
