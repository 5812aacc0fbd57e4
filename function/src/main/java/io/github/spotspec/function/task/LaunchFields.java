package io.github.spotspec.function.task;

import io.github.spotspec.function.api.AllowedRegions;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.Field;
import io.github.spotspec.function.api.Fields;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.api.Syntax;
import io.github.spotspec.function.api.Zones;
import io.github.spotspec.function.config.GuardRails;
import io.github.spotspec.function.config.LeaseLimits;
import io.github.spotspec.function.ec2.ImageNames;
import io.github.spotspec.function.ec2.Images;
import io.github.spotspec.function.launch.Launch;
import io.github.spotspec.function.launch.Launch.AllocationStrategy;
import io.github.spotspec.function.launch.Launch.InstanceSettings;
import io.github.spotspec.function.launch.Launch.InterruptionBehavior;
import io.github.spotspec.function.launch.Launch.Lifetime;
import io.github.spotspec.function.launch.Launch.MarketOptions;
import io.github.spotspec.function.launch.Launch.PoolSelection;
import io.github.spotspec.function.launch.UserData;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a launch, and checks the launch against the deployment's guard rails. */
final class LaunchFields {
    static final Field<String> AMI = Field.text(
                    "ami",
                    "an image id such as ami-0123456789abcdef0, resolve:ssm: and the name of a public parameter, or"
                            + " one of "
                            + String.join(", ", ImageNames.names()),
                    LaunchFields::isImage)
            .or("ImageId", "imageId");
    static final Field<List<String>> SUBNETS = Field.textList(
                    "subnetIds", 20, "subnet ids such as subnet-0123456789abcdef0", id -> Syntax.isId("subnet", id))
            .or("subnetId", "SubnetId");
    static final Field<Integer> COUNT = Field.integer("count", 1, 100);
    static final Field<BigDecimal> PRICE =
            Field.decimal("price", "US dollars an hour", new BigDecimal("0.0011"), new BigDecimal(1_000));
    static final Field<String> KEY_NAME = Field.text(
                    "keyName", "the name of a key pair", name -> !name.isEmpty() && Syntax.isPrintableText(name, 255))
            .or("KeyName");
    static final Field<List<String>> SECURITY_GROUPS = Field.freeTextList(
                    "securityGroups",
                    16,
                    "names of security groups",
                    name -> !name.isEmpty() && Syntax.isPrintableText(name, 255))
            .or("SecurityGroups");
    static final Field<List<String>> SECURITY_GROUP_IDS = Field.freeTextList(
                    "securityGroupIds",
                    16,
                    "security group ids such as sg-0123456789abcdef0",
                    id -> Syntax.isId("sg", id))
            .or("SecurityGroupIds");
    static final Field<String> USER_DATA = Field.text(
                    "userData", "text or base64-encoded user data of at most 16 KB", text -> text.length() <= 32_000)
            .or("UserData")
            .secret();
    static final Field<String> USER_DATA_NAME = Field.text(
            "userDataName", "the name of user data that the deployment contains", name -> name.length() <= 64);
    static final Field<String> INTERRUPTION = Field.oneOf("interruption", List.of("terminate", "stop", "hibernate"));
    static final Field<Duration> LEASE = ExtendTask.LEASE;
    /** How long an instance must be idle before the keeper ends it. */
    static final Field<Duration> END_WHEN_IDLE =
            Field.duration("endWhenIdle", LeaseLimits.MIN_END_WHEN_IDLE, LeaseLimits.MAX_END_WHEN_IDLE);

    static final Field<Integer> VOLUME_SIZE = Field.integer("volumeSize", 1, 65_536);
    static final Field<Integer> METADATA_HOP_LIMIT = Field.integer("metadataHopLimit", 1, 64);
    static final Field<String> ON_NO_CAPACITY = Field.oneOf("onNoCapacity", List.of("fail", "onDemand"));
    static final Field<String> ALLOCATION = Field.oneOf(
            "allocation",
            Stream.of(AllocationStrategy.values())
                    .map(AllocationStrategy::requestName)
                    .toList());
    static final Field<LaunchSpecification> SPECIFICATION = Field.of(
                    "launchSpecification", "an object with more launch settings", LaunchSpecification::of)
            .or("LaunchSpecification");

    /** The fields of a launch. */
    static final List<Field<?>> FIELDS = fields();

    private final AllowedRegions regions;
    private final GuardRails guardRails;
    private final boolean fleets;

    /**
     * Creates the reader of a deployment's launches.
     *
     * @param fleets whether the deployment allows the allocation strategies of EC2 Fleet
     */
    LaunchFields(AllowedRegions regions, GuardRails guardRails, boolean fleets) {
        this.regions = regions;
        this.guardRails = guardRails;
        this.fleets = fleets;
    }

    private static List<Field<?>> fields() {
        List<Field<?>> fields = new ArrayList<>(List.of(AllowedRegions.FIELD));
        fields.addAll(TypeSelection.FIELDS);
        fields.addAll(List.of(
                PoolFilter.ZONES,
                AMI,
                SUBNETS,
                COUNT,
                PRICE,
                KEY_NAME,
                SECURITY_GROUPS,
                SECURITY_GROUP_IDS,
                USER_DATA,
                USER_DATA_NAME,
                INTERRUPTION,
                LaunchTags.FIELD,
                LEASE,
                END_WHEN_IDLE,
                VOLUME_SIZE,
                METADATA_HOP_LIMIT,
                ON_NO_CAPACITY,
                ALLOCATION,
                SPECIFICATION));
        return List.copyOf(fields);
    }

    /** Returns whether a request has any launch field other than its region. */
    static boolean areIn(Fields fields) {
        return FIELDS.stream().anyMatch(field -> field != AllowedRegions.FIELD && fields.get(field) != null);
    }

    /**
     * Reads and checks a launch.
     *
     * @throws ServiceException if the launch is malformed or exceeds the deployment's guard rails
     */
    Launch read(Fields fields) {
        LaunchSpecification more = fields.get(SPECIFICATION, LaunchSpecification.EMPTY);
        List<String> asked = regions.of(fields);
        List<String> zones = zones(fields, more, asked);
        TypeSelection selection = selection(fields, more);
        Launch launch = new Launch(
                zones.isEmpty()
                        ? asked
                        : asked.stream()
                                .filter(region -> hasZone(region, zones))
                                .toList(),
                fields.get(COUNT, 1),
                image(fields, more),
                new PoolSelection(
                        selection.types(),
                        selection.requirements(),
                        zones,
                        orElse(
                                fields.get(SUBNETS),
                                more.subnets(),
                                guardRails.allowLists().subnets()),
                        AllocationStrategy.of(fields.get(ALLOCATION, AllocationStrategy.LOWEST_PRICE.requestName()))),
                new MarketOptions(
                        fields.get(PRICE),
                        InterruptionBehavior.of(fields.get(INTERRUPTION, InterruptionBehavior.TERMINATE.ec2Name())),
                        fields.get(ON_NO_CAPACITY, "fail").equals("onDemand")),
                settings(fields, more),
                new Lifetime(fields.get(LEASE, guardRails.leases().defaultLease()), fields.get(END_WHEN_IDLE)),
                fields.get(LaunchTags.FIELD, Map.of()));
        check(launch, more);
        return launch;
    }

    private InstanceSettings settings(Fields fields, LaunchSpecification more) {
        List<String> groupNames =
                orElse(fields.get(SECURITY_GROUPS), more.settings().securityGroups(), List.of());
        // EC2 takes names or ids of security groups, so the deployment's ids are not a default for names.
        List<String> defaultGroupIds =
                groupNames.isEmpty() ? guardRails.allowLists().securityGroups() : List.of();
        return new InstanceSettings(
                orElse(fields.get(KEY_NAME), more.settings().keyName()),
                groupNames,
                orElse(fields.get(SECURITY_GROUP_IDS), more.settings().securityGroupIds(), defaultGroupIds),
                userData(fields, more),
                volumes(fields.get(VOLUME_SIZE), more),
                more.settings().ebsOptimized(),
                more.settings().monitoring(),
                fields.get(METADATA_HOP_LIMIT));
    }

    private static TypeSelection selection(Fields fields, LaunchSpecification more) {
        TypeSelection selection = TypeSelection.of(fields);
        if (!selection.isAll()) {
            return selection;
        }
        if (more.type() == null) {
            throw new ServiceException(
                    ErrorCode.MISSING_FIELD,
                    "'types' is required and must be 1 to 100 instance types such as m7g.large; or send requirements"
                            + " such as 'vcpu' or 'gpus' instead.");
        }
        return new TypeSelection(List.of(more.type()), null);
    }

    private static List<String> zones(Fields fields, LaunchSpecification more, List<String> regions) {
        List<String> zones = PoolFilter.zones(fields, regions);
        return zones.isEmpty() ? more.zones(regions) : zones;
    }

    private static boolean hasZone(String region, List<String> zones) {
        return zones.stream().anyMatch(zone -> Zones.isIn(region, zone));
    }

    private String image(Fields fields, LaunchSpecification more) {
        String image = orElse(fields.get(AMI), more.image());
        if (image == null) {
            image = guardRails.allowLists().defaultImage();
        }
        return image == null ? fields.require(AMI) : image;
    }

    private @Nullable String userData(Fields fields, LaunchSpecification more) {
        String text = orElse(fields.get(USER_DATA), more.settings().userData());
        String name = fields.get(USER_DATA_NAME);
        if (text != null && name != null) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "'userData' and 'userDataName' both set the user data; send only one of them.");
        }
        if (name != null) {
            if (!guardRails.userData().contains(name)) {
                throw new ServiceException(
                        ErrorCode.INVALID_VALUE,
                        "'userDataName' must name user data that this deployment contains: "
                                + String.join(", ", guardRails.userData()) + ".");
            }
            return UserData.named(name);
        }
        if (text == null) {
            return null;
        }
        return fields.isEnvelope() ? UserData.ofEnvelope(text) : UserData.encoded(text);
    }

    private static List<Launch.Volume> volumes(@Nullable Integer rootSize, LaunchSpecification more) {
        List<Launch.Volume> volumes = new ArrayList<>(more.settings().volumes());
        if (rootSize != null) {
            volumes.add(new Launch.Volume(null, rootSize, null, null, null, true));
        }
        return volumes;
    }

    private void check(Launch launch, LaunchSpecification more) {
        launch.pools().types().forEach(guardRails::checkType);
        if (!guardRails.allowLists().images().isEmpty()) {
            guardRails.checkImage(launch.image());
        }
        launch.pools().subnets().forEach(guardRails::checkSubnet);
        launch.settings().securityGroupIds().forEach(guardRails::checkSecurityGroup);
        if (launch.settings().keyName() != null) {
            guardRails.checkKeyPair(launch.settings().keyName());
        }
        if (launch.market().maxPrice() != null) {
            guardRails.checkPrice(launch.market().maxPrice());
        }
        if (launch.settings().metadataHopLimit() != null) {
            guardRails.instanceLimits().checkMetadataHopLimit(launch.settings().metadataHopLimit());
        }
        guardRails.checkLease(launch.lease());
        if (launch.lifetime().endWhenIdle() != null) {
            guardRails.checkEndWhenIdle(launch.lifetime().endWhenIdle(), launch.lease());
        }
        for (Launch.Volume volume : launch.settings().volumes()) {
            guardRails.volumes().check("A volume", volume.size(), volume.type(), volume.iops(), volume.throughput());
        }
        if (launch.market().onDemandFallback() && !guardRails.allowOnDemand()) {
            throw new ServiceException(
                    ErrorCode.ON_DEMAND_NOT_ALLOWED,
                    "This deployment launches only Spot Instances; 'onNoCapacity' must be 'fail'.");
        }
        if (more.instanceProfile() != null
                && !more.instanceProfile().equals(guardRails.instanceLimits().profile())) {
            throw new ServiceException(
                    ErrorCode.INVALID_VALUE,
                    "'launchSpecification.IamInstanceProfile' must be this deployment's profile; omit it, because"
                            + " every instance gets that profile.");
        }
        if (launch.pools().allocation().usesFleets()) {
            checkFleets(launch);
        }
        if (!launch.settings().securityGroups().isEmpty()) {
            checkGroupNames(launch);
        }
    }

    private void checkFleets(Launch launch) {
        String allocation = "'allocation' is " + launch.pools().allocation().requestName();
        if (!fleets) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    allocation
                            + ", which needs EC2 Fleet, and this deployment does not use it; set its prop 'fleets', or"
                            + " send lowest-price or placement-score.");
        }
        if (launch.market().interruption() != InterruptionBehavior.TERMINATE) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    allocation + ", but EC2 Fleet cannot stop or hibernate the instances of a single launch; send"
                            + " 'interruption' as 'terminate', or another 'allocation'.");
        }
    }

    private void checkGroupNames(Launch launch) {
        if (!guardRails.allowLists().securityGroups().isEmpty()) {
            throw new ServiceException(
                    ErrorCode.SECURITY_GROUP_NOT_ALLOWED,
                    "This deployment allows only these security groups: "
                            + String.join(", ", guardRails.allowLists().securityGroups())
                            + "; send 'securityGroupIds' instead of 'securityGroups'.");
        }
        if (!launch.pools().subnets().isEmpty()) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "EC2 accepts 'securityGroups' only in the default VPC; send 'securityGroupIds', because this launch"
                            + " has subnets.");
        }
    }

    private static boolean isImage(String text) {
        return ImageNames.isName(text)
                || Syntax.isId("ami", text)
                || (text.startsWith(Images.RESOLVE + "/aws/service/") && Syntax.isPrintable(text, 500));
    }

    private static @Nullable String orElse(@Nullable String first, @Nullable String second) {
        return first == null ? second : first;
    }

    private static List<String> orElse(@Nullable List<String> first, List<String> second, List<String> third) {
        return first != null ? first : second.isEmpty() ? third : second;
    }
}
