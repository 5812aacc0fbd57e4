package io.github.spotspec.acceptance;

import static io.github.spotspec.acceptance.Result.answered;
import static io.github.spotspec.acceptance.Result.notSettled;

import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.CreateFleetRequest;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.DefaultTargetCapacityType;
import software.amazon.awssdk.services.ec2.model.DeleteFleetErrorItem;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateConfigRequest;
import software.amazon.awssdk.services.ec2.model.FleetLaunchTemplateOverridesRequest;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateTagSpecificationRequest;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** What only an account can tell about EC2 Fleet and condition keys. */
final class FleetPromises {
    /** EC2's tag on what a fleet launches. */
    private static final String FLEET = "aws:ec2:fleet-id";

    private FleetPromises() {}

    static List<Promise> all() {
        return Stream.concat(
                        Stream.of(
                                new Promise(
                                        "IAM allows the service's launch by a fleet, and its instance runs",
                                        FleetPromises::launch),
                                // Before more is launched, because a new account has room for two instances.
                                new Promise(
                                        "The keeper ends an instance whose lease is over", InstancePromises::keeper),
                                new Promise(
                                        "IAM denies the operator, with MFA, a fleet of type maintain",
                                        run -> other(run, "maintain")),
                                new Promise(
                                        "IAM denies the operator, with MFA, a fleet of type request",
                                        run -> other(run, "request")),
                                new Promise(
                                        "A repeated client token of a fleet launches nothing more",
                                        FleetPromises::token),
                                new Promise(
                                        "Which error a fleet reports for a price that is too low",
                                        FleetPromises::tooLow),
                                new Promise(
                                        "Which errors of a fleet mean that there is no capacity",
                                        run -> notSettled("nobody can make EC2 run out of capacity"))),
                        Stream.of(ConditionKey.values())
                                .map(key -> new Promise(key.question() + "?", run -> hasKey(run, key))))
                .toList();
    }

    private static Result launch(Run run) throws Exception {
        Answer answer = InstancePromises.launched(InstancePromises.launch(run, "fleet", 1, "price-capacity-optimized"));
        run.launchedByFleet(InstancePromises.id(answer));
        Predicate<Instance> runsByFleet = found -> InstancePromises.runs(found)
                && found.tags().stream().anyMatch(tag -> tag.key().equals(FLEET));
        Instance found = run.describe(run.fleetInstance(), runsByFleet);
        return Result.of(runsByFleet.test(found), answer.words() + " " + found);
    }

    private static TagSpecification tags(Run run, String type, Tag... more) {
        return TagSpecification.builder()
                .resourceType(type)
                .tags(Stream.concat(
                                Stream.of(Tag.builder()
                                        .key(Run.TAG)
                                        .value(run.id())
                                        .build()),
                                Stream.of(more))
                        .toList())
                .build();
    }

    private static Tag service(Run run) {
        return Tag.builder()
                .key(InstancePromises.SERVICE)
                .value(run.output("ServiceName"))
                .build();
    }

    private static Tag lease() {
        return Tag.builder()
                .key(InstancePromises.LEASE)
                .value(Instant.now().plus(Duration.ofMinutes(10)).toString())
                .build();
    }

    /**
     * Returns a launch template of the run, which an administrator makes.
     *
     * @param tags the tags of what is launched with it
     */
    private static String template(Run run, String name, Tag... tags) throws Exception {
        Instance like = run.describe(run.instance());
        List<LaunchTemplateTagSpecificationRequest> launched = tags.length == 0
                ? List.of()
                : Stream.of("instance", "volume")
                        .map(type -> LaunchTemplateTagSpecificationRequest.builder()
                                .resourceType(type)
                                .tags(tags(run, type, tags).tags())
                                .build())
                        .toList();
        try {
            run.ec2()
                    .createLaunchTemplate(request -> request.launchTemplateName(name)
                            .launchTemplateData(data -> data.imageId(like.imageId())
                                    .instanceType(AcceptanceApp.TYPE)
                                    .instanceInitiatedShutdownBehavior(OwnLaunch.SHUTDOWN_BEHAVIOR)
                                    .userData(OwnLaunch.USER_DATA)
                                    .creditSpecification(credits -> credits.cpuCredits(OwnLaunch.CPU_CREDITS))
                                    .metadataOptions(metadata -> metadata.httpTokens("required"))
                                    .tagSpecifications(launched))
                            .tagSpecifications(tags(run, "launch-template", service(run))));
        } catch (Ec2Exception e) {
            if (!e.awsErrorDetails().errorCode().equals("InvalidLaunchTemplateName.AlreadyExistsException")) {
                throw e;
            }
        }
        return name;
    }

    /** Returns a fleet of one Spot Instance for at most a price. */
    private static CreateFleetRequest.Builder fleet(Run run, String maxPrice) throws Exception {
        return fleet(run, maxPrice, template(run, run.id()));
    }

    private static CreateFleetRequest.Builder fleet(Run run, String maxPrice, String template) throws Exception {
        Instance like = run.describe(run.instance());
        FleetLaunchTemplateConfigRequest config = FleetLaunchTemplateConfigRequest.builder()
                .launchTemplateSpecification(specification ->
                        specification.launchTemplateName(template).version("1"))
                .overrides(FleetLaunchTemplateOverridesRequest.builder()
                        .instanceType(AcceptanceApp.TYPE)
                        .subnetId(like.subnetId())
                        .maxPrice(maxPrice)
                        .build())
                .build();
        return CreateFleetRequest.builder()
                .type("instant")
                .targetCapacitySpecification(target ->
                        target.totalTargetCapacity(1).defaultTargetCapacityType(DefaultTargetCapacityType.SPOT))
                .launchTemplateConfigs(config)
                .tagSpecifications(tags(run, "fleet"), tags(run, "instance"), tags(run, "volume"));
    }

    private static String codes(CreateFleetResponse response) {
        return String.join(
                ", ",
                new TreeSet<>(response.errors().stream()
                        .map(CreateFleetError::errorCode)
                        .toList()));
    }

    /**
     * Tries a fleet with every tag that the operator can set. The policy relies on these fleets being unable to tag
     * instances, and EC2 must not take the tags of the fleet, or of a template, for those of instances. A refusal
     * counts only if IAM allows an instant fleet that differs in nothing else.
     *
     * <p>If IAM allows the fleet, an administrator deletes it with what it launched. If this process ends before that,
     * EC2 deletes it and terminates its instances after ten minutes.
     */
    private static Result other(Run run, String type) throws Exception {
        Tag[] all = {service(run), lease()};
        CreateFleetRequest instant = fleet(run, Ec2Promises.tooLow(run), template(run, run.id() + "-tags", all))
                .tagSpecifications(tags(run, "fleet", all), tags(run, "instance", all), tags(run, "volume", all))
                .build();
        Result control = InstancePromises.asOperator(
                run, ec2 -> ec2.createFleet(instant.toBuilder().dryRun(true).build()));
        if (!InstancePromises.isAllowed(control)) {
            return notSettled("nor an instant fleet: " + control.words());
        }
        CreateFleetRequest fleet = instant.toBuilder()
                .type(type)
                .validUntil(Instant.now().plus(Duration.ofMinutes(10)))
                .terminateInstancesWithExpiration(true)
                .tagSpecifications(tags(run, "fleet", all))
                .build();
        AtomicReference<@Nullable String> created = new AtomicReference<>();
        Result result = InstancePromises.asOperator(
                run, ec2 -> created.set(ec2.createFleet(fleet).fleetId()));
        String id = created.get();
        if (id == null) {
            // Only these types need EC2's role for fleets, so that its absence says nothing about the policy.
            return result.words().contains("ServiceLinkedRole") ? notSettled(result.words()) : result;
        }
        List<DeleteFleetErrorItem> failures = run.ec2()
                .deleteFleets(request -> request.fleetIds(id).terminateInstances(true))
                .unsuccessfulFleetDeletions();
        return Result.notHeld(
                failures.isEmpty()
                        ? "IAM allows it; the fleet is deleted"
                        : "IAM allows it, and " + id + " is left: " + failures);
    }

    private static Result tooLow(Run run) throws Exception {
        CreateFleetResponse response =
                run.ec2().createFleet(fleet(run, Ec2Promises.tooLow(run)).build());
        if (!launched(response).isEmpty()) {
            OwnLaunch.end(run, launched(response));
            return notSettled("the price was not too low");
        }
        String codes = codes(response);
        if (!codes.contains("TooLow")) {
            return notSettled(codes);
        }
        run.tooLow(codes);
        return answered(codes);
    }

    /** Returns the ids of what a fleet launched. */
    private static List<String> launched(CreateFleetResponse response) {
        return response.instances().stream()
                .flatMap(launch -> launch.instanceIds().stream())
                .toList();
    }

    private static Result token(Run run) throws Exception {
        Ec2Client ec2 = run.ec2();
        CreateFleetRequest request = fleet(run, AcceptanceApp.MAX_PRICE.toPlainString())
                .clientToken(run.id())
                .build();
        CreateFleetResponse first = ec2.createFleet(request);
        Set<String> own = new TreeSet<>(launched(first));
        try {
            CreateFleetResponse second = ec2.createFleet(request);
            own.addAll(launched(second));
            if (launched(first).isEmpty()) {
                return notSettled("the fleet launched nothing: " + codes(first));
            }
            Set<String> expected = Set.copyOf(launched(first));
            boolean nothingMore = run.stays(() -> {
                own.addAll(ofFleets(run, first.fleetId(), second.fleetId()));
                return own.equals(expected);
            });
            return first.fleetId().equals(second.fleetId()) && nothingMore
                    ? Result.held("the same fleet, and no other instance")
                    : Result.notHeld(first + " and then " + second);
        } finally {
            OwnLaunch.end(run, own);
        }
    }

    private static List<String> ofFleets(Run run, String... fleetIds) {
        return run
                .ec2()
                .describeInstances(describe -> describe.filters(
                        Filter.builder().name("tag:" + FLEET).values(fleetIds).build()))
                .reservations()
                .stream()
                .flatMap(reservation -> reservation.instances().stream())
                .map(Instance::instanceId)
                .toList();
    }

    /** Returns whether a role may launch that needs the key. Nothing is launched. */
    private static Result hasKey(Run run, ConditionKey key) throws Exception {
        if (!key.isControl()) {
            run.requireControl(key.isOfFleet());
        }
        Result result = key.isOfFleet() ? launchesWithFleet(run, key) : launches(run, key);
        if (!key.isControl()) {
            return result;
        }
        if (result.equals(answered("yes"))) {
            run.allowed(key);
            return result;
        }
        return notSettled(result.words() + "; the role lacks something else");
    }

    private static Result launchesWithFleet(Run run, ConditionKey key) throws Exception {
        // Made by an administrator, before the role uses it.
        CreateFleetRequest fleet = fleet(run, Ec2Promises.tooLow(run)).build();
        String tooLow = run.tooLowCodes();
        try (Ec2Client ec2 = run.account().ec2(run.role(key.role()))) {
            CreateFleetResponse response = ec2.createFleet(fleet);
            OwnLaunch.end(run, launched(response));
            String codes = codes(response);
            return codes.contains("UnauthorizedOperation")
                    ? answered("no")
                    : codes.equals(tooLow) ? answered("yes") : notSettled(codes);
        } catch (Ec2Exception e) {
            // No role has a condition for CreateFleet itself.
            return notSettled(Promise.words(e));
        }
    }

    private static Result launches(Run run, ConditionKey key) throws Exception {
        Instance like = run.describe(run.instance());
        try (Ec2Client ec2 = run.account().ec2(run.role(key.role()))) {
            ec2.runInstances(RunInstancesRequest.builder()
                    .imageId(like.imageId())
                    .instanceType(AcceptanceApp.TYPE)
                    .minCount(1)
                    .maxCount(1)
                    .instanceMarketOptions(market -> market.marketType("spot"))
                    .iamInstanceProfile(profile -> profile.arn(run.instanceProfile()))
                    .dryRun(true)
                    .build());
            return notSettled("EC2 carried out a dry run");
        } catch (Ec2Exception e) {
            String code = e.awsErrorDetails().errorCode();
            return switch (code) {
                case "DryRunOperation" -> answered("yes");
                case "UnauthorizedOperation" -> answered("no");
                default -> notSettled(Promise.words(e));
            };
        }
    }
}
