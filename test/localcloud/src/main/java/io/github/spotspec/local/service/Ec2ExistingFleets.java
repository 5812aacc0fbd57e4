package io.github.spotspec.local.service;

import static io.github.spotspec.local.service.Ec2Api.failIfDryRun;

import io.github.spotspec.local.ec2.Fleet;
import io.github.spotspec.local.ec2.Fleets;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** EC2's actions on fleets that exist. */
final class Ec2ExistingFleets {
    private static final int MAX_RESULTS = 1_000;
    private static final Pattern ID =
            Pattern.compile("fleet-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Fleets fleets;
    private final InstanceStore instances;
    private final String account;

    Ec2ExistingFleets(Fleets fleets, InstanceStore instances, String account) {
        this.fleets = fleets;
        this.instances = instances;
        this.account = account;
    }

    Map<String, QueryApi.Action> actions() {
        return Map.of("DescribeFleets", this::describeFleets, "DeleteFleets", this::deleteFleets);
    }

    /**
     * Describes fleets. As on AWS, no filter is about tags, and an instant fleet appears only if the call names its id
     * (EC2 API reference, "DescribeFleets").
     */
    private Consumer<Xml> describeFleets(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        List<String> ids = params.list("FleetId");
        int size = params.whole("MaxResults", MAX_RESULTS);
        String token = params.text("NextToken");
        params.refuseUnread("ec2:DescribeFleets");
        call.authorize("ec2:DescribeFleets", "*");
        failIfDryRun(dryRun);
        List<Fleet> found = new ArrayList<>();
        if (ids.isEmpty()) {
            found.addAll(inRegion(call).stream()
                    .filter(fleet -> !fleet.type().equals("instant"))
                    .toList());
        }
        ids.forEach(id -> found.add(get(call, id)));
        Ec2Api.Page<Fleet> page = Ec2Api.page(found, size, token);
        return xml -> xml.list("fleetSet", "item", page.shown(), (item, fleet) -> {
                    item.put("fleetId", fleet.id())
                            .put("fleetState", fleets.state(fleet))
                            .put("type", fleet.type());
                    Ec2Instances.tags(item, fleet.tags());
                })
                .put("nextToken", page.next().isEmpty() ? null : page.next());
    }

    private Consumer<Xml> deleteFleets(ApiCall call, Params params) {
        boolean dryRun = params.flag("DryRun");
        params.required("TerminateInstances");
        boolean terminate = params.flag("TerminateInstances");
        List<Fleet> found =
                params.list("FleetId").stream().map(id -> get(call, id)).toList();
        params.refuseUnread("ec2:DeleteFleets");
        for (Fleet fleet : found) {
            Map<String, List<String>> context = new TreeMap<>();
            fleet.tags().forEach((key, value) -> {
                context.put("aws:ResourceTag/" + key, List.of(value));
                context.put("ec2:ResourceTag/" + key, List.of(value));
            });
            call.authorize(
                    "ec2:DeleteFleets",
                    "arn:aws:ec2:" + call.region() + ":" + account + ":fleet/" + fleet.id(),
                    context,
                    List.of());
        }
        failIfDryRun(dryRun);
        if (!terminate && found.stream().anyMatch(fleet -> fleet.type().equals("instant"))) {
            throw AwsError.unknown("the deletion of an instant fleet without its instances");
        }
        List<String> before = found.stream().map(fleets::state).toList();
        for (Fleet fleet : found) {
            fleets.delete(fleet);
            if (terminate) {
                fleet.instances().forEach(instances::terminate);
            }
        }
        return xml -> xml.nest("successfulFleetDeletionSet", set -> {
            for (int i = 0; i < found.size(); i++) {
                String state = before.get(i);
                Fleet fleet = found.get(i);
                set.nest(
                        "item",
                        item -> item.put("fleetId", fleet.id())
                                .put("previousFleetState", state)
                                .put("currentFleetState", fleets.state(fleet)));
            }
        });
    }

    private List<Fleet> inRegion(ApiCall call) {
        return fleets.all().stream()
                .filter(fleet -> fleet.region().equals(call.region()))
                .toList();
    }

    private Fleet get(ApiCall call, String id) {
        if (!ID.matcher(id).matches()) {
            throw new AwsError(400, "InvalidFleetId.Malformed", "The fleet ID '" + id + "' is malformed.");
        }
        return inRegion(call).stream()
                .filter(fleet -> fleet.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () -> new AwsError(400, "InvalidFleetId.NotFound", "The fleet ID '" + id + "' does not exist"));
    }
}
