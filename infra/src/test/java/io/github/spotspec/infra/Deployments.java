package io.github.spotspec.infra;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.IInstanceProfile;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.InstanceProfileAttributes;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.sns.Topic;

/** The deployments that several tests check. Each is synthesized only once, because a synthesis takes seconds. */
final class Deployments {
    /** The tasks that cost or destroy, or that show what instances write or log in to them. */
    static final Set<SpotTask> MFA_TASKS = Set.of(
            SpotTask.CONSOLE,
            SpotTask.CONNECT,
            SpotTask.LAUNCH,
            SpotTask.EXTEND,
            SpotTask.CANCEL,
            SpotTask.TERMINATE,
            SpotTask.END);

    static final List<String> REGIONS =
            List.of("us-east-1", "us-east-2", "us-west-2", "eu-central-1", "ap-southeast-2");
    static final List<String> SUBNETS = ids("subnet-0123456789abcde", 10);
    static final List<String> SECURITY_GROUPS = ids("sg-0123456789abcde", 5);
    static final List<String> KEY_PAIRS = ids("platform-team-", 5);
    static final List<String> IMAGES = ids("ami-0123456789abcde", 3);
    static final List<String> TYPES = List.of("c7g.*", "m7g.*", "m?i.large", "r7g.2xlarge", "t4g.medium");
    static final String INSTANCE_ROLE = "arn:aws:iam::111122223333:role/platform/SpotInstances";
    static final String INSTANCE_PROFILE = "arn:aws:iam::111122223333:instance-profile/platform/SpotInstances";

    private static final Map<Kind, Synthesis> SYNTHESES = new EnumMap<>(Kind.class);

    private Deployments() {}

    private enum Kind {
        DEFAULT,
        LOCKED_DOWN,
        WITH_MFA,
        PRICE_ONLY,
        WATCHED
    }

    /** A service with every default, but without MFA. */
    static Synthesis byDefault() {
        return cached(
                Kind.DEFAULT, () -> Synthesis.of(SpotServiceProps.builder().mfaTasks()));
    }

    /** A service with every guard rail set, without MFA. */
    static Synthesis lockedDown() {
        return cached(
                Kind.LOCKED_DOWN,
                () -> Synthesis.of(stack -> new SpotService(
                        stack, "SpotServiceOfThePlatformTeam", lockedDown(stack).build())));
    }

    /** A service with every guard rail set, and MFA for every task that needs it by default. */
    static Synthesis withMfa() {
        return cached(
                Kind.WITH_MFA,
                () -> Synthesis.of(stack -> new SpotService(
                        stack,
                        "SpotServiceOfThePlatformTeam",
                        lockedDown(stack).mfaTasks(MFA_TASKS).build())));
    }

    /** A service with only the task {@code price}. */
    static Synthesis priceOnly() {
        return cached(
                Kind.PRICE_ONLY, () -> Synthesis.of(SpotServiceProps.builder().tasks(SpotTask.PRICE)));
    }

    /** A service with a dashboard, alarms, watched types, traces and rotation. */
    static Synthesis watched() {
        return cached(
                Kind.WATCHED,
                () -> Synthesis.of(stack -> new SpotService(
                        stack,
                        "Spot",
                        SpotServiceProps.builder()
                                .dashboard(true)
                                .alarmTopic(Topic.Builder.create(stack, "Alarms")
                                        .masterKey(new Key(stack, "Key"))
                                        .build())
                                .watchedTypes("m7g.large", "c7g.large")
                                .tracing(true)
                                .rotateKeyEvery(Duration.days(90))
                                .build())));
    }

    /** Props with every guard rail set, with as many values as a policy must have room for, and without MFA. */
    static SpotServiceProps.Builder lockedDown(Stack stack) {
        return SpotServiceProps.builder()
                .mfaTasks()
                .regions(REGIONS)
                .instanceTypes(TYPES)
                .images(IMAGES)
                .imageOwners(List.of("amazon", "444455556666"))
                .defaultImage(IMAGES.get(2))
                .subnets(SUBNETS.stream()
                        .map(id -> Subnet.fromSubnetId(stack, id, id))
                        .toList())
                .securityGroups(SECURITY_GROUPS.stream()
                        .map(id -> SecurityGroup.fromSecurityGroupId(stack, id, id))
                        .toList())
                .keyPairs(KEY_PAIRS.stream()
                        .map(name -> KeyPair.fromKeyPairName(stack, name, name))
                        .toList())
                .instanceProfile(instanceProfile(stack))
                .osUsers("builder")
                .maxPrice(new BigDecimal("0.250"))
                .maxCommitted(new BigDecimal("12.50"))
                .maxInstances(3)
                .maxVolumeSize(Size.gibibytes(64))
                .volumeTypes("gp3")
                .maxVolumeIops(6_000)
                .maxVolumeThroughput(250)
                .maxMetadataHopLimit(1)
                .defaultLease(Duration.hours(1))
                .maxLease(Duration.hours(12))
                .userData(Map.of("worker", "#!/bin/sh\n", "builder", "#cloud-config\n"));
    }

    static IInstanceProfile instanceProfile(Stack stack) {
        return InstanceProfile.fromInstanceProfileAttributes(
                stack,
                "Profile",
                InstanceProfileAttributes.builder()
                        .instanceProfileArn(INSTANCE_PROFILE)
                        .role(Role.fromRoleArn(stack, "InstanceRole", INSTANCE_ROLE))
                        .build());
    }

    /** Returns the operator's permissions without a synthesis. The service's name is {@code here}. */
    static Policy operator(SpotServiceProps.Builder props) {
        return operator(new Stack(), props);
    }

    /** Returns the operator's permissions without a synthesis. The service's name is {@code here}. */
    static Policy operator(Stack stack, SpotServiceProps.Builder props) {
        SpotPolicy policy = new SpotPolicy(stack, "here", List.of(Intrinsics.REGION), props.build());
        return Policy.of(
                stack,
                Stream.of(
                                policy.readStatements(),
                                policy.launchStatements(),
                                policy.fleetStatements(),
                                policy.managedStatements())
                        .flatMap(List::stream));
    }

    /** Returns all tasks except these. */
    static Set<SpotTask> allBut(SpotTask... tasks) {
        Set<SpotTask> others = EnumSet.allOf(SpotTask.class);
        others.removeAll(List.of(tasks));
        return others;
    }

    private static List<String> ids(String prefix, int count) {
        return IntStream.range(10, 10 + count).mapToObj(i -> prefix + i).toList();
    }

    private static Synthesis cached(Kind kind, Supplier<Synthesis> synthesis) {
        return SYNTHESES.computeIfAbsent(kind, missing -> synthesis.get());
    }
}
