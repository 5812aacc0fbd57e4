package io.github.spotspec.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DeleteFleetErrorItem;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.FleetData;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.LaunchTemplate;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.InstanceProfile;
import software.amazon.awssdk.services.iam.model.Policy;
import software.amazon.awssdk.services.iam.model.PolicyScopeType;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.iam.model.VirtualMFADevice;

/** Deletes what a run made, and nothing else: everything is found by the run's tag or has the run's name. */
final class Teardown {
    /**
     * How long to wait.
     *
     * @param ending how long instances may take to end, and AWS to show what was deleted
     * @param repeating how long a step that fails is repeated, for example while the network is away
     * @param pause the time between two attempts of a step
     * @param listing the time between two lists of all that IAM has. In an account with thousands of roles, each takes
     *     dozens of calls from the rate that the account shares
     */
    record Times(Duration ending, Duration repeating, Duration pause, Duration listing) {
        /** The times for AWS. */
        static final Times AWS = new Times(
                Duration.ofMinutes(5), Duration.ofMinutes(15), Duration.ofSeconds(15), Duration.ofSeconds(30));
    }

    /** The time between two searches for what is left in EC2. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private static final List<String> OPEN = List.of("open", "active", "disabled");
    private static final List<String> ALIVE = List.of("pending", "running", "stopping", "stopped", "shutting-down");

    private static final Pattern EC2_RESOURCE = Pattern.compile("arn:aws:ec2:[^:]*:[^:]*:([^/]+)/(.+)");

    /** What only the stack makes. None of it outlives the stack, because nothing in the template is retained. */
    private static final Pattern STACK_RESOURCE = Pattern.compile(
            "arn:aws:(cloudformation|lambda|logs|secretsmanager|sns|events|cloudwatch|ssm|fis:.*:experiment-template)[:/]");

    private final Run run;
    private final Deployment deployment;
    private final Times times;
    private final Ec2Client ec2;
    private final List<String> failures = new ArrayList<>();

    Teardown(Run run, Deployment deployment, Times times) {
        this.run = run;
        this.deployment = deployment;
        this.times = times;
        this.ec2 = run.ec2();
    }

    /** A step of the teardown. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    /** Deletes everything. A step that fails is repeated, and does not keep the others from being tried. */
    Result run() throws InterruptedException {
        endLaunches();
        attempt("delete the MFA device and the operator's keys", this::deleteDevicesAndKeys);
        attempt("delete the stack", this::deleteStack);
        attempt("delete the bucket", deployment::deleteBucket);
        // A launch may still have been going on in the function. Now nothing can launch any more.
        endLaunches();
        return failures.isEmpty() ? Result.held("") : Result.notHeld(String.join("; ", failures));
    }

    private void endLaunches() throws InterruptedException {
        // Before their instances, which a fleet would launch again.
        attempt("delete fleets", this::deleteFleets);
        attempt("end instances", this::endInstances);
        attempt(
                "delete launch templates",
                () -> templates()
                        .forEach(template -> ec2.deleteLaunchTemplate(
                                request -> request.launchTemplateId(template.launchTemplateId()))));
    }

    private void attempt(String what, Step step) throws InterruptedException {
        Instant end = Instant.MAX;
        while (true) {
            try {
                step.run();
                return;
            } catch (InterruptedException stopped) {
                throw stopped;
            } catch (Exception e) {
                String failure = "cannot " + what + ": " + words(e);
                Instant now = Instant.now();
                if (end.equals(Instant.MAX)) {
                    end = now.plus(times.repeating());
                    Acceptance.say("acceptance: " + failure + "; trying again until " + end);
                }
                if (!now.isBefore(end)) {
                    failures.add(failure);
                    return;
                }
            }
            Thread.sleep(times.pause());
        }
    }

    private static String words(Exception e) {
        return e instanceof Result.Early early ? early.result().words() : Promise.words(e);
    }

    /**
     * Deletes the stack. A rotation that was going on may have made one more key, which keeps it from being deleted.
     */
    private void deleteStack() throws Exception {
        try {
            deployment.deleteStack();
        } catch (IOException | Result.Early first) {
            deleteDevicesAndKeys();
            deployment.deleteStack();
        }
    }

    private void deleteFleets() throws Exception {
        List<String> ids = fleets().stream()
                .filter(fleet -> List.of("submitted", "active", "modifying").contains(fleet.fleetStateAsString()))
                .map(FleetData::fleetId)
                .toList();
        if (ids.isEmpty()) {
            return;
        }
        List<DeleteFleetErrorItem> failed = ec2.deleteFleets(
                        request -> request.fleetIds(ids).terminateInstances(true))
                .unsuccessfulFleetDeletions();
        if (!failed.isEmpty()) {
            throw new IllegalStateException(failed.toString());
        }
    }

    /** Returns the fleets of the run, except instant ones, which EC2 lists only by their ids. */
    private List<FleetData> fleets() {
        // EC2 has no filter for the tags of fleets.
        return ec2.describeFleetsPaginator().fleets().stream()
                .filter(fleet -> fleet.tags().stream()
                        .anyMatch(
                                tag -> tag.key().equals(Run.TAG) && tag.value().equals(run.id())))
                .toList();
    }

    private void endInstances() throws Exception {
        List<String> open = requests().stream()
                .filter(request -> OPEN.contains(request.stateAsString()))
                .map(SpotInstanceRequest::spotInstanceRequestId)
                .toList();
        List<SdkException> failed = new ArrayList<>();
        if (!open.isEmpty()) {
            try {
                ec2.cancelSpotInstanceRequests(request -> request.spotInstanceRequestIds(open));
            } catch (SdkException e) {
                // The instances cost more than the requests, so they are ended nevertheless.
                failed.add(e);
            }
        }
        for (String id : instances()) {
            try {
                ec2.terminateInstances(request -> request.instanceIds(id));
            } catch (SdkException e) {
                if (!isError(e, "InvalidInstanceID.NotFound")) {
                    failed.add(e);
                }
            }
        }
        if (!failed.isEmpty()) {
            throw failed.getFirst();
        }
        if (!Wait.until(times.ending(), () -> instances().isEmpty())) {
            throw new IllegalStateException("after " + times.ending().toSeconds() + " s, EC2 still has " + instances());
        }
    }

    private static boolean isError(SdkException e, String code) {
        return e instanceof Ec2Exception ec2
                && ec2.awsErrorDetails() != null
                && code.equals(ec2.awsErrorDetails().errorCode());
    }

    private Filter tagged() {
        return Filter.builder().name("tag:" + Run.TAG).values(run.id()).build();
    }

    /**
     * Returns the ids of the run's instances that have not ended: those with its tag, and those of its spot requests,
     * because a persistent request may have launched again without the tag.
     */
    private List<String> instances() {
        List<String> requested = requests().stream()
                .map(SpotInstanceRequest::instanceId)
                .filter(id -> id != null && !id.isEmpty())
                .toList();
        Stream<String> untagged = requested.isEmpty()
                ? Stream.of()
                : instances(
                        Filter.builder().name("instance-id").values(requested).build());
        return Stream.concat(instances(tagged()), untagged).distinct().toList();
    }

    private Stream<String> instances(Filter filter) {
        Filter alive =
                Filter.builder().name("instance-state-name").values(ALIVE).build();
        return ec2.describeInstancesPaginator(request -> request.filters(filter, alive)).reservations().stream()
                .flatMap(reservation -> reservation.instances().stream())
                .map(Instance::instanceId);
    }

    private List<SpotInstanceRequest> requests() {
        return ec2
                .describeSpotInstanceRequestsPaginator(request -> request.filters(tagged()))
                .spotInstanceRequests()
                .stream()
                .toList();
    }

    private List<LaunchTemplate> templates() {
        return ec2.describeLaunchTemplatesPaginator(request -> request.filters(tagged())).launchTemplates().stream()
                .toList();
    }

    /** Deletes MFA devices, and the access keys that a rotation made, because CloudFormation knows neither. */
    private void deleteDevicesAndKeys() {
        IamClient iam = run.account().iam();
        for (VirtualMFADevice device : iam.listVirtualMFADevicesPaginator().virtualMFADevices()) {
            if (device.serialNumber().contains(":mfa/" + run.id())) {
                if (device.user() != null) {
                    iam.deactivateMFADevice(request ->
                            request.userName(device.user().userName()).serialNumber(device.serialNumber()));
                }
                iam.deleteVirtualMFADevice(request -> request.serialNumber(device.serialNumber()));
            }
        }
        for (User user : iam.listUsersPaginator().users()) {
            if (user.userName().startsWith(run.id())) {
                iam.listAccessKeys(request -> request.userName(user.userName()))
                        .accessKeyMetadata()
                        .forEach(key -> iam.deleteAccessKey(
                                request -> request.userName(user.userName()).accessKeyId(key.accessKeyId())));
            }
        }
    }

    /** Returns the promises that nothing is left. They are checked after the teardown. */
    List<Promise> promises() {
        return List.of(
                new Promise(
                        "No fleet, instance, spot request or launch template of the run is left",
                        ignored -> nothing(PAUSE, this::leftInEc2)),
                new Promise(
                        "No user, role, instance profile, policy or MFA device with the run's name is left",
                        ignored -> nothing(times.listing(), this::leftInIam)),
                new Promise(
                        "Nothing else in the region has the run's tag", ignored -> nothing(PAUSE, this::taggedArns)));
    }

    /** Returns what is left. */
    @FunctionalInterface
    private interface Search {
        List<String> run() throws Exception;
    }

    /**
     * Returns whether a search finds nothing, as soon as AWS shows everywhere what was deleted. A search that fails may
     * succeed later.
     */
    private Result nothing(Duration pause, Search search) throws Exception {
        List<String> left = new ArrayList<>();
        boolean none = Wait.until(times.ending(), pause, pause, () -> {
            left.clear();
            try {
                left.addAll(search.run());
            } catch (InterruptedException stopped) {
                throw stopped;
            } catch (Exception e) {
                left.add(words(e));
            }
            return left.isEmpty();
        });
        return Result.of(none, left.toString());
    }

    private List<String> leftInEc2() {
        List<String> left = new ArrayList<>(instances());
        fleets().stream()
                .filter(fleet -> !fleet.fleetStateAsString().equals("deleted"))
                .forEach(fleet -> left.add(fleet.fleetId() + " " + fleet.fleetStateAsString()));
        requests().stream()
                .filter(request -> OPEN.contains(request.stateAsString()))
                .forEach(request -> left.add(request.spotInstanceRequestId()));
        templates().forEach(template -> left.add(template.launchTemplateId()));
        return left;
    }

    /** Returns the ARNs of what has the run's name in IAM, which the Resource Groups Tagging API does not know. */
    private List<String> leftInIam() {
        IamClient iam = run.account().iam();
        return Stream.of(
                        iam.listUsersPaginator().users().stream().map(User::arn),
                        iam.listRolesPaginator().roles().stream().map(Role::arn),
                        iam.listInstanceProfilesPaginator().instanceProfiles().stream()
                                .map(InstanceProfile::arn),
                        iam.listPoliciesPaginator(request -> request.scope(PolicyScopeType.LOCAL)).policies().stream()
                                .map(Policy::arn),
                        iam.listVirtualMFADevicesPaginator().virtualMFADevices().stream()
                                .map(VirtualMFADevice::serialNumber))
                .flatMap(arns -> arns)
                .filter(arn -> arn.substring(arn.lastIndexOf('/') + 1).startsWith(run.id()))
                .toList();
    }

    /** Returns the ARNs of all resources with the run's tag, except records of what has ended or was deleted. */
    private List<String> taggedArns() throws Exception {
        List<String> found = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = run.account()
                    .call(
                            "tagging",
                            "POST",
                            "/",
                            new ObjectMapper()
                                    .writeValueAsString(Map.of(
                                            "PaginationToken",
                                            token,
                                            "TagFilters",
                                            List.of(Map.of("Key", Run.TAG, "Values", List.of(run.id()))))),
                            Map.of(
                                    "content-type",
                                    "application/x-amz-json-1.1",
                                    "x-amz-target",
                                    "ResourceGroupsTaggingAPI_20170126.GetResources"))
                    .ok()
                    .json();
            page.path("ResourceTagMappingList")
                    .forEach(resource -> found.add(resource.path("ResourceARN").asText()));
            token = page.path("PaginationToken").asText("");
        } while (!token.isEmpty());
        List<String> left = new ArrayList<>();
        for (String arn : found) {
            if (!isGone(arn)) {
                left.add(arn);
            }
        }
        return left;
    }

    /**
     * Returns whether what the index of tags shows is gone. The index shows deleted resources for minutes or hours, so
     * this asks the service that owns the resource.
     */
    private boolean isGone(String arn) throws Exception {
        Matcher named = EC2_RESOURCE.matcher(arn);
        if (named.matches()) {
            String id = named.group(2);
            return switch (named.group(1)) {
                // The first promise looks at their states.
                case "instance", "spot-instances-request" -> true;
                case "fleet" -> isRecord(id);
                case "launch-template" ->
                    templates().stream()
                            .noneMatch(template -> template.launchTemplateId().equals(id));
                case "volume" -> {
                    Filter volume =
                            Filter.builder().name("volume-id").values(id).build();
                    yield ec2.describeVolumes(request -> request.filters(volume))
                            .volumes()
                            .isEmpty();
                }
                default -> false;
            };
        }
        if (arn.equals("arn:aws:s3:::" + run.id())) {
            return !deployment.hasBucket();
        }
        // AWS FIS keeps experiments, which end after two minutes and cannot be deleted.
        return arn.matches("arn:aws:fis:.*:experiment/.*")
                || (STACK_RESOURCE.matcher(arn).lookingAt() && !deployment.hasStack());
    }

    /** Returns whether a fleet launches nothing any more: it was deleted, or is an instant one. */
    private boolean isRecord(String id) {
        try {
            return ec2.describeFleets(request -> request.fleetIds(id)).fleets().stream()
                    .allMatch(fleet -> fleet.fleetStateAsString().equals("deleted")
                            || fleet.typeAsString().equals("instant"));
        } catch (Ec2Exception e) {
            if (isError(e, "InvalidFleetId.NotFound")) {
                return true;
            }
            throw e;
        }
    }
}
