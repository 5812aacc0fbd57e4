package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.Ec2Api.failIfDryRun;
import static io.github.spotspec.local.service.Ec2Api.filters;
import static io.github.spotspec.local.service.Ec2Api.fits;
import static io.github.spotspec.local.service.Ec2Api.fitsTags;

import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchSpecification;
import io.github.spotspec.local.ec2.SerialConsole;
import io.github.spotspec.local.ec2.SpotRequest;
import io.github.spotspec.local.market.Catalog;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** EC2's actions on existing instances and spot requests. */
final class Ec2Instances {
    private static final int MAX_RESULTS = 1_000;

    private final InstanceStore fleet;
    private final String account;
    private final InstantSource clock;

    Ec2Instances(InstanceStore fleet, String account, InstantSource clock) {
        this.fleet = fleet;
        this.account = account;
        this.clock = clock;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of(
                "DescribeInstances", this::describeInstances,
                "GetEbsEncryptionByDefault", this::getEbsEncryptionByDefault,
                "DescribeSpotInstanceRequests", this::describeSpotInstanceRequests,
                "DescribeVolumes", this::describeVolumes,
                "TerminateInstances", this::terminateInstances,
                "CancelSpotInstanceRequests", this::cancelSpotInstanceRequests,
                "GetConsoleOutput", this::getConsoleOutput,
                "CreateTags", this::createTags,
                "DeleteTags", this::deleteTags);
    }

    private Consumer<Xml> describeInstances(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("InstanceId");
        Map<String, List<String>> filters = filters(params, List.of("instance-id", "instance-state-name"));
        int size = params.whole("MaxResults", MAX_RESULTS);
        String token = params.text("NextToken");
        call.authorize("ec2:DescribeInstances", "*");
        failIfDryRun(dryRun);
        if (!ids.isEmpty() && size != MAX_RESULTS) {
            throw new AwsError(
                    400,
                    "InvalidParameterCombination",
                    "The parameter instancesSet cannot be used with the parameter maxResults");
        }
        Instant now = clock.instant();
        List<Instance> found = (ids.isEmpty() ? fleet.instances(call.region()) : fleet.get(call.region(), ids))
                .stream()
                        .filter(instance -> fits(filters, "instance-id", instance.id())
                                && fits(
                                        filters,
                                        "instance-state-name",
                                        instance.state(now).ec2Name())
                                && fitsTags(filters, instance.shownTags(now)))
                        .toList();
        Ec2Api.Page<Instance> page = Ec2Api.page(found, size, token);
        return xml -> xml.list(
                        "reservationSet",
                        "item",
                        page.shown(),
                        (item, instance) -> item.put("reservationId", instance.reservation())
                                .put("ownerId", account)
                                .list(
                                        "instancesSet",
                                        "item",
                                        List.of(instance),
                                        (inner, one) -> describe(inner, one, now)))
                .put("nextToken", page.next().isEmpty() ? null : page.next());
    }

    /** Writes an instance as EC2 describes it. */
    static void describe(Xml item, Instance instance, Instant now) {
        LaunchSpecification spec = instance.launchSpecification();
        boolean gone = instance.state(now) == Instance.State.TERMINATED;
        item.put("instanceId", instance.id())
                .put("imageId", spec.image().id())
                .nest(
                        "instanceState",
                        state -> state.put("code", instance.state(now).code())
                                .put("name", instance.state(now).ec2Name()))
                .put("keyName", spec.options().keyName())
                .put("instanceType", spec.type())
                .put("launchTime", instance.launched())
                .nest(
                        "placement",
                        placement -> placement
                                .put("availabilityZone", spec.subnet().zone())
                                .put("availabilityZoneId", spec.subnet().zoneId())
                                .put("tenancy", "default"))
                .nest(
                        "monitoring",
                        monitoring -> monitoring.put("state", spec.options().monitoring() ? "enabled" : "disabled"))
                .put("subnetId", gone ? null : spec.subnet().id())
                .put("vpcId", gone ? null : spec.subnet().vpc())
                .put("privateDnsName", instance.privateDnsName(now))
                .put("dnsName", instance.publicDnsName(now))
                .put("privateIpAddress", gone ? null : instance.privateIp())
                .put("ipAddress", instance.publicIp(now))
                .put("platformDetails", spec.image().platform())
                .put("instanceLifecycle", spec.isSpot() ? "spot" : null)
                .put("spotInstanceRequestId", instance.spotRequest())
                .put("clientToken", spec.request().clientToken())
                .put("ebsOptimized", spec.options().ebsOptimized())
                .list(
                        "groupSet",
                        "item",
                        gone ? List.of() : spec.network().groups(),
                        (group, id) -> group.put("groupId", id))
                .list(
                        "blockDeviceMapping",
                        "item",
                        gone ? List.of() : instance.volumes(),
                        (mapping, volume) -> mapping.put(
                                        "deviceName", volume.made().device())
                                .nest(
                                        "ebs",
                                        ebs -> ebs.put("volumeId", volume.id())
                                                .put("status", "attached")
                                                .put(
                                                        "deleteOnTermination",
                                                        volume.made().deleteOnTermination())))
                .nest(
                        "metadataOptions",
                        // EC2 also shows the value of the image or of the account, which the local cloud does not have.
                        options -> options.put("state", "applied")
                                .put("httpTokens", spec.options().metadata().tokens())
                                .put(
                                        "httpPutResponseHopLimit",
                                        spec.options().metadata().hopLimit())
                                .put(
                                        "instanceMetadataTags",
                                        spec.options().metadata().tags() ? "enabled" : "disabled"));
        if (spec.options().profileArn() != null) {
            item.nest(
                    "iamInstanceProfile",
                    profile -> profile.put("arn", spec.options().profileArn()));
        }
        item.put("reason", instance.stateTransitionReason());
        String reason = instance.stateReason();
        if (reason != null) {
            item.nest("stateReason", state -> state.put("code", reason));
        }
        tags(item, instance.shownTags(now));
    }

    /** Writes tags as EC2 describes them. */
    static void tags(Xml item, Map<String, String> tags) {
        item.list(
                "tagSet",
                "item",
                tags.entrySet(),
                (tag, entry) -> tag.put("key", entry.getKey()).put("value", entry.getValue()));
    }

    private Consumer<Xml> describeSpotInstanceRequests(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("SpotInstanceRequestId");
        Map<String, List<String>> filters = filters(params, List.of("spot-instance-request-id", "state"));
        int size = params.whole("MaxResults", MAX_RESULTS);
        String token = params.text("NextToken");
        call.authorize("ec2:DescribeSpotInstanceRequests", "*");
        failIfDryRun(dryRun);
        Instant now = clock.instant();
        List<SpotRequest> found = (ids.isEmpty()
                        ? fleet.requests(call.region())
                        : fleet.getRequests(call.region(), ids))
                .stream()
                        .filter(request -> fits(filters, "spot-instance-request-id", request.id())
                                && fits(filters, "state", request.state())
                                && fitsTags(filters, request.shownTags(now)))
                        .toList();
        Ec2Api.Page<SpotRequest> page = Ec2Api.page(found, size, token);
        return xml -> xml.list("spotInstanceRequestSet", "item", page.shown(), (item, one) -> describe(item, one, now))
                .put("nextToken", page.next().isEmpty() ? null : page.next());
    }

    private static void describe(Xml item, SpotRequest request, Instant now) {
        LaunchSpecification spec = request.launchSpecification();
        item.put("spotInstanceRequestId", request.id())
                .put("spotPrice", spec.market().maxPrice())
                .put("type", spec.market().persistent() ? "persistent" : "one-time")
                .put("state", request.state())
                .nest("status", status -> status.put("code", request.status()).put("updateTime", request.statusTime()))
                .nest(
                        "launchSpecification",
                        specification ->
                                specification.put("imageId", spec.image().id()).put("instanceType", spec.type()))
                .put("instanceId", request.instance())
                .put("createTime", request.created())
                .put("productDescription", spec.image().platform())
                .put("launchedAvailabilityZone", spec.subnet().zone())
                .put("launchedAvailabilityZoneId", spec.subnet().zoneId())
                .put("instanceInterruptionBehavior", spec.market().interruption())
                .put("validUntil", spec.market().validUntil());
        tags(item, request.shownTags(now));
    }

    /** Lists the volumes of instances, and those that outlive theirs. */
    private Consumer<Xml> describeVolumes(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        Map<String, List<String>> filters = filters(params, List.of("volume-id"));
        call.authorize("ec2:DescribeVolumes", "*");
        failIfDryRun(dryRun);
        List<Instance.Volume> found = fleet.instances(call.region()).stream()
                .flatMap(instance -> instance.volumes().stream()
                        .filter(volume -> instance.isAlive() || !volume.made().deleteOnTermination()))
                .filter(volume -> fits(filters, "volume-id", volume.id()) && fitsTags(filters, volume.tags()))
                .toList();
        return xml -> xml.list("volumeSet", "item", found, (item, volume) -> {
            item.put("volumeId", volume.id())
                    .put("size", volume.made().size())
                    .put("volumeType", volume.made().type())
                    .put("encrypted", volume.made().encrypted());
            tags(item, volume.tags());
        });
    }

    private Consumer<Xml> getEbsEncryptionByDefault(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        call.authorize("ec2:GetEbsEncryptionByDefault", "*");
        failIfDryRun(dryRun);
        return xml -> xml.put("ebsEncryptionByDefault", fleet.encryptsVolumes());
    }

    private Consumer<Xml> terminateInstances(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("InstanceId");
        List<Instance> found = fleet.get(call.region(), ids);
        found.forEach(instance -> onResource(call, "ec2:TerminateInstances", instance.id(), typeAndMarket(instance)));
        failIfDryRun(dryRun);
        Instant before = clock.instant();
        List<Instance.State> states =
                found.stream().map(instance -> instance.state(before)).toList();
        found.forEach(fleet::terminate);
        Instant after = clock.instant();
        return xml -> xml.nest("instancesSet", set -> {
            for (int i = 0; i < found.size(); i++) {
                Instance instance = found.get(i);
                Instance.State previous = states.get(i);
                set.nest(
                        "item",
                        item -> item.put("instanceId", instance.id())
                                .nest(
                                        "currentState",
                                        state -> state.put(
                                                        "code",
                                                        instance.state(after).code())
                                                .put(
                                                        "name",
                                                        instance.state(after).ec2Name()))
                                .nest(
                                        "previousState",
                                        state -> state.put("code", previous.code())
                                                .put("name", previous.ec2Name())));
            }
        });
    }

    private static Map<String, List<String>> typeAndMarket(Instance instance) {
        return Map.of(
                "ec2:InstanceType",
                List.of(instance.launchSpecification().type()),
                "ec2:InstanceMarketType",
                List.of(instance.launchSpecification().market().name()));
    }

    private Consumer<Xml> getConsoleOutput(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        boolean latest = params.flag("Latest");
        Instance instance =
                fleet.get(call.region(), List.of(params.required("InstanceId"))).getFirst();
        onResource(call, "ec2:GetConsoleOutput", instance.id(), typeAndMarket(instance));
        failIfDryRun(dryRun);
        if (latest && !Catalog.isNitro(instance.launchSpecification().type())) {
            throw new AwsError(
                    400,
                    "UnsupportedOperation",
                    "This instance type does not support retrieving the latest console logs.");
        }
        SerialConsole.Output output = instance.console().output(latest, clock.instant());
        return xml -> xml.put("instanceId", instance.id())
                .put("timestamp", output.timestamp())
                .put(
                        "output",
                        output.bytes().length == 0 ? null : Base64.getEncoder().encodeToString(output.bytes()));
    }

    private Consumer<Xml> cancelSpotInstanceRequests(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<SpotRequest> found = fleet.getRequests(call.region(), params.list("SpotInstanceRequestId"));
        found.forEach(request -> onResource(call, "ec2:CancelSpotInstanceRequests", request.id(), Map.of()));
        failIfDryRun(dryRun);
        found.forEach(fleet::cancel);
        return xml -> xml.list(
                "spotInstanceRequestSet",
                "item",
                found,
                (item, request) ->
                        item.put("spotInstanceRequestId", request.id()).put("state", request.state()));
    }

    private Consumer<Xml> createTags(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("ResourceId");
        Map<String, String> tags = Ec2Tags.read(params, "Tag");
        List<String> instances = ids.stream().filter(id -> id.startsWith("i-")).toList();
        List<String> requests = ids.stream().filter(id -> id.startsWith("sir-")).toList();
        if (instances.size() + requests.size() != ids.size() || ids.isEmpty()) {
            throw AwsError.unknown("tags on " + ids);
        }
        List<Instance> tagged = fleet.get(call.region(), instances);
        fleet.getRequests(call.region(), requests);
        ids.forEach(id -> onResource(call, "ec2:CreateTags", id, Ec2Launches.requestTags(tags)));
        failIfDryRun(dryRun);
        if (tagged.stream()
                .anyMatch(instance ->
                        instance.launchSpecification().options().metadata().tags())) {
            Ec2Tags.checkMetadataKeys(tags);
        }
        ids.forEach(id -> Ec2Tags.checkCount(fleet.tags(id), tags));
        ids.forEach(id -> fleet.tag(call.region(), id, tags));
        return xml -> xml.put("return", true);
    }

    /** Deletes tags of instances, each with its key and value. */
    private Consumer<Xml> deleteTags(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("ResourceId");
        Map<String, String> tags = Ec2Tags.read(params, "Tag");
        fleet.get(call.region(), ids);
        ids.forEach(id -> onResource(call, "ec2:DeleteTags", id, Ec2Launches.requestTags(tags)));
        failIfDryRun(dryRun);
        ids.forEach(id -> fleet.untag(call.region(), id, tags));
        return xml -> xml.put("return", true);
    }

    /** Authorizes an action on an existing resource, with the resource's tags as condition keys. */
    private void onResource(ApiCall call, String action, String id, Map<String, List<String>> more) {
        Map<String, List<String>> context = new TreeMap<>(more);
        fleet.tags(id).forEach((key, value) -> context.put("aws:ResourceTag/" + key, List.of(value)));
        String type = id.startsWith("sir-") ? "spot-instances-request" : "instance";
        call.authorize(
                action, "arn:aws:ec2:" + call.region() + ":" + account + ":" + type + "/" + id, context, List.of());
    }
}
