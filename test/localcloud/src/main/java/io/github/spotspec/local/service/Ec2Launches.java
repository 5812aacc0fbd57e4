package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.ec2.LaunchSpecification.Market;
import io.github.spotspec.local.ec2.LaunchSpecification.NewVolume;
import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * EC2's RunInstances: the parameters that it accepts, the checks that it makes, and the resources for which it requires
 * permission (Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2").
 */
final class Ec2Launches {
    private static final int MAX_USER_DATA = 16 * 1024;

    private final InstanceStore instances;
    private final LaunchTemplates templates;
    private final Images images;
    private final Network network;
    private final SpotMarket market;
    private final Identities identities;
    private final InstantSource clock;
    private boolean spotRole;

    Ec2Launches(Ec2State state, Identities identities, InstantSource clock) {
        this.instances = state.instances();
        this.templates = state.launchTemplates();
        this.images = state.images();
        this.network = state.network();
        this.market = state.market();
        this.identities = identities;
        this.clock = clock;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of("RunInstances", this::runInstances);
    }

    private Consumer<Xml> runInstances(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        LaunchTemplateUse use = LaunchTemplateUse.of(templates, call.region(), params);
        Params launch = use == null ? params : use.parameters();
        LaunchSpecification spec = specification(call.region(), launch);
        launch.refuseUnread("ec2:RunInstances");
        prepare(call, spec, use);
        Ec2Api.failIfDryRun(dryRun);
        requireOffer(spec);
        requireSufficientPrice(spec);
        List<Instance> launched = run(spec, params.allBut("ClientToken"), use);
        Instant now = clock.instant();
        return xml -> xml.put("reservationId", launched.getFirst().reservation())
                .put("ownerId", identities.account())
                .list("instancesSet", "item", launched, (item, instance) -> Ec2Instances.describe(item, instance, now));
    }

    /** Authorizes a launch, and makes the checks that do not depend on prices and capacity. */
    void prepare(ApiCall call, LaunchSpecification spec, @Nullable LaunchTemplateUse use) {
        authorize(call, spec, use);
        rejectUnsupported(spec);
        if (spec.isSpot() && !spotRole) {
            makeSpotRole(call);
        }
    }

    /** Launches as many instances as capacity allows, and adds EC2's own tags of launches from templates. */
    List<Instance> run(LaunchSpecification spec, String fingerprint, @Nullable LaunchTemplateUse use) {
        List<Instance> launched = instances.run(spec, fingerprint);
        if (use != null) {
            Map<String, String> own = Map.of(
                    "aws:ec2launchtemplate:id",
                    use.template().id(),
                    "aws:ec2launchtemplate:version",
                    LaunchTemplate.VERSION);
            launched.forEach(instance -> instances.tag(instance.id(), own));
        }
        return launched;
    }

    /** Reads the parameters of a launch, and looks up what they name. */
    LaunchSpecification specification(String region, Params params) {
        Images.Image image = images.get(region, params.required("ImageId"));
        String typeName = params.required("InstanceType");
        if (!Catalog.all().containsKey(typeName)) {
            throw new AwsError(400, "InvalidParameterValue", "Invalid value '" + typeName + "' for InstanceType.");
        }
        int least = params.whole("MinCount", 0);
        int most = params.whole("MaxCount", 0);
        if (least < 1 || most < least) {
            throw new AwsError(
                    400, "InvalidParameterCombination", "MinCount and MaxCount must be at least 1, and in order.");
        }
        Network.Subnet subnet = subnet(region, params);
        Map<String, Map<String, String>> tags = Ec2Tags.readSpecifications(params);
        String market = params.text("InstanceMarketOptions.MarketType", "on-demand");
        String keyName = params.text("KeyName");
        if (keyName != null && !Network.KEY_PAIRS.contains(keyName)) {
            throw new AwsError(400, "InvalidKeyPair.NotFound", "The key pair '" + keyName + "' does not exist");
        }
        if (!market.equals("spot") && tags.containsKey("spot-instances-request")) {
            throw new AwsError(
                    400,
                    "InvalidParameterValue",
                    "You cannot specify tags for Spot instances requests if there are no Spot instances requests being"
                            + " created by the request.");
        }
        return new LaunchSpecification(
                image,
                typeName,
                new LaunchSpecification.NetworkInterface(subnet, groups(subnet, params), networkInterface(params)),
                new LaunchSpecification.Request(least, most, params.text("ClientToken")),
                market(params, market),
                options(params, keyName),
                Ec2Volumes.of(params, image, instances.encryptsVolumes()),
                new LaunchSpecification.Tags(
                        tags.getOrDefault("instance", Map.of()),
                        tags.getOrDefault("volume", Map.of()),
                        tags.getOrDefault("spot-instances-request", Map.of())));
    }

    private static LaunchSpecification.Options options(Params params, @Nullable String keyName) {
        return new LaunchSpecification.Options(
                keyName,
                userData(params),
                params.text("IamInstanceProfile.Arn"),
                params.text("Placement.Tenancy", "default"),
                params.text("InstanceInitiatedShutdownBehavior", "stop"),
                params.flag("EbsOptimized"),
                params.flag("Monitoring.Enabled"),
                cpuCredits(params),
                new LaunchSpecification.Metadata(
                        params.text("MetadataOptions.HttpTokens", "optional"),
                        metadataHopLimit(params),
                        metadataTags(params)));
    }

    /**
     * Checks that the parts of a launch fit together. AWS does not document whether EC2 does this before or after it
     * authorizes the call. Here it comes after, so that callers without permission get no explanation.
     */
    private static void rejectUnsupported(LaunchSpecification spec) {
        if (!spec.options().tenancy().equals("default") || spec.network().networkInterface() != null) {
            throw AwsError.unknown("a launch with dedicated tenancy or an existing network interface");
        }
        if (spec.options().metadata().tags()) {
            Ec2Tags.checkMetadataKeys(spec.tags().instance());
        }
        Catalog.Type type = Objects.requireNonNull(Catalog.all().get(spec.type()));
        if (!type.encryption() && spec.volumes().stream().anyMatch(NewVolume::encrypted)) {
            throw new AwsError(
                    400,
                    "EncryptedVolumesNotSupported",
                    "Encrypted Amazon EBS volumes may only be attached to instances that support Amazon EBS"
                            + " encryption.");
        }
        if (type.arm() != spec.image().arm()) {
            throw new AwsError(
                    400,
                    "InvalidParameterValue",
                    "The architecture of the specified instance type does not match the architecture of the"
                            + " specified AMI.");
        }
    }

    private Network.Subnet subnet(String region, Params params) {
        String id = params.text("SubnetId");
        String zone = params.text("Placement.AvailabilityZone");
        if (id != null) {
            return network.subnet(region, id);
        }
        return network.defaultSubnet(
                region, zone == null ? Geography.zones(region).getFirst().name() : zone);
    }

    private List<String> groups(Network.Subnet subnet, Params params) {
        String region = subnet.region();
        List<String> groups = new ArrayList<>();
        List<String> names = params.list("SecurityGroup");
        if (!names.isEmpty() && params.text("SubnetId") != null) {
            throw new AwsError(
                    400,
                    "InvalidParameterCombination",
                    "The parameter groupName cannot be used with the parameter subnet");
        }
        names.forEach(name -> groups.add(network.groupNamed(region, name).id()));
        for (String id : params.list("SecurityGroupId")) {
            if (!network.group(region, id).vpc().equals(subnet.vpc())) {
                throw new AwsError(
                        400,
                        "InvalidParameter",
                        "Security group " + id + " and subnet " + subnet.id() + " belong to different networks.");
            }
            groups.add(id);
        }
        if (groups.isEmpty() && !subnet.isDefault()) {
            // Only the owner of a shared VPC can use its default group (VPC user guide, "Share your VPC subnets").
            throw AwsError.unknown("a launch into a shared subnet without a security group");
        }
        return groups.isEmpty() ? List.of(network.groupNamed(region, "default").id()) : groups;
    }

    private static @Nullable String networkInterface(Params params) {
        if (params.count("NetworkInterface") == 0) {
            return null;
        }
        params.whole("NetworkInterface.1.DeviceIndex", 0);
        return params.required("NetworkInterface.1.NetworkInterfaceId");
    }

    private static @Nullable Integer metadataHopLimit(Params params) {
        String name = "MetadataOptions.HttpPutResponseHopLimit";
        if (params.text(name) == null) {
            return null;
        }
        int limit = params.whole(name, 0);
        if (limit < 1 || limit > 64) {
            throw new AwsError(
                    400, "InvalidParameterValue", "Value (" + limit + ") for parameter " + name + " is invalid.");
        }
        return limit;
    }

    /** Returns the credit option of a burstable instance in the request, or null. */
    private static @Nullable String cpuCredits(Params params) {
        String name = "CreditSpecification.CpuCredits";
        String value = params.text(name);
        if (value != null && !List.of("standard", "unlimited").contains(value)) {
            throw new AwsError(
                    400, "InvalidParameterValue", "Value (" + value + ") for parameter " + name + " is invalid.");
        }
        return value;
    }

    /** Returns whether the instance shows its tags in its metadata. EC2's default is that it does not. */
    private static boolean metadataTags(Params params) {
        String name = "MetadataOptions.InstanceMetadataTags";
        String value = params.text(name, "disabled");
        return switch (value) {
            case "enabled" -> true;
            case "disabled" -> false;
            default ->
                throw new AwsError(
                        400, "InvalidParameterValue", "Value (" + value + ") for parameter " + name + " is invalid.");
        };
    }

    /** Returns the user data in Base64, or null if there is none. */
    static @Nullable String userData(Params params) {
        String base64 = params.text("UserData");
        if (base64 == null) {
            return null;
        }
        try {
            if (Base64.getDecoder().decode(base64).length > MAX_USER_DATA) {
                throw new AwsError(400, "InvalidParameterValue", "User data is limited to 16384 bytes");
            }
        } catch (IllegalArgumentException e) {
            throw new AwsError(400, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
        }
        return base64;
    }

    private static Market market(Params params, String name) {
        String options = "InstanceMarketOptions.SpotOptions.";
        String maxPrice = params.text(options + "MaxPrice");
        boolean persistent =
                params.text(options + "SpotInstanceType", "one-time").equals("persistent");
        String interruption = params.text(options + "InstanceInterruptionBehavior", "terminate");
        Instant validUntil = params.time(options + "ValidUntil");
        if (name.equals("spot")) {
            if (persistent == interruption.equals("terminate")) {
                throw new AwsError(
                        400,
                        "InvalidParameterCombination",
                        "A persistent request stops or hibernates its instances, and a one-time request terminates"
                                + " them.");
            }
            if (validUntil != null && !persistent) {
                throw new AwsError(
                        400, "InvalidParameterCombination", "ValidUntil is only supported for persistent requests.");
            }
            if (maxPrice != null && new BigDecimal(maxPrice).compareTo(new BigDecimal("0.001")) <= 0) {
                throw new AwsError(400, "InvalidParameterValue", "MaxPrice must be more than 0.001.");
            }
        }
        return new Market(
                name, persistent, interruption, maxPrice == null ? null : new BigDecimal(maxPrice), validUntil);
    }

    /**
     * Authorizes a launch. If it uses a launch template, EC2 also authorizes the use of the template, and says with
     * {@code ec2:IsLaunchTemplateResource} whether a resource comes from it. This key is missing where AWS does not
     * document its value.
     */
    private void authorize(ApiCall call, LaunchSpecification spec, @Nullable LaunchTemplateUse use) {
        String own = "arn:aws:ec2:" + call.region() + ":" + identities.account() + ":";
        ApiCall launch = call;
        if (use != null) {
            String template = own + "launch-template/" + use.template().id();
            launch = call.with(Map.of("ec2:LaunchTemplate", List.of(template)), Set.of());
            run(launch, template, Ec2LaunchTemplates.resourceTags(use.template()));
        }
        Map<String, List<String>> instance =
                new TreeMap<>(requestTags(spec.tags().instance()));
        instance.put("ec2:InstanceType", List.of(spec.type()));
        instance.put("ec2:InstanceMarketType", List.of(spec.market().name()));
        // Users report that EC2 takes the keys of metadata from the call to RunInstances, and not from its template.
        if (use == null || use.byFleet() || use.overrides("MetadataOptions.HttpTokens")) {
            instance.put(
                    "ec2:MetadataHttpTokens", List.of(spec.options().metadata().tokens()));
        }
        if (spec.options().metadata().hopLimit() != null
                && (use == null || use.byFleet() || use.overrides("MetadataOptions.HttpPutResponseHopLimit"))) {
            // AWS does not document whether EC2 sends the key for the value of an image or of the account.
            instance.put(
                    "ec2:MetadataHttpPutResponseHopLimit",
                    List.of(Integer.toString(spec.options().metadata().hopLimit())));
        }
        instance.put(
                "ec2:InstanceMetadataTags", List.of(spec.options().metadata().tags() ? "enabled" : "disabled"));
        instance.put("ec2:AvailabilityZone", List.of(spec.subnet().zone()));
        instance.put("ec2:Tenancy", List.of(spec.options().tenancy()));
        if (spec.options().profileArn() != null) {
            instance.put("ec2:InstanceProfile", List.of(spec.options().profileArn()));
        }
        instance.putAll(origin(use, "InstanceType"));
        run(launch, own + "instance/*", instance);
        for (NewVolume volume : spec.volumes()) {
            Map<String, List<String>> context =
                    new TreeMap<>(requestTags(spec.tags().volume()));
            context.putAll(Ec2Volumes.keys(volume));
            run(launch, own + "volume/*", context);
        }
        Map<String, List<String>> image = new TreeMap<>(imageKeys(spec.image()));
        image.putAll(origin(use, "ImageId"));
        run(launch, "arn:aws:ec2:" + call.region() + "::image/" + spec.image().id(), image);
        // A shared resource has its owner's account in its ARN. The network interface belongs to the launching account.
        String subnet = "arn:aws:ec2:" + call.region() + ":" + spec.subnet().owner() + ":subnet/"
                + spec.subnet().id();
        Map<String, List<String>> networkInterface = new TreeMap<>(Map.of("ec2:Subnet", List.of(subnet)));
        String existing = spec.network().networkInterface();
        if (existing != null) {
            networkInterface.put("ec2:NetworkInterfaceID", List.of(existing));
        }
        run(launch, own + "network-interface/" + (existing == null ? "*" : existing), networkInterface);
        run(launch, subnet, Map.of("ec2:SubnetID", List.of(spec.subnet().id())));
        for (String id : spec.network().groups()) {
            String owner = network.group(call.region(), id).owner();
            run(
                    launch,
                    "arn:aws:ec2:" + call.region() + ":" + owner + ":security-group/" + id,
                    origin(use, "SecurityGroup"));
        }
        if (spec.options().keyName() != null) {
            Map<String, List<String>> context = new TreeMap<>(origin(use, "KeyName"));
            context.put("ec2:KeyPairName", List.of(spec.options().keyName()));
            run(launch, own + "key-pair/" + spec.options().keyName(), context);
        }
        // This resource has no keys of templates.
        if (spec.isSpot() && !spec.tags().request().isEmpty()) {
            run(call, own + "spot-instances-request/*", requestTags(spec.tags().request()));
        }
        authorizeTags(call, "RunInstances", own + "instance/*", spec.tags().instance());
        authorizeTags(call, "RunInstances", own + "volume/*", spec.tags().volume());
        authorizeTags(
                call,
                "RunInstances",
                own + "spot-instances-request/*",
                spec.tags().request());
        if (spec.options().profileArn() != null) {
            call.authorizeOnBehalf(
                    "iam:PassRole",
                    identities.profileRole(spec.options().profileArn()),
                    Map.of("iam:PassedToService", List.of("ec2.amazonaws.com")));
        }
    }

    private static Map<String, List<String>> origin(@Nullable LaunchTemplateUse use, String parameter) {
        return use == null ? Map.of() : use.origin(parameter);
    }

    /** Returns the condition keys of an image. */
    static Map<String, List<String>> imageKeys(Images.Image image) {
        return Map.of(
                "ec2:ImageID", List.of(image.id()),
                // EC2's alias of the owner if there is one, otherwise the account.
                "ec2:Owner", List.of(image.ownerAlias().isEmpty() ? image.ownerId() : image.ownerAlias()),
                "ec2:Public", List.of("true"));
    }

    private static void run(ApiCall call, String resource, Map<String, List<String>> context) {
        call.authorize("ec2:RunInstances", resource, context, List.of());
    }

    /** Authorizes the tags that an action gives to what it creates. */
    static void authorizeTags(ApiCall call, String action, String resource, Map<String, String> tags) {
        if (!tags.isEmpty()) {
            Map<String, List<String>> context = new TreeMap<>(requestTags(tags));
            context.put("ec2:CreateAction", List.of(action));
            call.authorize("ec2:CreateTags", resource, context, List.of());
        }
    }

    static Map<String, List<String>> requestTags(Map<String, String> tags) {
        Map<String, List<String>> context = new TreeMap<>();
        tags.forEach((key, value) -> context.put("aws:RequestTag/" + key, List.of(value)));
        if (!tags.isEmpty()) {
            context.put("aws:TagKeys", List.copyOf(tags.keySet()));
        }
        return context;
    }

    /**
     * Creates EC2's service-linked role if the caller has permission. On AWS, the first launch of Spot Instances in an
     * account creates it.
     */
    private void makeSpotRole(ApiCall call) {
        try {
            call.authorizeOnBehalf(
                    "iam:CreateServiceLinkedRole",
                    "arn:aws:iam::" + identities.account()
                            + ":role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
                    Map.of("iam:AWSServiceName", List.of("spot.amazonaws.com")));
        } catch (AwsError denied) {
            throw new AwsError(
                    403,
                    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
                    "The provided credentials do not have permission to create the service-linked role for EC2 Spot"
                            + " Instances.");
        }
        spotRole = true;
    }

    private void requireOffer(LaunchSpecification spec) {
        if (pool(spec) == null) {
            throw new AwsError(
                    400,
                    "Unsupported",
                    "Your requested instance type (" + spec.type()
                            + ") is not supported in your requested Availability Zone ("
                            + spec.subnet().zone() + ").");
        }
    }

    void requireSufficientPrice(LaunchSpecification spec) {
        SpotMarket.Pool pool = pool(spec);
        BigDecimal most = spec.market().maxPrice();
        if (spec.isSpot() && pool != null && most != null) {
            BigDecimal price = market.at(pool, clock.instant()).price();
            if (most.compareTo(price) < 0) {
                throw new AwsError(
                        400,
                        "SpotMaxPriceTooLow",
                        "Your Spot request price of " + most
                                + " is lower than the minimum required Spot request fulfillment price of " + price
                                + ".");
            }
        }
    }

    /** Returns the capacity pool of a launch, or null if its zone does not offer its type. */
    SpotMarket.@Nullable Pool pool(LaunchSpecification spec) {
        return market.pool(
                spec.region(), spec.type(), spec.subnet().zone(), spec.image().platform());
    }
}
