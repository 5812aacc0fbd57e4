package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Fleet;
import io.github.spotspec.local.ec2.Fleet.TemplateAndOverrides;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.LaunchTemplate;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * EC2's CreateFleet. Only fleets of type {@code instant} are simulated. The other types are authorized, so that tests
 * can show that a policy denies them.
 *
 * <p>CreateFleet is authorized by what the call itself contains. What the launch templates contain is authorized as
 * RunInstances, when the fleet launches (Service Authorization Reference, "CreateFleet").
 */
final class Ec2Fleets {
    /** A quota (EC2 user guide, "EC2 Fleet quotas"). */
    private static final int MAX_POOLS = 300;

    private final Ec2State state;
    private final Ec2Launches launches;
    private final Faults faults;
    private final String account;
    private final InstantSource clock;

    Ec2Fleets(Ec2State state, Ec2Launches launches, Faults faults, String account, InstantSource clock) {
        this.state = state;
        this.launches = launches;
        this.faults = faults;
        this.account = account;
        this.clock = clock;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of("CreateFleet", this::createFleet);
    }

    private Consumer<Xml> createFleet(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        FleetRequest request = FleetRequest.read(call.region(), params, state.launchTemplates());
        params.refuseUnread("ec2:CreateFleet");
        authorize(call, request);
        check(call.region(), request);
        Ec2Api.failIfDryRun(dryRun);
        Fleet fleet = state.fleets()
                .create(
                        call.region(),
                        request.clientToken(),
                        params.allBut("ClientToken"),
                        id -> launch(call, request, id));
        return xml -> xml.put("fleetId", fleet.id())
                .list(
                        "errorSet",
                        "item",
                        fleet.failures(),
                        (item, failure) -> source(item, failure.from(), failure.spot())
                                .put("errorCode", failure.code())
                                .put("errorMessage", failure.message()))
                .list(
                        "fleetInstanceSet",
                        "item",
                        fleet.launches(),
                        (item, launch) -> source(item, launch.from(), launch.spot())
                                .put(
                                        "instanceType",
                                        launch.instances()
                                                .getFirst()
                                                .launchSpecification()
                                                .type())
                                .list(
                                        "instanceIds",
                                        "item",
                                        launch.instances(),
                                        (id, instance) -> id.text(instance.id())));
    }

    private Fleet launch(ApiCall call, FleetRequest request, String id) {
        // CloudTrail shows RunInstances with the caller as its user, and "invokedBy": "ec2fleet.amazonaws.com".
        ApiCall asFleet = call.with(
                Map.of("aws:ViaAWSService", List.of("true")), state.fleets().withheldKeys());
        FleetLaunch launch = new FleetLaunch(asFleet, request, state, launches, faults, clock);
        launch.launchOnDemand();
        launch.launchSpot();
        for (Fleet.Launch launched : launch.launches()) {
            for (Instance instance : launched.instances()) {
                state.instances().tag(instance.id(), Map.of("aws:ec2:fleet-id", id));
            }
        }
        return new Fleet(
                id, call.region(), request.type(), request.tags("fleet"), launch.launches(), launch.failures());
    }

    private void authorize(ApiCall call, FleetRequest request) {
        String own = "arn:aws:ec2:" + call.region() + ":" + account + ":";
        create(call, own + "fleet/*", Ec2Launches.requestTags(request.tags("fleet")));
        Set<String> templates = new HashSet<>();
        for (TemplateAndOverrides source : request.sources()) {
            LaunchTemplate template = source.template();
            if (templates.add(template.id())) {
                create(call, own + "launch-template/" + template.id(), Ec2LaunchTemplates.resourceTags(template));
            }
            authorize(call, own, request, source.overrides());
        }
        for (String type : List.of("fleet", "instance", "volume")) {
            Ec2Launches.authorizeTags(call, "CreateFleet", own + type + "/*", request.tags(type));
        }
    }

    /** Authorizes what one set of overrides would create and use. */
    private void authorize(ApiCall call, String own, FleetRequest request, Map<String, String> overrides) {
        String region = call.region();
        String subnetId = overrides.get("SubnetId");
        Network.Subnet subnet = subnetId == null ? null : subnet(region, subnetId);
        String zone = subnet == null ? overrides.get("AvailabilityZone") : subnet.zone();

        Map<String, List<String>> instance = new TreeMap<>(tagKeys(request, "instance"));
        put(instance, "ec2:InstanceType", overrides.get("InstanceType"));
        put(instance, "ec2:Tenancy", overrides.get("Placement.Tenancy"));
        put(instance, "ec2:AvailabilityZone", zone);
        create(call, own + "instance/*", instance);

        Params params = Params.of(overrides);
        int volumes = params.count("BlockDeviceMapping");
        for (int i = 1; i <= Math.max(1, volumes); i++) {
            Map<String, List<String>> volume = new TreeMap<>(tagKeys(request, "volume"));
            put(volume, "ec2:AvailabilityZone", zone);
            for (String name : List.of("Encrypted", "VolumeSize", "VolumeType")) {
                put(volume, "ec2:" + name, params.text("BlockDeviceMapping." + i + ".Ebs." + name));
            }
            for (String name : List.of("Iops", "Throughput")) {
                put(volume, "ec2:Volume" + name, params.text("BlockDeviceMapping." + i + ".Ebs." + name));
            }
            create(call, own + "volume/*", volume);
        }
        if (subnetId != null) {
            Map<String, List<String>> context = new TreeMap<>(Map.of("ec2:SubnetID", List.of(subnetId)));
            put(context, "ec2:AvailabilityZone", zone);
            String owner = subnet == null ? account : subnet.owner();
            create(call, "arn:aws:ec2:" + region + ":" + owner + ":subnet/" + subnetId, context);
        }
        String imageId = overrides.get("ImageId");
        if (imageId != null) {
            create(call, "arn:aws:ec2:" + region + "::image/" + imageId, image(region, imageId));
        }
    }

    private Map<String, List<String>> tagKeys(FleetRequest request, String type) {
        Map<String, String> tags =
                new TreeMap<>(state.fleets().sharesTags() ? request.tags("fleet") : Map.<String, String>of());
        tags.putAll(request.tags(type));
        return Ec2Launches.requestTags(tags);
    }

    private static void create(ApiCall call, String resource, Map<String, List<String>> context) {
        call.authorize("ec2:CreateFleet", resource, context, List.of());
    }

    private static void put(Map<String, List<String>> context, String key, @Nullable String value) {
        if (value != null) {
            context.put(key, List.of(value));
        }
    }

    private Network.@Nullable Subnet subnet(String region, String id) {
        return state.network().subnets(region).stream()
                .filter(subnet -> subnet.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    private Map<String, List<String>> image(String region, String id) {
        try {
            Images.Image image = state.images().get(region, id);
            return Ec2Launches.imageKeys(image);
        } catch (AwsError missing) {
            // The launch reports this error.
            return Map.of("ec2:ImageID", List.of(id));
        }
    }

    /** Checks that the parts of the call fit together, after the authorization as for RunInstances. */
    private void check(String region, FleetRequest request) {
        boolean instant = request.type().equals("instant");
        List<String> taggable = instant ? List.of("fleet", "instance", "volume") : List.of("fleet");
        for (String type : request.tags().keySet()) {
            if (!taggable.contains(type)) {
                throw new AwsError(
                        400,
                        "InvalidParameterValue",
                        "'" + type + "' is not a valid taggable resource type for this operation.");
            }
        }
        if (!instant) {
            throw AwsError.unknown("fleets of type " + request.type());
        }
        Set<List<String>> pools = new HashSet<>();
        for (TemplateAndOverrides source : request.sources()) {
            if (source.template().data().keySet().stream().anyMatch(name -> name.startsWith("InstanceMarketOptions"))) {
                throw AwsError.unknown("instance market options in the launch template of a fleet");
            }
            if (!pools.add(pool(region, source))) {
                throw new AwsError(
                        400, "InvalidFleetConfig", "The fleet configuration contains duplicate instance pools.");
            }
        }
        if (pools.size() > MAX_POOLS) {
            throw new AwsError(
                    400, "InvalidFleetConfig", "The fleet configuration contains more than " + MAX_POOLS + " pools.");
        }
    }

    /** Returns the type and the zone from which a source launches. */
    private List<String> pool(String region, TemplateAndOverrides source) {
        Map<String, String> data = source.template().data();
        Map<String, String> overrides = source.overrides();
        String type = overrides.getOrDefault("InstanceType", data.getOrDefault("InstanceType", ""));
        String zone = overrides.getOrDefault("AvailabilityZone", data.get("Placement.AvailabilityZone"));
        String subnetId = overrides.get("SubnetId");
        if (subnetId != null) {
            Network.Subnet subnet = subnet(region, subnetId);
            if (subnet != null
                    && overrides.containsKey("AvailabilityZone")
                    && !subnet.zone().equals(zone)) {
                throw AwsError.unknown("overrides whose subnet is in another zone");
            }
            return List.of(type, subnet == null ? subnetId : subnet.zone());
        }
        if (zone == null) {
            throw AwsError.unknown("overrides without a subnet and a zone");
        }
        return List.of(type, zone);
    }

    /** Writes what a fleet launched from. EC2 names the template by its id and the version by its number. */
    private static Xml source(Xml item, TemplateAndOverrides source, boolean spot) {
        Map<String, String> values = source.overrides();
        return item.nest(
                        "launchTemplateAndOverrides",
                        both -> both.nest(
                                        "launchTemplateSpecification",
                                        specification -> specification
                                                .put(
                                                        "launchTemplateId",
                                                        source.template().id())
                                                .put("version", LaunchTemplate.VERSION))
                                .nest(
                                        "overrides",
                                        overrides -> overrides
                                                .put("instanceType", values.get("InstanceType"))
                                                .put("maxPrice", values.get("MaxPrice"))
                                                .put("subnetId", values.get("SubnetId"))
                                                .put("availabilityZone", values.get("AvailabilityZone"))
                                                .put("priority", values.get("Priority"))
                                                .put("imageId", values.get("ImageId"))))
                .put("lifecycle", spot ? "spot" : "on-demand");
    }
}
