package io.github.spotspec.acceptance;

import static io.github.spotspec.acceptance.Result.answered;
import static io.github.spotspec.acceptance.Result.notSettled;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.spotspec.acceptance.SignedHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Image;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceMarketOptionsRequest;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/** What the service promises about launches and the instances that it launched. */
final class InstancePromises {
    static final String LEASE = "spotspec:lease";
    static final String SERVICE = "spotspec:service";

    /** The tag of the instance that AWS FIS interrupts. */
    static final String INTERRUPTED = Run.TAG + "-interrupted";

    private static final String KEY = "first";

    /** Covers what comes before the lease is moved: one wait of the longest patience, and the other checks. */
    private static final Duration LEASE_AT_LAUNCH = Patience.MAX.plusMinutes(25);

    /** Covers what comes after the lease was moved: two waits of the longest patience, and the other checks. */
    private static final Duration MOVED_LEASE = Patience.MAX.multipliedBy(2).plusMinutes(20);

    /** How long the keeper may take: its schedule of a minute, and what EC2 needs. */
    private static final Duration KEEPER = Duration.ofMinutes(5);

    private static final List<String> ENDING = List.of("shutting-down", "terminated");

    private static final Duration INTERRUPTION = Duration.ofMinutes(5);

    /** The service's errors if the account's quota or EC2's capacity is too small. */
    private static final List<String> SHORTAGES = List.of("AccountLimit", "NoCapacity");

    /**
     * Writes the lease to the console when the instance's metadata shows a new one. It looks every five seconds,
     * because the service launches burstable instances with unlimited credits.
     */
    private static final String USER_DATA = """
            #!/bin/sh
            at=http://169.254.169.254/latest
            while sleep 5; do
              token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $at/api/token)
              new=$(curl -s -H "X-aws-ec2-metadata-token: $token" $at/meta-data/tags/instance/spotspec:lease)
              [ "$new" = "$old" ] || echo "acceptance: $new at $(date -u +%Y-%m-%dT%H:%M:%SZ)" >/dev/console
              old=$new
            done &
            """;

    private InstancePromises() {}

    static List<Promise> launch() {
        return List.of(
                new Promise("A launch is a dry run unless told otherwise", run -> {
                    Answer answer = run.ask("launch", "types", types()).ok();
                    return Result.of(
                            answer.json().path("meta").has("candidates")
                                    && answer.json().path("data").isEmpty()
                                    && run.stays(() -> ofService(run).isEmpty()),
                            answer.words() + " " + ofService(run));
                }),
                new Promise("A launch launches a Spot Instance that runs", run -> {
                    Answer answer = launched(launch(run, KEY, 1));
                    run.launched(id(answer));
                    run.lookingForOutput(new FutureTask<>(() -> firstOutput(run)));
                    Instance found = run.describe(run.instance(), InstancePromises::runs);
                    return Result.of(runs(found) && "spot".equals(found.instanceLifecycleAsString()), answer.words());
                }),
                new Promise("The same request with its key launches nothing more", run -> {
                    List<String> expected = List.of(run.instance());
                    Answer answer = launch(run, KEY, 1).ok();
                    Wait.until(Wait.EC2, () -> !ofService(run).isEmpty());
                    return Result.of(
                            id(answer).equals(run.instance())
                                    && run.stays(() -> ofService(run).equals(expected)),
                            answer.words() + " " + ofService(run));
                }),
                new Promise("Another request with the key is rejected", run -> {
                    // Without the first launch, this would be the first request with the key.
                    run.instance();
                    return RequestPromises.rejected("IdempotencyConflict", launch(run, KEY, 2));
                }),
                new Promise("IAM lets a launch pass the role of the instance profile: the instance has it", run -> {
                    Instance found = run.describe(run.instance());
                    return Result.of(
                            found.iamInstanceProfile() != null
                                    && run.instanceProfile()
                                            .equals(found.iamInstanceProfile().arn()),
                            String.valueOf(found.iamInstanceProfile()));
                }),
                new Promise("The instance has the service's tag, a lease in the future, and requires IMDSv2", run -> {
                    String service = run.output("ServiceName");
                    Instance found = run.describe(
                            run.instance(),
                            shown -> isLeased(shown) && tag(shown, SERVICE).equals(service));
                    return Result.of(
                            isLeased(found)
                                    && tag(found, SERVICE).equals(service)
                                    && found.metadataOptions()
                                            .httpTokensAsString()
                                            .equals("required"),
                            found.toString());
                }),
                new Promise("EC2 Instance Connect takes a key for the instance; nobody logs in here", run -> {
                    // Nobody has the private half of this key.
                    String key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43);
                    Answer answer = run.ask("connect", "instanceId", run.instance(), "publicKey", key);
                    return Result.of(answer.status() == 200, answer.words());
                }));
    }

    static List<Promise> operator() {
        return List.of(
                new Promise(
                        "IAM denies the operator's key without MFA to end the instance",
                        run -> denied(() -> {
                            try (Ec2Client ec2 = run.account().ec2(Run.key(run.operatorSecret()))) {
                                ec2.terminateInstances(request ->
                                        request.instanceIds(run.instance()).dryRun(true));
                            }
                        })),
                new Promise(
                        "IAM denies the operator, with MFA, a type that is not allowed",
                        run -> denied(run, launch -> launch.instanceType(AcceptanceApp.OTHER_TYPE))),
                new Promise(
                        "IAM denies the operator, with MFA, an on-demand instance",
                        run -> denied(
                                run, launch -> launch.instanceMarketOptions((InstanceMarketOptionsRequest) null))),
                new Promise(
                        "IAM denies the operator, with MFA, a volume that is not encrypted",
                        InstancePromises::unencryptedVolume),
                new Promise("IAM denies the operator a tag that differs from the service's only in case", run -> {
                    Result lease = asOperator(run, ec2 -> tag(run, ec2, LEASE));
                    return isAllowed(lease)
                            ? asOperator(run, ec2 -> tag(run, ec2, "Spotspec:Service"))
                            : notSettled("nor a lease: " + lease.words());
                }),
                new Promise(
                        "IAM denies ending an instance that has the service's tag in two cases",
                        InstancePromises::tagInTwoCases));
    }

    static List<Promise> life() {
        return List.of(
                new Promise("Extending moves the lease in EC2's tag", run -> {
                    Instant before = lease(run);
                    // As precise as the time that the instance writes.
                    run.extended(Instant.now().truncatedTo(ChronoUnit.SECONDS));
                    Answer answer = run.ask(
                                    "extend", "instanceIds", List.of(run.instance()), "lease", minutes(MOVED_LEASE))
                            .ok();
                    String moved =
                            answer.json().path("data").path(0).path("Lease").asText();
                    return Result.of(
                            Wait.until(
                                    Wait.EC2,
                                    () -> lease(run).isAfter(before)
                                            && lease(run).equals(Instant.parse(moved))),
                            "from " + before + " to " + lease(run) + ": " + answer.words());
                }),
                new Promise("How long EC2 takes to show console output", Run::firstOutput),
                new Promise("How long the metadata takes to show a moved lease", run -> {
                    Instant lease = lease(run);
                    String output = console(run, Pattern.quote("acceptance: " + lease + " at ") + "(\\S+)");
                    return output.isEmpty()
                            ? notSettled("the console does not show it")
                            : answered(Duration.between(run.extendedAt(), Instant.parse(output))
                                            .toSeconds() + " s");
                }),
                new Promise("The task end says that nothing is left, and EC2 says that the instance ends", run -> {
                    String id = run.instance();
                    run.ending(Instant.now());
                    Answer answer = run.ask("end", "instanceIds", List.of(id)).ok();
                    JsonNode left = answer.json().path("meta").path("left");
                    String state = run.describe(
                                    id, found -> ENDING.contains(found.state().nameAsString()))
                            .state()
                            .nameAsString();
                    return Result.of(
                            left.isInt() && left.asInt() == 0 && ENDING.contains(state),
                            "it is " + state + ": " + answer.words());
                }));
    }

    /** An administrator moves the lease of an instance that runs into the past. */
    static Result keeper(Run run) throws Exception {
        String id = run.fleetInstance();
        if (!run.state(id).equals("running")) {
            return notSettled(id + " is " + run.state(id) + " before its lease is over");
        }
        run.ec2()
                .createTags(request -> request.resources(id)
                        .tags(Tag.builder()
                                .key(LEASE)
                                .value(Instant.now().minusSeconds(60).toString())
                                .build()));
        Instant start = Instant.now();
        boolean ended = Wait.until(KEEPER, () -> ENDING.contains(run.state(id)));
        Result result = ended
                ? endedByCall(run, id, Duration.between(start, Instant.now()))
                : Result.notHeld("after " + KEEPER.toMinutes() + " minutes, it is " + run.state(id));
        OwnLaunch.end(run, List.of(id));
        return result;
    }

    /** Returns whether a call ended the instance, and not an interruption or its own shutdown. */
    private static Result endedByCall(Run run, String id, Duration time) throws Exception {
        Instance found = run.describe(id, ended -> !reason(ended).isEmpty());
        return endedByCall(found)
                ? Result.held(time.toSeconds() + " s later")
                : notSettled("it ended for another reason: " + reason(found));
    }

    /** Returns whether EC2 says that a call ended the instance. */
    static boolean endedByCall(Instance instance) {
        return reason(instance).equals("Client.UserInitiatedShutdown");
    }

    static String reason(Instance instance) {
        return instance.stateReason() == null ? "" : instance.stateReason().code();
    }

    static boolean runs(Instance instance) {
        return instance.state().nameAsString().equals("running");
    }

    private static boolean isLeased(Instance instance) {
        String lease = tag(instance, LEASE);
        return !lease.isEmpty() && Instant.parse(lease).isAfter(Instant.now());
    }

    private static String minutes(Duration lease) {
        return lease.toMinutes() + "m";
    }

    private static String tag(Instance instance, String key) {
        return instance.tags().stream()
                .filter(tag -> tag.key().equals(key))
                .map(Tag::value)
                .findFirst()
                .orElse("");
    }

    /** Tries to tag the instance, in a dry run. */
    private static void tag(Run run, Ec2Client ec2, String key) {
        ec2.createTags(request -> request.resources(run.instance())
                .tags(Tag.builder()
                        .key(key)
                        .value(Instant.now().plusSeconds(600).toString())
                        .build())
                .dryRun(true));
    }

    /** Returns the ids of the service's instances that have not ended, as EC2 lists them. */
    private static List<String> ofService(Run run) {
        return run
                .ec2()
                .describeInstances(request -> request.filters(
                        Filter.builder()
                                .name("tag:" + SERVICE)
                                .values(run.output("ServiceName"))
                                .build(),
                        Filter.builder()
                                .name("instance-state-name")
                                .values("pending", "running")
                                .build()))
                .reservations()
                .stream()
                .flatMap(reservation -> reservation.instances().stream())
                .map(Instance::instanceId)
                .toList();
    }

    /** Returns the promise that an interruption is noticed, if the run was asked to interrupt an instance. */
    static List<Promise> interruption(boolean asked) {
        return List.of(new Promise("The service notices an interruption (AWS FIS)", run -> {
            if (!asked) {
                return notSettled("not asked for: -Dlive.fis");
            }
            String id = id(launched(
                    launch(run, "interrupted", 1, "lowest-price", Map.of(Run.TAG, run.id(), INTERRUPTED, run.id()))));
            // The experiment finds it by its tag and state.
            run.describe(id, found -> runs(found) && tag(found, INTERRUPTED).equals(run.id()));
            return interrupt(run, id);
        }));
    }

    /** Interrupts the instance, and waits until the service has noticed it. */
    static Result interrupt(Run run, String id) throws Exception {
        String experiment = run.account()
                .call(
                        "fis",
                        "POST",
                        "/experiments",
                        // Without the run's tag, because AWS keeps the experiment for months.
                        "{\"clientToken\":\"%s\",\"experimentTemplateId\":\"%s\"}"
                                .formatted(UUID.randomUUID(), run.output("InterruptionTemplate")),
                        Map.of("content-type", "application/json"))
                .ok()
                .json()
                .path("experiment")
                .path("id")
                .asText();
        JsonNode[] state = new JsonNode[1];
        boolean noticed = Wait.until(INTERRUPTION, () -> {
            state[0] = run.account()
                    .call("fis", "GET", "/experiments/" + experiment, "", Map.of())
                    .ok()
                    .json()
                    .path("experiment")
                    .path("state");
            return hasFailed(state[0]) || hasNotice(run, id);
        });
        if (hasFailed(state[0])) {
            return notSettled("the experiment is " + state[0].path("status").asText() + ": "
                    + state[0].path("reason").asText());
        }
        return Result.of(
                noticed, "no instance has a notice after " + INTERRUPTION.toMinutes() + " minutes: " + state[0]);
    }

    /** Returns whether an experiment of AWS FIS has ended without doing all that it should. */
    private static boolean hasFailed(JsonNode state) {
        return List.of("cancelled", "failed", "stopped")
                .contains(state.path("status").asText());
    }

    private static boolean hasNotice(Run run, String id) throws Exception {
        for (JsonNode row : run.ask("instances").ok().json().path("data")) {
            if (row.path("InstanceId").asText().equals(id) && row.hasNonNull("Interrupted")) {
                return true;
            }
        }
        return false;
    }

    static List<String> types() {
        return List.of(AcceptanceApp.TYPE);
    }

    private static Answer launch(Run run, String key, int count) throws Exception {
        return launch(run, key, count, "lowest-price");
    }

    static Answer launch(Run run, String key, int count, String allocation) throws Exception {
        return launch(run, key, count, allocation, Map.of(Run.TAG, run.id()));
    }

    private static Answer launch(Run run, String key, int count, String allocation, Map<String, String> tags)
            throws Exception {
        return run.ask(
                "launch",
                "types",
                types(),
                "count",
                count,
                "idempotencyKey",
                key,
                "allocation",
                allocation,
                "lease",
                minutes(LEASE_AT_LAUNCH),
                "userData",
                USER_DATA,
                "tags",
                tags,
                "waitRunning",
                true,
                "dryRun",
                false);
    }

    /**
     * Returns the answer to a launch that nothing came before, if it launched. A shortage says nothing about the
     * service.
     */
    static Answer launched(Answer answer) {
        if (SHORTAGES.contains(answer.error())) {
            throw notSettled(answer.words()).early();
        }
        return answer.ok();
    }

    static String id(Answer answer) {
        return answer.json().path("data").path(0).path("InstanceId").asText();
    }

    /** A call of AWS. */
    @FunctionalInterface
    interface Call {
        void run() throws Exception;
    }

    /** Returns that IAM denies a call. Other refusals do not count. */
    static Result denied(Call call) throws Exception {
        try {
            call.run();
            return Result.notHeld("AWS accepts the call");
        } catch (Ec2Exception e) {
            return e.awsErrorDetails().errorCode().equals("UnauthorizedOperation")
                    // The words name the resource, which shows whether the right condition refused.
                    ? Result.held(Promise.words(e))
                    : Result.notHeld(Promise.words(e));
        }
    }

    /** Returns whether AWS would have carried out a dry run that should be denied. */
    static boolean isAllowed(Result denial) {
        return denial.words().startsWith("DryRunOperation");
    }

    /** A call of EC2. */
    @FunctionalInterface
    interface Ec2Call {
        void run(Ec2Client ec2);
    }

    static Result asOperator(Run run, Ec2Call call) throws Exception {
        AwsCredentialsProvider operator = run.operator();
        return denied(() -> {
            try (Ec2Client ec2 = run.account().ec2(operator)) {
                call.run(ec2);
            }
        });
    }

    /** Changes a launch. */
    @FunctionalInterface
    private interface Change {
        void to(RunInstancesRequest.Builder launch);
    }

    /** Returns that IAM denies the operator a launch, which it allows without the change. Nothing is launched. */
    private static Result denied(Run run, Change change) throws Exception {
        Instance like = run.describe(run.instance());
        Image image = run.ec2()
                .describeImages(request -> request.imageIds(like.imageId()))
                .images()
                .getFirst();
        List<Tag> tags = like.tags().stream()
                .filter(tag -> !tag.key().startsWith("aws:"))
                .toList();
        RunInstancesRequest allowed = RunInstancesRequest.builder()
                .imageId(like.imageId())
                .instanceType(AcceptanceApp.TYPE)
                .minCount(1)
                .maxCount(1)
                .instanceMarketOptions(market -> market.marketType("spot"))
                .metadataOptions(metadata -> metadata.httpTokens("required"))
                .blockDeviceMappings(BlockDeviceMapping.builder()
                        .deviceName(image.rootDeviceName())
                        .ebs(volume -> volume.encrypted(true))
                        .build())
                .tagSpecifications(Stream.of("instance", "volume")
                        .map(type -> TagSpecification.builder()
                                .resourceType(type)
                                .tags(tags)
                                .build())
                        .toList())
                .dryRun(true)
                .build();
        try (Ec2Client ec2 = run.account().ec2(run.operator())) {
            ec2.runInstances(allowed);
        } catch (Ec2Exception e) {
            if (!e.awsErrorDetails().errorCode().equals("DryRunOperation")) {
                return notSettled("without the change, too: " + Promise.words(e));
            }
        }
        return asOperator(run, ec2 -> {
            RunInstancesRequest.Builder launch = allowed.toBuilder();
            change.to(launch);
            ec2.runInstances(launch.build());
        });
    }

    private static Result unencryptedVolume(Run run) throws Exception {
        Result result = denied(
                run,
                launch -> launch.blockDeviceMappings(launch.build().blockDeviceMappings().getFirst().toBuilder()
                        .ebs(volume -> volume.encrypted(false))
                        .build()));
        // In an account that encrypts all new volumes, EC2 ignores the change.
        return isAllowed(result)
                        && run.ec2().getEbsEncryptionByDefault(request -> {}).ebsEncryptionByDefault()
                ? notSettled("the account encrypts all new volumes in this region")
                : result;
    }

    /** An administrator adds the tag, and takes it away again. IAM may see it late. */
    private static Result tagInTwoCases(Run run) throws Exception {
        Result before = asOperator(
                run,
                ec2 -> ec2.terminateInstances(
                        request -> request.instanceIds(run.instance()).dryRun(true)));
        if (!isAllowed(before)) {
            return notSettled("nor to end it without: " + before.words());
        }
        Tag second = Tag.builder().key("Spotspec:Service").value("x").build();
        String id = run.instance();
        run.ec2().createTags(request -> request.resources(id).tags(second));
        try {
            Result[] last = new Result[1];
            Wait.until(Wait.EC2, () -> {
                last[0] = asOperator(
                        run,
                        ec2 -> ec2.terminateInstances(
                                request -> request.instanceIds(id).dryRun(true)));
                return last[0].outcome() == Result.Outcome.HELD;
            });
            return last[0];
        } finally {
            run.ec2().deleteTags(request -> request.resources(id).tags(second));
        }
    }

    /** Asks EC2, and not the service, until there is console output of the first instance. */
    private static Result firstOutput(Run run) throws Exception {
        String id = run.instance();
        String[] words = {"none"};
        boolean shown = Wait.until(LEASE_AT_LAUNCH, () -> {
            try {
                return run.ec2()
                                .getConsoleOutput(
                                        request -> request.instanceId(id).latest(true))
                                .output()
                        != null;
            } catch (SdkException e) {
                // EC2 may show a new instance late.
                words[0] = Promise.words(e);
                return false;
            }
        });
        Instant end = Instant.now();
        return shown
                ? answered("at most "
                        + Duration.between(run.describe(id).launchTime(), end).toSeconds() + " s after the launch")
                : notSettled("no output; EC2's last error: " + words[0]);
    }

    private static Instant lease(Run run) throws Exception {
        return Instant.parse(tag(run.describe(run.instance()), LEASE));
    }

    /** Waits until the console output matches, and returns the first group or the match, or an empty text. */
    private static String console(Run run, String pattern) throws Exception {
        String[] found = {""};
        Wait.until(run.patience(), () -> {
            Answer answer =
                    run.ask("console", "instanceIds", List.of(run.instance())).ok();
            var matcher = Pattern.compile(pattern)
                    .matcher(answer.json().path("data").path(0).path("Output").asText(""));
            if (matcher.find()) {
                found[0] = matcher.group(matcher.groupCount());
            }
            return !found[0].isEmpty();
        });
        return found[0];
    }
}
