package io.github.spotspec.infra;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.services.ec2.IKeyPair;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.iam.IInstanceProfile;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sns.ITopic;

/**
 * Properties of a {@link SpotService}. Every prop is optional, and its setter in {@link Builder} documents the default.
 * Immutable and thread-safe; the builder is neither.
 */
public final class SpotServiceProps {
    /** The tasks that need MFA by default, as far as the deployment has them. */
    static final Set<SpotTask> DEFAULT_MFA_TASKS = Set.of(
            SpotTask.CONSOLE,
            SpotTask.CONNECT,
            SpotTask.LAUNCH,
            SpotTask.EXTEND,
            SpotTask.CANCEL,
            SpotTask.TERMINATE,
            SpotTask.END);

    /** The short names of public images. The function resolves them. */
    static final List<String> IMAGE_NAMES = List.of(
            "al2023",
            "al2023-minimal",
            "ubuntu-24.04",
            "ubuntu-22.04",
            "debian-13",
            "debian-12",
            "windows-2025",
            "windows-2022",
            "ecs-al2023",
            "ecs-al2023-gpu",
            "ecs-al2023-neuron",
            "deep-learning-al2023",
            "deep-learning-ubuntu-24.04",
            "deep-learning-ubuntu-22.04");

    final @Nullable List<String> regions;
    final Set<SpotTask> tasks;
    final SpotCredentials credentials;
    final @Nullable Duration rotateKeyEvery;
    final Set<SpotTask> mfaTasks;
    final UrlAuth urlAuth;
    final List<String> instanceTypes;
    final List<String> images;
    final List<String> imageOwners;
    final @Nullable String defaultImage;
    final List<ISubnet> subnets;
    final List<ISecurityGroup> securityGroups;
    final List<IKeyPair> keyPairs;
    final @Nullable IInstanceProfile instanceProfile;
    final List<String> osUsers;
    final @Nullable BigDecimal maxPrice;
    final @Nullable BigDecimal maxCommitted;
    final int maxInstances;
    final @Nullable Size maxVolumeSize;
    final List<String> volumeTypes;
    final int maxVolumeIops;
    final int maxVolumeThroughput;
    final int maxMetadataHopLimit;
    final Duration defaultLease;
    final Duration maxLease;
    final Duration keeperSchedule;
    final Duration leaseWarning;
    final boolean allowOnDemand;
    final boolean fleets;
    final boolean allowEndWhenIdle;
    final Map<String, String> userData;
    final @Nullable ITopic interruptionTopic;
    final @Nullable String parameterName;
    final Size memorySize;
    final Duration timeout;
    final @Nullable Integer reservedConcurrency;
    final Architecture architecture;
    final @Nullable IKey encryptionKey;
    final @Nullable ILogGroup logGroup;
    final RetentionDays logRetention;
    final RemovalPolicy logRemovalPolicy;
    final RemovalPolicy secretRemovalPolicy;
    final boolean dashboard;
    final @Nullable ITopic alarmTopic;
    final List<String> watchedTypes;
    final boolean tracing;

    private SpotServiceProps(Builder builder) {
        regions = builder.regions;
        tasks = Set.copyOf(builder.tasks);
        credentials = builder.credentials;
        rotateKeyEvery = builder.rotateKeyEvery;
        mfaTasks = Set.copyOf(builder.effectiveMfaTasks());
        urlAuth = builder.urlAuth;
        instanceTypes = List.copyOf(builder.instanceTypes);
        images = List.copyOf(builder.images);
        imageOwners = List.copyOf(builder.imageOwners);
        defaultImage = builder.defaultImage;
        subnets = List.copyOf(builder.subnets);
        securityGroups = List.copyOf(builder.securityGroups);
        keyPairs = List.copyOf(builder.keyPairs);
        instanceProfile = builder.instanceProfile;
        osUsers = builder.osUsers;
        maxPrice = builder.maxPrice;
        maxCommitted = builder.maxCommitted;
        maxInstances = builder.maxInstances;
        maxVolumeSize = builder.maxVolumeSize;
        volumeTypes = builder.volumeTypes;
        maxVolumeIops = builder.maxVolumeIops;
        maxVolumeThroughput = builder.maxVolumeThroughput;
        maxMetadataHopLimit = builder.maxMetadataHopLimit;
        defaultLease = builder.defaultLease == null ? builder.defaultLeaseWithinMax() : builder.defaultLease;
        maxLease = builder.maxLease;
        keeperSchedule = builder.keeperSchedule;
        leaseWarning = builder.effectiveLeaseWarning();
        allowOnDemand = builder.allowOnDemand;
        fleets = builder.fleets;
        allowEndWhenIdle = builder.allowEndWhenIdle;
        userData = new TreeMap<>(builder.userData);
        interruptionTopic = builder.interruptionTopic;
        parameterName = builder.parameterName;
        memorySize = builder.memorySize;
        timeout = builder.timeout;
        reservedConcurrency = builder.reservedConcurrency;
        architecture = builder.architecture;
        encryptionKey = builder.encryptionKey;
        logGroup = builder.logGroup;
        logRetention = builder.logRetention == null ? RetentionDays.ONE_MONTH : builder.logRetention;
        logRemovalPolicy = builder.logRemovalPolicy == null ? RemovalPolicy.DESTROY : builder.logRemovalPolicy;
        secretRemovalPolicy = builder.secretRemovalPolicy == null ? RemovalPolicy.DESTROY : builder.secretRemovalPolicy;
        dashboard = builder.dashboard;
        alarmTopic = builder.alarmTopic;
        watchedTypes = List.copyOf(builder.watchedTypes);
        tracing = builder.tracing;
    }

    /**
     * Returns a builder in which every prop has its default.
     *
     * @throws IllegalStateException if the app's {@code aws-cdk-lib} is older than the version that this library is
     *     built with
     */
    public static Builder builder() {
        CdkVersion.check();
        return new Builder();
    }

    /** Builds {@link SpotServiceProps}. Each setter checks its value immediately. */
    public static final class Builder {
        private static final List<String> VOLUME_TYPES = List.of("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard");
        private static final String IMAGE_ID = "ami-[0-9a-f]{8,17}";
        private static final Duration DEFAULT_LEASE = Duration.hours(8);
        private static final Duration DEFAULT_LEASE_WARNING = Duration.minutes(15);
        private static final Duration ROTATION_WINDOW = Duration.days(1);

        private @Nullable List<String> regions;
        private Set<SpotTask> tasks = EnumSet.allOf(SpotTask.class);
        private SpotCredentials credentials = SpotCredentials.user();
        private @Nullable Duration rotateKeyEvery;
        private @Nullable Set<SpotTask> mfaTasks;
        private UrlAuth urlAuth = UrlAuth.iam();
        private List<String> instanceTypes = List.of();
        private List<String> images = List.of();
        private List<String> imageOwners = List.of();
        private @Nullable String defaultImage;
        private List<ISubnet> subnets = List.of();
        private List<ISecurityGroup> securityGroups = List.of();
        private List<IKeyPair> keyPairs = List.of();
        private @Nullable IInstanceProfile instanceProfile;
        private List<String> osUsers = List.of("ec2-user", "ubuntu", "admin");
        private @Nullable BigDecimal maxPrice;
        private @Nullable BigDecimal maxCommitted;
        private int maxInstances = 10;
        private @Nullable Size maxVolumeSize;
        private List<String> volumeTypes = List.of("gp3", "gp2", "st1", "sc1", "standard");
        private int maxVolumeIops = 16_000;
        private int maxVolumeThroughput = 1_000;
        private int maxMetadataHopLimit = 2;
        private @Nullable Duration defaultLease;
        private Duration maxLease = Duration.days(7);
        private Duration keeperSchedule = Duration.minutes(5);
        private @Nullable Duration leaseWarning;
        private boolean allowOnDemand;
        private boolean fleets;
        private boolean allowEndWhenIdle;
        private Map<String, String> userData = Map.of();
        private @Nullable ITopic interruptionTopic;
        private @Nullable String parameterName;
        private Size memorySize = Size.mebibytes(1024);
        private Duration timeout = Duration.seconds(30);
        private @Nullable Integer reservedConcurrency;
        private Architecture architecture = Architecture.ARM_64;
        private @Nullable IKey encryptionKey;
        private @Nullable ILogGroup logGroup;
        private @Nullable RetentionDays logRetention;
        private @Nullable RemovalPolicy logRemovalPolicy;
        private @Nullable RemovalPolicy secretRemovalPolicy;
        private boolean dashboard;
        private @Nullable ITopic alarmTopic;
        private List<String> watchedTypes = List.of();
        private boolean tracing;

        private Builder() {}

        /**
         * Sets the regions in which the service may act. The first region is the default for requests that do not name
         * one.
         *
         * <p>Default: the stack's region.
         *
         * @throws IllegalArgumentException if there are no regions, if one is not a region's name, belongs to a
         *     partition other than {@code aws}, or appears twice
         */
        public Builder regions(Collection<String> regions) {
            List<String> checked = new ArrayList<>();
            for (String region : Validate.elements("regions", regions)) {
                RegionNames.check("regions", region);
                Validate.that(
                        !checked.contains(region), "'regions' must contain each region once, got " + region + " twice");
                checked.add(region);
            }
            Validate.that(!checked.isEmpty(), "'regions' must not be empty; omit it to use the stack's region");
            this.regions = List.copyOf(checked);
            return this;
        }

        /** Sets the regions, as {@link #regions(Collection)} does. */
        public Builder regions(String... regions) {
            return regions(Validate.asList("regions", regions));
        }

        /**
         * Sets the tasks that the service carries out. The operator's policy allows only what these tasks need. For
         * example, a deployment with only the task {@code price} can only read.
         *
         * <p>Default: all.
         *
         * @throws IllegalArgumentException if there are no tasks, or only {@link SpotTask#CHECK}, which makes dry runs
         *     of the others
         */
        public Builder tasks(Collection<SpotTask> tasks) {
            Validate.elements("tasks", tasks);
            Validate.that(!tasks.isEmpty(), "'tasks' must not be empty; omit it to allow all tasks");
            Validate.that(
                    !Set.of(SpotTask.CHECK).containsAll(tasks),
                    "'tasks' must contain a task other than CHECK, because CHECK makes dry runs of the other tasks");
            this.tasks = EnumSet.copyOf(tasks);
            return this;
        }

        /** Sets the tasks, as {@link #tasks(Collection)} does. */
        public Builder tasks(SpotTask... tasks) {
            return tasks(Validate.asList("tasks", tasks));
        }

        /**
         * Sets the operator and the source of its credentials.
         *
         * <p>Default: {@link SpotCredentials#user()}.
         *
         * @throws IllegalArgumentException by {@link #build} if another prop needs a user that the stack creates, or an
         *     MFA device, and there is none
         */
        public Builder credentials(SpotCredentials credentials) {
            this.credentials = Validate.propNotNull("credentials", credentials);
            return this;
        }

        /**
         * Sets how often the operator's access key is rotated, together with the secrets that seal MFA sessions and
         * sign tokens. The first rotation runs at the end of the deployment. Each change of this prop triggers another
         * rotation immediately, which ends the sessions and tokens that are older than the previous rotation. The
         * service answers requests during a rotation. A replaced key stays valid until the next rotation, so a key
         * lives for twice this period. To invalidate a key immediately, rotate the secret twice.
         *
         * <p>Default: never. IAM does not delete a user that has a key unknown to CloudFormation. Before you delete a
         * stack with rotation, run {@code aws secretsmanager cancel-rotate-secret} and {@code aws iam
         * delete-access-key}.
         *
         * @throws IllegalArgumentException if it is not whole days from 3 to 999, the maximum of Secrets Manager. The
         *     minimum is 3 because sessions last up to 36 hours and must not outlast the next value, and Secrets
         *     Manager picks the hour of a rotation. Also thrown by {@link #build} if the stack does not create the
         *     operator, or if the period is not at least a day longer than tokens last
         */
        public Builder rotateKeyEvery(Duration rotateKeyEvery) {
            this.rotateKeyEvery = Validate.between(
                    "rotateKeyEvery", rotateKeyEvery, Validate.Time.DAY, Duration.days(3), Duration.days(999));
            return this;
        }

        /**
         * Sets the tasks that need a code from the operator's MFA device. An empty list turns MFA off. The operator's
         * policy follows: if only such tasks need an action, the operator may call it only with credentials that STS
         * issued for a code. If a task without MFA needs the same action, such as reading instances, IAM cannot tell
         * the tasks apart. Then only the function requires the code.
         *
         * <p>That would not protect actions that change instances or spot requests. So {@link SpotTask#END}, which
         * cancels and terminates, must match {@link SpotTask#CANCEL} and {@link SpotTask#TERMINATE}: either all of them
         * need MFA or none does. {@link SpotTask#CHECK} makes dry runs with the permissions of the other tasks. Without
         * a code, it reports that tasks with MFA are denied.
         *
         * <p>Default: the tasks that cost or destroy, which are {@code launch}, {@code extend}, {@code cancel},
         * {@code terminate} and {@code end}; {@code connect}, because who logs in can do what the instance can; and
         * {@code console}, because what instances write may contain secrets. No tasks with
         * {@link SpotCredentials#functionRole()}, because a role has no MFA device.
         *
         * @throws IllegalArgumentException by {@link #build} if a task is not among the {@link #tasks}, if tasks that
         *     share an action do not match, or if the operator cannot have an MFA device
         * @see SpotService#getMfaSerialNumber
         */
        public Builder mfaTasks(Collection<SpotTask> mfaTasks) {
            this.mfaTasks = Set.copyOf(Validate.elements("mfaTasks", mfaTasks));
            return this;
        }

        /** Sets the tasks that need MFA, as {@link #mfaTasks(Collection)} does. */
        public Builder mfaTasks(SpotTask... mfaTasks) {
            return mfaTasks(Validate.asList("mfaTasks", mfaTasks));
        }

        /**
         * Sets how callers authenticate to the URL.
         *
         * <p>Default: {@link UrlAuth#iam()}, with signed requests.
         */
        public Builder urlAuth(UrlAuth urlAuth) {
            this.urlAuth = Validate.propNotNull("urlAuth", urlAuth);
            return this;
        }

        /**
         * Sets the instance types that may be launched, as patterns with {@code *} and {@code ?}. Enforced by IAM.
         *
         * <p>Default: any.
         *
         * @throws IllegalArgumentException if there are no patterns, or one is not a pattern of instance types
         */
        public Builder instanceTypes(Collection<String> patterns) {
            for (String pattern : Validate.elements("instanceTypes", patterns)) {
                Validate.that(
                        Validate.notToken("instanceTypes", pattern).matches("[a-z0-9*?.-]{1,40}"),
                        "'instanceTypes' must contain patterns such as m7g.* or c*.large, got \"" + pattern + "\"");
            }
            this.instanceTypes = Validate.notEmpty("instanceTypes", patterns);
            return this;
        }

        /** Sets the instance types, as {@link #instanceTypes(Collection)} does. */
        public Builder instanceTypes(String... patterns) {
            return instanceTypes(Validate.asList("instanceTypes", patterns));
        }

        /**
         * Sets the images that instances may be launched from. Enforced by IAM, which knows images only by their ids.
         * So this list cannot contain short names or public parameters, which stand for another image after each
         * release, and launches must name one of the ids. If there is only one, it is the default.
         *
         * <p>Default: any. To allow all images of an owner, set {@link #imageOwners}.
         *
         * @throws IllegalArgumentException if there are no images, or one is not an image id
         */
        public Builder images(Collection<String> imageIds) {
            for (String image : Validate.elements("images", imageIds)) {
                Validate.that(
                        Token.isUnresolved(image) || image.matches(IMAGE_ID),
                        "'images' must contain image ids such as ami-0123456789abcdef0, because IAM knows images only"
                                + " by their ids, got \"" + image + "\"");
            }
            this.images = Validate.notEmpty("images", imageIds);
            return this;
        }

        /** Sets the images, as {@link #images(Collection)} does. */
        public Builder images(String... imageIds) {
            return images(Validate.asList("images", imageIds));
        }

        /**
         * Sets the owners whose images may be launched: EC2's aliases {@code amazon} and {@code aws-marketplace}, or
         * account ids. EC2 identifies an owner that has an alias only by the alias, so the account ids of Amazon match
         * nothing. The alias {@code amazon} also covers providers that Amazon has verified, such as Canonical and
         * Debian. Enforced by IAM.
         *
         * <p>Default: any owner.
         *
         * @throws IllegalArgumentException if there are no owners, or one is neither an alias nor an account id
         */
        public Builder imageOwners(Collection<String> owners) {
            for (String owner : Validate.elements("imageOwners", owners)) {
                Validate.that(
                        Token.isUnresolved(owner) || owner.matches("[0-9]{12}|amazon|aws-marketplace"),
                        "'imageOwners' must contain account ids, amazon or aws-marketplace, got \"" + owner + "\"");
            }
            this.imageOwners = Validate.notEmpty("imageOwners", owners);
            return this;
        }

        /** Sets the owners, as {@link #imageOwners(Collection)} does. */
        public Builder imageOwners(String... owners) {
            return imageOwners(Validate.asList("imageOwners", owners));
        }

        /**
         * Sets the image of launches that do not name one: an image id, a short name such as {@code ubuntu-24.04}, or
         * {@code resolve:ssm:} and the name of a public parameter. A short name or a parameter stands for the newest
         * image in the region of each launch, and a short name also follows the architecture of the instance type. An
         * image id exists in only one region and for only one architecture.
         *
         * <p>Default: {@code al2023}, which is Amazon Linux 2023. If {@link #images} contains one image, that image. If
         * it contains several, none, and launches must name one.
         *
         * @throws IllegalArgumentException if it has another form, or by {@link #build} if {@link #images} is set and
         *     does not contain it
         */
        public Builder defaultImage(String defaultImage) {
            Validate.propNotNull("defaultImage", defaultImage);
            Validate.that(
                    Token.isUnresolved(defaultImage)
                            || defaultImage.matches(IMAGE_ID)
                            || IMAGE_NAMES.contains(defaultImage)
                            || (defaultImage.matches("resolve:ssm:/aws/service/[!-~]+")
                                    && defaultImage.length() <= 500),
                    "'defaultImage' must be an image id such as ami-0123456789abcdef0, resolve:ssm:/aws/service/ and"
                            + " the rest of a public parameter's name, or one of "
                            + String.join(", ", IMAGE_NAMES) + "; got \"" + defaultImage + "\"");
            this.defaultImage = defaultImage;
            return this;
        }

        /**
         * Sets the subnets that instances may be launched into. Launches that do not name a subnet use any of these.
         * Enforced by IAM. The subnets may belong to another account that shares them through AWS RAM. In that case,
         * also set {@link #securityGroups}, because only the owner's account can use the default security group of a
         * shared VPC.
         *
         * <p>Default: any; launches that do not name a subnet use those of the default VPC.
         *
         * @throws IllegalArgumentException if there are no subnets
         */
        public Builder subnets(Collection<? extends ISubnet> subnets) {
            this.subnets = Validate.notEmpty("subnets", subnets);
            return this;
        }

        /** Sets the subnets, as {@link #subnets(Collection)} does. */
        public Builder subnets(ISubnet... subnets) {
            return subnets(Validate.asList("subnets", subnets));
        }

        /**
         * Sets the security groups that instances may have. Launches that do not name any get all of these. Enforced by
         * IAM.
         *
         * <p>Default: any; launches that do not name any get the VPC's default security group.
         *
         * @throws IllegalArgumentException if there are no security groups
         */
        public Builder securityGroups(Collection<? extends ISecurityGroup> securityGroups) {
            this.securityGroups = Validate.notEmpty("securityGroups", securityGroups);
            return this;
        }

        /** Sets the security groups, as {@link #securityGroups(Collection)} does. */
        public Builder securityGroups(ISecurityGroup... securityGroups) {
            return securityGroups(Validate.asList("securityGroups", securityGroups));
        }

        /**
         * Sets the key pairs that instances may have. Enforced by IAM.
         *
         * <p>Default: any.
         *
         * @throws IllegalArgumentException if there are no key pairs
         */
        public Builder keyPairs(Collection<? extends IKeyPair> keyPairs) {
            this.keyPairs = Validate.notEmpty("keyPairs", keyPairs);
            return this;
        }

        /** Sets the key pairs, as {@link #keyPairs(Collection)} does. */
        public Builder keyPairs(IKeyPair... keyPairs) {
            return keyPairs(Validate.asList("keyPairs", keyPairs));
        }

        /**
         * Sets the instance profile that every instance gets. The operator may pass only the profile's role.
         *
         * <p>Default: none.
         *
         * @throws IllegalArgumentException if the role of the profile is not known
         */
        public Builder instanceProfile(IInstanceProfile instanceProfile) {
            Validate.that(
                    Validate.propNotNull("instanceProfile", instanceProfile).getRole() != null,
                    "'instanceProfile' must have a known role, because the operator may pass only that role; import"
                            + " the profile with InstanceProfile.fromInstanceProfileAttributes and set 'role'");
            this.instanceProfile = instanceProfile;
            return this;
        }

        /**
         * Sets the operating system users that callers may log in as with the task {@code connect}. The first is the
         * default for requests that do not name one. Enforced by IAM.
         *
         * <p>Default: ec2-user, ubuntu and admin, which are the users of the images of Amazon Linux, Ubuntu and Debian.
         * They can become root with {@code sudo}.
         *
         * @throws IllegalArgumentException if there are no users, or one is not the name of a user
         */
        public Builder osUsers(Collection<String> osUsers) {
            for (String user : Validate.elements("osUsers", osUsers)) {
                Validate.that(
                        Validate.notToken("osUsers", user).matches("[A-Za-z_][A-Za-z0-9_-]{0,31}"),
                        "'osUsers' must contain names of users such as ec2-user, got \"" + user + "\"");
            }
            this.osUsers = Validate.notEmpty("osUsers", osUsers);
            return this;
        }

        /** Sets the users, as {@link #osUsers(Collection)} does. */
        public Builder osUsers(String... osUsers) {
            return osUsers(Validate.asList("osUsers", osUsers));
        }

        /**
         * Sets the maximum spot price of an instance, in US dollars per hour. Enforced by the function, because IAM has
         * no condition key for prices.
         *
         * <p>Default: none. EC2 itself never charges more for Spot than the on-demand price.
         *
         * @throws IllegalArgumentException if it is not above 0.001, EC2's own minimum
         */
        public Builder maxPrice(BigDecimal maxPrice) {
            Validate.that(
                    Validate.propNotNull("maxPrice", maxPrice).compareTo(new BigDecimal("0.001")) > 0,
                    "'maxPrice' must be greater than 0.001 US dollars per hour, got " + maxPrice.toPlainString());
            this.maxPrice = maxPrice;
            return this;
        }

        /**
         * Sets the most that the living instances of all regions may together still cost until their leases end, in US
         * dollars: the sum of the price limit of each and the time left of its lease. Launches and extensions that
         * would pass it are refused. Launches that meet in the same seconds may go beyond it. Enforced by the function,
         * because IAM cannot add up prices and times.
         *
         * <p>Default: no limit.
         *
         * @throws IllegalArgumentException if it is not from 0.01 to 1000000, or not in whole cents
         */
        public Builder maxCommitted(BigDecimal maxCommitted) {
            Validate.propNotNull("maxCommitted", maxCommitted);
            Validate.that(
                    maxCommitted.compareTo(new BigDecimal("0.01")) >= 0
                            && maxCommitted.compareTo(new BigDecimal(1_000_000)) <= 0
                            && maxCommitted.stripTrailingZeros().scale() <= 2,
                    "'maxCommitted' must be from 0.01 to 1000000 US dollars, in whole cents, got " + maxCommitted);
            this.maxCommitted = maxCommitted;
            return this;
        }

        /**
         * Sets the maximum number of instances that may run at the same time in each region. Enforced by the function,
         * because IAM cannot count.
         *
         * <p>Default: 10.
         *
         * @throws IllegalArgumentException if it is not 1 to 1000
         */
        public Builder maxInstances(int maxInstances) {
            Validate.that(
                    maxInstances >= 1 && maxInstances <= 1_000,
                    "'maxInstances' must be from 1 to 1000, got " + maxInstances);
            this.maxInstances = maxInstances;
            return this;
        }

        /**
         * Sets the maximum size of a volume. Enforced by IAM.
         *
         * <p>Default: no limit.
         *
         * @throws IllegalArgumentException if it is not whole GiB from 1 to 65536, the maximum of EBS
         */
        public Builder maxVolumeSize(Size maxVolumeSize) {
            this.maxVolumeSize = Validate.between("maxVolumeSize", maxVolumeSize, Validate.Unit.GIBIBYTE, 1, 65_536);
            return this;
        }

        /**
         * Sets the EBS volume types that launches may use. Enforced by IAM.
         *
         * <p>Default: gp3, gp2, st1, sc1 and standard. These are all types except io1 and io2, which EC2 bills by their
         * IOPS.
         *
         * @throws IllegalArgumentException if there are no types, or one is not an EBS volume type or appears twice
         */
        public Builder volumeTypes(String... volumeTypes) {
            return volumeTypes(Validate.asList("volumeTypes", volumeTypes));
        }

        /** Sets the EBS volume types that launches may use, as {@link #volumeTypes(String...)} does. */
        public Builder volumeTypes(Collection<String> volumeTypes) {
            List<String> checked = List.copyOf(Validate.elements("volumeTypes", volumeTypes));
            Validate.that(!checked.isEmpty(), "'volumeTypes' must not be empty; omit it to use the default");
            for (String type : checked) {
                Validate.that(
                        VOLUME_TYPES.contains(type),
                        "'volumeTypes' must contain only " + String.join(", ", VOLUME_TYPES) + ", got \"" + type
                                + "\"");
            }
            Validate.that(
                    Set.copyOf(checked).size() == checked.size(),
                    "'volumeTypes' must contain each type once, got " + String.join(", ", checked));
            this.volumeTypes = checked;
            return this;
        }

        /**
         * Sets the maximum IOPS that a volume may be provisioned with. Enforced by IAM.
         *
         * <p>Default: 16000, which the largest gp2 volumes have without provisioning.
         *
         * @throws IllegalArgumentException if it is not from 3000, which every gp3 volume has, to 256000
         */
        public Builder maxVolumeIops(int maxVolumeIops) {
            Validate.that(
                    maxVolumeIops >= 3_000 && maxVolumeIops <= 256_000,
                    "'maxVolumeIops' must be from 3000 to 256000, got " + maxVolumeIops);
            this.maxVolumeIops = maxVolumeIops;
            return this;
        }

        /**
         * Sets the maximum throughput, in MiB per second, that a volume may be provisioned with. Enforced by IAM.
         *
         * <p>Default: 1000.
         *
         * @throws IllegalArgumentException if it is not from 125, which every gp3 volume has, to 2000
         */
        public Builder maxVolumeThroughput(int maxVolumeThroughput) {
            Validate.that(
                    maxVolumeThroughput >= 125 && maxVolumeThroughput <= 2_000,
                    "'maxVolumeThroughput' must be from 125 to 2000 MiB per second, got " + maxVolumeThroughput);
            this.maxVolumeThroughput = maxVolumeThroughput;
            return this;
        }

        /**
         * Sets the maximum metadata hop limit: over how many network hops an instance's metadata, and with it the
         * credentials of its role, may be read. Enforced by IAM for launches that send a hop limit. At 1, every launch
         * sends it, so no container in a network of its own can read the metadata.
         *
         * <p>Default: 2, which containers need, and which images such as Amazon Linux 2023 set for their instances. AWS
         * does not document whether IAM compares the hop limit of an image. If it does, a maximum of 1 would deny
         * launches from these images that do not send a hop limit.
         *
         * @throws IllegalArgumentException if it is not from 1 to 64
         */
        public Builder maxMetadataHopLimit(int maxMetadataHopLimit) {
            Validate.that(
                    maxMetadataHopLimit >= 1 && maxMetadataHopLimit <= 64,
                    "'maxMetadataHopLimit' must be from 1 to 64, got " + maxMetadataHopLimit);
            this.maxMetadataHopLimit = maxMetadataHopLimit;
            return this;
        }

        /**
         * Sets the lease of launches that do not specify one.
         *
         * <p>Default: 8 hours, or {@link #maxLease} if that is shorter.
         *
         * @throws IllegalArgumentException if it is not whole seconds from 1 minute to 365 days; by {@link #build} if
         *     it is longer than {@link #maxLease}
         */
        public Builder defaultLease(Duration defaultLease) {
            this.defaultLease = Validate.between("defaultLease", defaultLease, Duration.minutes(1), Duration.days(365));
            return this;
        }

        /**
         * Sets the maximum lease, counted from the launch or from an {@code extend}. The keeper terminates an instance
         * when its lease ends.
         *
         * <p>A lower value also shortens leases that have already started. If a lease ends later than this maximum from
         * now, the service ignores its end and counts this maximum from the launch instead. The keeper then terminates
         * instances that have already run longer. To keep such instances, first move their leases to within the new
         * maximum with {@code extend} and {@code shorten}.
         *
         * <p>Default: 7 days.
         *
         * @throws IllegalArgumentException if it is not whole seconds from 1 minute to 365 days
         */
        public Builder maxLease(Duration maxLease) {
            this.maxLease = Validate.between("maxLease", maxLease, Duration.minutes(1), Duration.days(365));
            return this;
        }

        /**
         * Sets how often the keeper checks for leases that have ended. An instance may outlive its lease by this
         * interval.
         *
         * <p>Default: 5 minutes.
         *
         * @throws IllegalArgumentException if it is not whole minutes from 1 minute to 24 hours
         */
        public Builder keeperSchedule(Duration keeperSchedule) {
            // EventBridge schedules have no unit shorter than a minute.
            this.keeperSchedule = Validate.between(
                    "keeperSchedule", keeperSchedule, Validate.Time.MINUTE, Duration.minutes(1), Duration.hours(24));
            return this;
        }

        /**
         * Sets how long before the end of a lease the keeper publishes a warning to the topic. It publishes one for
         * each end of a lease, so moving the lease with {@code extend} leads to another warning. The keeper checks
         * every {@link #keeperSchedule}, so a warning may come later by that interval. An instance whose lease is
         * shorter is reported as soon as the keeper sees it. With {@code Duration.minutes(0)} the keeper does not warn.
         *
         * <p>Default: 15 minutes, or {@link #keeperSchedule} if that is longer.
         *
         * @throws IllegalArgumentException if it is not whole minutes from 0 to 24 hours; by {@link #build} if it is
         *     shorter than {@link #keeperSchedule}, because leases could then end without a warning
         */
        public Builder leaseWarning(Duration leaseWarning) {
            this.leaseWarning = Validate.between(
                    "leaseWarning", leaseWarning, Validate.Time.MINUTE, Duration.minutes(0), Duration.hours(24));
            return this;
        }

        /**
         * Sets whether launches may fall back to on-demand instances. A launch falls back only if it asks for this and
         * no spot pool has capacity. With {@code true}, the operator's policy no longer limits launches to Spot.
         *
         * <p>Default: false.
         */
        public Builder allowOnDemand(boolean allowOnDemand) {
            this.allowOnDemand = allowOnDemand;
            return this;
        }

        /**
         * Sets whether launches may use EC2 Fleet. A launch then may send {@code allocation} as
         * {@code price-capacity-optimized} or {@code capacity-optimized}, and EC2 chooses the capacity pools that it is
         * least likely to interrupt.
         *
         * <p>With {@code true}, the operator may also create and delete launch templates with the service's tag, and
         * create fleets that tag their instances with it. EC2 accepts such tags only for fleets of type
         * {@code instant}. What such a fleet launches is authorized as the operator's own RunInstances, so the limits
         * of launches hold for fleets, too.
         *
         * <p>This is tested against AWS's documents, but no live account has confirmed yet that IAM then denies fleets
         * of the types {@code maintain} and {@code request}, which launch with a role of EC2 and would evade the
         * limits, and that every condition holds in the launch that an instant fleet makes. See
         * {@code THREAT_MODEL.md}, "EC2 Fleet".
         *
         * <p>Default: false.
         */
        public Builder fleets(boolean fleets) {
            this.fleets = fleets;
            return this;
        }

        /**
         * Sets whether launches may ask the keeper to end instances that are idle, with {@code endWhenIdle}. The keeper
         * may then read all CloudWatch metrics of the account in the service's regions, because IAM cannot limit
         * {@code cloudwatch:GetMetricData} to some. CloudWatch charges $0.01 for 1,000 metrics that are read; the
         * keeper reads one for each such instance every {@link #keeperSchedule}.
         *
         * <p>An instance is idle while EC2's metric {@code CPUUtilization} is below 5 % of all its vCPUs. GPUs, disks
         * and networks do not count.
         *
         * <p>Default: false.
         *
         * @throws IllegalArgumentException by {@link #build} if there is no keeper because the deployment does not have
         *     the task {@code launch}
         */
        public Builder allowEndWhenIdle(boolean allowEndWhenIdle) {
            this.allowEndWhenIdle = allowEndWhenIdle;
            return this;
        }

        /**
         * Sets the user data that the deployment carries. Launches refer to it by name.
         *
         * <p>Default: none.
         *
         * @throws IllegalArgumentException if a name is not 1 to 64 letters, digits, hyphens and underscores, or if a
         *     text is empty or larger than 16 KB, the limit of EC2
         */
        public Builder userData(Map<String, String> userData) {
            Validate.elements(
                    "userData", Validate.propNotNull("userData", userData).keySet());
            Validate.elements("userData", userData.values());
            userData.forEach((name, text) -> {
                Validate.that(
                        name.matches("[A-Za-z0-9_-]{1,64}"),
                        "'userData' must have names of 1 to 64 letters, digits, hyphens or underscores, got \"" + name
                                + "\"");
                int size = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
                Validate.that(
                        size > 0 && size <= 16 * 1024,
                        "'userData' must have texts of 1 to 16384 bytes, got " + size + " bytes for '" + name + "'");
                Validate.that(
                        !Token.isUnresolved(text),
                        "'userData' must be known at synthesis, got a token in '" + name + "'");
            });
            this.userData = Map.copyOf(userData);
            return this;
        }

        /**
         * Sets the topic to which the keeper publishes interruptions and warnings.
         *
         * <p>Default: a new topic.
         */
        public Builder interruptionTopic(ITopic topic) {
            this.interruptionTopic = Validate.propNotNull("interruptionTopic", topic);
            return this;
        }

        /**
         * Sets the name of the Systems Manager parameter that the stack creates for importers of the service. The
         * parameter is a list: the URL, the service's name, the ARN of the alias and, if the URL takes tokens, the ARN
         * of the minter. None of these is secret. A standard parameter is free.
         *
         * <p>Default: none. The stack creates no parameter.
         *
         * @throws IllegalArgumentException if it is not the name of a parameter known at synthesis: letters, digits,
         *     hyphens, dots and underscores, at most 1,011 in all, with a leading slash if it has levels, of which
         *     there are at most 15; or if it begins with {@code aws} or {@code ssm}
         * @see SpotService#fromParameterName
         */
        public Builder parameterName(String parameterName) {
            this.parameterName =
                    ServiceParameter.checkName("parameterName", Validate.propNotNull("parameterName", parameterName));
            return this;
        }

        /**
         * Sets the function's memory. Lambda allocates CPU in proportion to memory; 1769 MiB correspond to one vCPU.
         *
         * <p>Default: 1024 MiB.
         *
         * @throws IllegalArgumentException if it is not from 512 to 10240 MiB; the JVM does not work with less than 512
         *     MiB
         */
        public Builder memorySize(Size memorySize) {
            this.memorySize = Validate.between("memorySize", memorySize, Validate.Unit.MEBIBYTE, 512, 10_240);
            return this;
        }

        /**
         * Sets the maximum duration of a request. The service answers shortly before this limit, with the results that
         * it has.
         *
         * <p>Default: 30 seconds.
         *
         * @throws IllegalArgumentException if it is not from 20 seconds to 15 minutes. The minimum leaves {@code end}
         *     enough time to wait until EC2 lists newly launched instances; the maximum is Lambda's
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Validate.between("timeout", timeout, Duration.seconds(20), Duration.minutes(15));
            return this;
        }

        /**
         * Sets how many requests the URL's function handles concurrently. Lambda reserves this part of the account's
         * concurrency in the region for the function. It lets ten times as many requests per second through, and
         * answers further requests itself with status 429. With 0, Lambda rejects every request; use this as an
         * emergency brake. The keeper runs in any case.
         *
         * <p>Default: no reservation; the function shares the account's concurrency with all other functions. Lambda
         * requires that at least 100 stay unreserved, so accounts with a small quota, such as new ones, cannot reserve
         * any.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder reservedConcurrency(int reservedConcurrency) {
            Validate.that(
                    reservedConcurrency >= 0, "'reservedConcurrency' must be 0 or greater, got " + reservedConcurrency);
            this.reservedConcurrency = reservedConcurrency;
            return this;
        }

        /**
         * Sets the functions' instruction set.
         *
         * <p>Default: arm64, which costs a fifth less.
         */
        public Builder architecture(Architecture architecture) {
            this.architecture = Validate.propNotNull("architecture", architecture);
            return this;
        }

        /**
         * Sets the key that encrypts the secret, the log group and topic that the service creates, and the functions'
         * environment variables. If the key is not created in the same app, its policy must let CloudWatch Logs use the
         * key, and must leave the rest to IAM.
         *
         * <p>If the URL takes tokens, change the key only when every revoked token has expired, which is at most a week
         * after the last revocation. Secrets Manager re-encrypts only the latest values of a secret, and the service
         * accepts no token while it cannot read the list of revoked tokens.
         *
         * <p>Default: AWS managed keys, which are free.
         */
        public Builder encryptionKey(IKey encryptionKey) {
            this.encryptionKey = Validate.propNotNull("encryptionKey", encryptionKey);
            return this;
        }

        /**
         * Sets the log group that the functions write to.
         *
         * <p>Default: a log group that the service creates.
         */
        public Builder logGroup(ILogGroup logGroup) {
            this.logGroup = Validate.propNotNull("logGroup", logGroup);
            return this;
        }

        /**
         * Sets how long the log group that the service creates retains its log events.
         *
         * <p>Default: one month.
         */
        public Builder logRetention(RetentionDays logRetention) {
            this.logRetention = Validate.propNotNull("logRetention", logRetention);
            return this;
        }

        /**
         * Sets what happens to the log group that the service creates when the stack is deleted.
         *
         * <p>Default: it is destroyed.
         */
        public Builder logRemovalPolicy(RemovalPolicy logRemovalPolicy) {
            this.logRemovalPolicy = Validate.propNotNull("logRemovalPolicy", logRemovalPolicy);
            return this;
        }

        /**
         * Sets what happens to the secrets that the service creates when the stack is deleted. The operator's access
         * key is deleted in any case.
         *
         * <p>Default: they are destroyed.
         *
         * @throws IllegalArgumentException by {@link #build} if the service does not create any secrets
         */
        public Builder secretRemovalPolicy(RemovalPolicy secretRemovalPolicy) {
            this.secretRemovalPolicy = Validate.propNotNull("secretRemovalPolicy", secretRemovalPolicy);
            return this;
        }

        /**
         * Sets whether to create a CloudWatch dashboard for the service.
         *
         * <p>Default: false. CloudWatch includes three dashboards for free and charges $3 a month for each further one.
         * That is more than everything else that an idle service costs.
         */
        public Builder dashboard(boolean dashboard) {
            this.dashboard = dashboard;
            return this;
        }

        /**
         * Sets the topic to which alarms are published when they go off and when they return to OK. There are alarms
         * for these conditions: the service fails for a reason other than the request, its function crashes, callers
         * are throttled, the keeper fails or does not run, leases end late, or a rotation fails. CloudWatch includes
         * ten alarms for free and charges $0.10 a month for each further one.
         *
         * <p>The topic's policy and its key's policy are extended so that alarms of this account can publish. For an
         * imported topic, you must provide such policies yourself. A topic encrypted with the AWS managed key for SNS
         * cannot have them, so it receives no alarms.
         *
         * <p>Default: no alarms.
         */
        public Builder alarmTopic(ITopic alarmTopic) {
            this.alarmTopic = Validate.propNotNull("alarmTopic", alarmTopic);
            return this;
        }

        /**
         * Sets instance types whose spot prices the keeper records as metrics, for Linux, in every zone of the
         * service's regions. CloudWatch charges $0.30 a month for each type and zone.
         *
         * <p>Default: none.
         *
         * @throws IllegalArgumentException if there are not 1 to 10 instance types, if one is not an instance type or
         *     appears twice; by {@link #build} if there is no keeper because the deployment does not have the task
         *     {@code launch}
         * @see SpotService#metricSpotPrice
         */
        @Beta
        public Builder watchedTypes(Collection<String> types) {
            for (String type : Validate.elements("watchedTypes", types)) {
                Validate.that(
                        Validate.notToken("watchedTypes", type).matches("[a-z0-9-]{1,20}\\.[a-z0-9-]{1,20}"),
                        "'watchedTypes' must contain instance types such as m7g.large, got \"" + type + "\"");
            }
            Validate.that(
                    !types.isEmpty() && types.size() <= 10 && Set.copyOf(types).size() == types.size(),
                    "'watchedTypes' must contain from 1 to 10 types, each once, got " + types);
            this.watchedTypes = List.copyOf(types);
            return this;
        }

        /** Sets the watched types, as {@link #watchedTypes(Collection)} does. */
        @Beta
        public Builder watchedTypes(String... types) {
            return watchedTypes(Validate.asList("watchedTypes", types));
        }

        /**
         * Sets whether AWS X-Ray traces the requests. A trace shows what Lambda records: how long a function took to
         * start, to restore and to answer. Tracing also grants the function's role permission to write traces, and no
         * other permission. X-Ray includes 100,000 traces a month for free.
         *
         * <p>Default: false.
         */
        public Builder tracing(boolean tracing) {
            this.tracing = tracing;
            return this;
        }

        /**
         * Builds the props.
         *
         * @throws IllegalArgumentException if props contradict each other
         */
        public SpotServiceProps build() {
            Validate.that(
                    logGroup == null || (logRetention == null && logRemovalPolicy == null),
                    "'logRetention' and 'logRemovalPolicy' apply only to a log group that the service creates; omit"
                            + " them, or omit 'logGroup'");
            Validate.that(
                    defaultLease == null || seconds(defaultLease) <= seconds(maxLease),
                    "'defaultLease' must not be longer than 'maxLease', got "
                            + (defaultLease == null ? "" : defaultLease.toHumanString()) + " and "
                            + maxLease.toHumanString());
            Validate.that(
                    defaultImage == null || images.isEmpty() || images.contains(defaultImage),
                    "'defaultImage' must be one of 'images', which are " + String.join(", ", images) + "; got \""
                            + defaultImage + "\"");
            Validate.that(
                    secretRemovalPolicy == null
                            || credentials.isUser()
                            || urlAuth.longestLife() != null
                            || !effectiveMfaTasks().isEmpty(),
                    "'secretRemovalPolicy' applies only to secrets that the service creates, and it creates no secrets"
                            + " with these props; omit it");
            Validate.that(
                    watchedTypes.isEmpty() || tasks.contains(SpotTask.LAUNCH),
                    "'watchedTypes' needs the keeper, which exists only if 'tasks' contains LAUNCH; add LAUNCH, or"
                            + " omit 'watchedTypes'");
            Validate.that(
                    leaseWarning == null
                            || seconds(leaseWarning) == 0
                            || seconds(leaseWarning) >= seconds(keeperSchedule),
                    "'leaseWarning' must not be shorter than 'keeperSchedule', because leases could then end without a"
                            + " warning; got "
                            + (leaseWarning == null ? "" : leaseWarning.toHumanString()) + " and "
                            + keeperSchedule.toHumanString() + "; set 0 minutes for no warnings");
            Validate.that(
                    !allowEndWhenIdle || tasks.contains(SpotTask.LAUNCH),
                    "'allowEndWhenIdle' needs the keeper, which exists only if 'tasks' contains LAUNCH; add LAUNCH, or"
                            + " omit 'allowEndWhenIdle'");
            checkRotation();
            checkMfa();
            return new SpotServiceProps(this);
        }

        private void checkRotation() {
            Duration period = rotateKeyEvery;
            if (period == null) {
                return;
            }
            Validate.that(
                    credentials.isUser(),
                    "'rotateKeyEvery' needs an operator that the stack creates; set 'credentials' to"
                            + " SpotCredentials.user(), or omit 'rotateKeyEvery'");
            Duration life = urlAuth.longestLife();
            Validate.that(
                    life == null || seconds(life) + seconds(ROTATION_WINDOW) <= seconds(period),
                    "'rotateKeyEvery' must be at least one day longer than tokens last, because only the last two"
                            + " values of the signing secret verify tokens; got "
                            + period.toHumanString() + " for tokens that last up to "
                            + (life == null ? "" : life.toHumanString()));
        }

        private Set<SpotTask> effectiveMfaTasks() {
            return mfaTasks == null ? defaultMfaTasks() : mfaTasks;
        }

        private void checkMfa() {
            Set<SpotTask> needing = effectiveMfaTasks();
            Validate.that(
                    needing.isEmpty() || !credentials.isFunctionRole(),
                    "'mfaTasks' must be empty with SpotCredentials.functionRole(), because a role has no MFA device;"
                            + " omit it, or use SpotCredentials.user() or SpotCredentials.secret(…); got "
                            + names(needing, task -> true));
            Validate.that(
                    tasks.containsAll(needing),
                    "'mfaTasks' must contain only tasks that 'tasks' contains, got "
                            + names(needing, task -> !tasks.contains(task)));
            Set<SpotTask> sharing = EnumSet.of(SpotTask.CANCEL, SpotTask.TERMINATE, SpotTask.END);
            sharing.retainAll(tasks);
            Validate.that(
                    !sharing.contains(SpotTask.END)
                            || needing.containsAll(sharing)
                            || sharing.stream().noneMatch(needing::contains),
                    "'mfaTasks' must contain all or no tasks among " + names(sharing, task -> true)
                            + ", because the tasks without MFA could do what the others do; got "
                            + names(sharing, needing::contains) + " without "
                            + names(sharing, task -> !needing.contains(task)));
        }

        /** Returns the names of the matching tasks, always in the same order. */
        private static String names(Set<SpotTask> tasks, Predicate<SpotTask> which) {
            return tasks.stream().filter(which).sorted().map(SpotTask::name).collect(Collectors.joining(", "));
        }

        private Set<SpotTask> defaultMfaTasks() {
            return credentials.isFunctionRole()
                    ? Set.of()
                    : DEFAULT_MFA_TASKS.stream().filter(tasks::contains).collect(Collectors.toUnmodifiableSet());
        }

        private Duration effectiveLeaseWarning() {
            if (leaseWarning != null) {
                return leaseWarning;
            }
            return seconds(keeperSchedule) > seconds(DEFAULT_LEASE_WARNING) ? keeperSchedule : DEFAULT_LEASE_WARNING;
        }

        private Duration defaultLeaseWithinMax() {
            return seconds(DEFAULT_LEASE) <= seconds(maxLease) ? DEFAULT_LEASE : maxLease;
        }

        private static long seconds(Duration duration) {
            return duration.toSeconds().longValue();
        }
    }
}
