package io.github.spotspec.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.LaunchTemplate;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.iam.model.VirtualMFADevice;

/** Deletes what a run made, and nothing else: everything is found by the run's tag or has the run's name. */
final class Teardown {
    private static final Duration ENDING = Duration.ofMinutes(5);
    private static final List<String> ALIVE = List.of("pending", "running", "stopping", "stopped", "shutting-down");

    private final Run run;
    private final Deployment deployment;
    private final Ec2Client ec2;
    private final List<String> failures = new ArrayList<>();

    Teardown(Run run, Deployment deployment) {
        this.run = run;
        this.deployment = deployment;
        this.ec2 = run.ec2();
    }

    /** A step of the teardown. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    /** Deletes everything. A step that fails does not keep the others from being tried. */
    Result run() {
        attempt("end instances", this::endInstances);
        attempt(
                "delete launch templates",
                () -> templates()
                        .forEach(template -> ec2.deleteLaunchTemplate(
                                request -> request.launchTemplateId(template.launchTemplateId()))));
        attempt("delete the MFA device and the operator's keys", this::deleteDevicesAndKeys);
        attempt("delete the stack and its bucket", deployment::destroy);
        // A launch may still have been going on in the function. Now nothing can launch any more.
        attempt("end instances", this::endInstances);
        return failures.isEmpty() ? Result.held("") : Result.notHeld(String.join("; ", failures));
    }

    private void attempt(String what, Step step) {
        try {
            step.run();
        } catch (Exception e) {
            failures.add("cannot " + what + ": " + Promise.words(e));
        }
    }

    private void endInstances() throws Exception {
        List<SpotInstanceRequest> requests = requests();
        List<String> open = requests.stream()
                .filter(request -> List.of("open", "active", "disabled").contains(request.stateAsString()))
                .map(SpotInstanceRequest::spotInstanceRequestId)
                .toList();
        if (!open.isEmpty()) {
            ec2.cancelSpotInstanceRequests(request -> request.spotInstanceRequestIds(open));
        }
        // A persistent request may have launched again, without the tag.
        List<String> ids = Stream.concat(
                        instances().stream().map(Instance::instanceId),
                        requests.stream().map(SpotInstanceRequest::instanceId))
                .filter(id -> id != null && !id.isEmpty())
                .distinct()
                .toList();
        for (String id : ids) {
            try {
                ec2.terminateInstances(request -> request.instanceIds(id));
            } catch (software.amazon.awssdk.services.ec2.model.Ec2Exception gone) {
                if (!gone.awsErrorDetails().errorCode().equals("InvalidInstanceID.NotFound")) {
                    throw gone;
                }
            }
        }
        if (!Wait.until(ENDING, () -> instances().isEmpty())) {
            throw new IllegalStateException(
                    "after " + ENDING.toMinutes() + " minutes, EC2 still has " + ids(instances()));
        }
    }

    private static List<String> ids(List<Instance> instances) {
        return instances.stream().map(Instance::instanceId).toList();
    }

    private Filter tagged() {
        return Filter.builder().name("tag:" + Run.TAG).values(run.id()).build();
    }

    /** Returns the instances of the run that have not ended. */
    private List<Instance> instances() {
        return ec2
                .describeInstances(request -> request.filters(
                        tagged(),
                        Filter.builder()
                                .name("instance-state-name")
                                .values(ALIVE)
                                .build()))
                .reservations()
                .stream()
                .flatMap(reservation -> reservation.instances().stream())
                .toList();
    }

    private List<SpotInstanceRequest> requests() {
        return ec2.describeSpotInstanceRequests(request -> request.filters(tagged()))
                .spotInstanceRequests();
    }

    private List<LaunchTemplate> templates() {
        return ec2.describeLaunchTemplates(request -> request.filters(tagged())).launchTemplates();
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
                new Promise("No instance, spot request or launch template of the run is left", ignored -> {
                    List<String> left = new ArrayList<>(ids(instances()));
                    requests().stream()
                            .filter(request -> List.of("open", "active").contains(request.stateAsString()))
                            .forEach(request -> left.add(request.spotInstanceRequestId()));
                    templates().forEach(template -> left.add(template.launchTemplateId()));
                    return Result.of(left.isEmpty(), left.toString());
                }),
                new Promise("No user or MFA device of the run is left", ignored -> {
                    IamClient iam = run.account().iam();
                    List<String> left = Stream.concat(
                                    iam.listVirtualMFADevicesPaginator().virtualMFADevices().stream()
                                            .map(VirtualMFADevice::serialNumber),
                                    iam.listUsersPaginator().users().stream().map(User::userName))
                            .filter(name -> name.contains(run.id()))
                            .toList();
                    return Result.of(left.isEmpty(), left.toString());
                }),
                new Promise("No resource of the account has the run's tag any more", ignored -> {
                    List<String> left = new ArrayList<>();
                    boolean none = Wait.until(ENDING, () -> {
                        left.clear();
                        left.addAll(taggedArns());
                        return left.isEmpty();
                    });
                    return Result.of(none, left.toString());
                }));
    }

    /** Returns the ARNs of all resources with the run's tag, except EC2's records of what has ended. */
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
        // EC2 shows them for about an hour. The first promise looks at their states. A fleet costs nothing and cannot
        // be
        // deleted without its instances.
        found.removeIf(arn -> arn.matches("arn:aws:ec2:.*:(instance|spot-instances-request|fleet)/.*"));
        return found;
    }
}
