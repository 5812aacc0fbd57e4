package io.github.spotspec.infra;

import io.github.spotspec.infra.Statements.Conditions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.IKeyPair;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;

/**
 * The operator's permissions: the minimum that the deployment's tasks need, in its regions, on its managed resources,
 * within its limits. Every limit that IAM can express is in this policy, so that it holds even against the function's
 * own code.
 */
final class SpotPolicy {
    static final String SERVICE_TAG = "spotspec:service";
    static final String LEASE_TAG = "spotspec:lease";
    static final String INTERRUPTED_TAG = "spotspec:interrupted";
    static final String WARNED_TAG = "spotspec:warned";
    static final String IDLE_WARNED_TAG = "spotspec:idle-warned";
    static final String BEFORE_END_TAG = "spotspec:before-end";
    static final String RECEIPT_TAG = "spotspec:receipt";

    private static final List<String> ANY = List.of("*");

    private final Stack stack;
    private final String service;
    private final List<String> regions;
    private final SpotServiceProps props;

    /**
     * Creates the statements for a deployment.
     *
     * @param service the deployment's name, which is in the tags of its resources
     */
    SpotPolicy(Stack stack, String service, List<String> regions, SpotServiceProps props) {
        this.stack = stack;
        this.service = service;
        this.regions = regions;
        this.props = props;
    }

    /** Returns the statements on what the tasks read. */
    List<PolicyStatement> readStatements() {
        Statements statements = new Statements(stack);
        Set<String> freely = new TreeSet<>();
        Set<String> withMfa = new TreeSet<>();
        props.tasks.forEach(task -> (props.mfaTasks.contains(task) ? withMfa : freely).addAll(readActions(task)));
        withMfa.removeAll(freely);
        // These actions have no resource-level permissions, so only the region can be limited.
        statements.allow("ReadEc2", List.copyOf(freely), ANY, Conditions.inRegions(regions));
        statements.allow(
                "ReadEc2WithMfa",
                List.copyOf(withMfa),
                ANY,
                Conditions.inRegions(regions).withMfa(true));
        Set<SpotTask> pricing = pricingTasks();
        if (pricing.stream().anyMatch(this::has)) {
            allowPriceList(statements, requiresMfa(pricing));
        }
        if (has(SpotTask.LAUNCH)) {
            statements.allow(
                    "ResolvePublicImages",
                    List.of("ssm:GetParameter"),
                    List.of(statements.arn("ssm", "*", "", "parameter/aws/service/*")),
                    launchConditions());
        }
        return statements.all();
    }

    private static void allowPriceList(Statements statements, boolean mfa) {
        // The price list is available in a few regions only. The service uses the one in us-east-1.
        statements.allow(
                "ReadPriceList",
                List.of("pricing:GetProducts"),
                ANY,
                Conditions.inRegions(List.of("us-east-1")).withMfa(mfa));
    }

    /** Returns the statements for launches. Empty if the deployment does not have the task {@code launch}. */
    List<PolicyStatement> launchStatements() {
        Statements statements = new Statements(stack);
        if (has(SpotTask.LAUNCH)) {
            allowLaunch(statements);
            allowTagAtLaunch(statements);
            allowPassRole(statements);
            allowServiceLinkedRole(statements);
        }
        return statements.all();
    }

    /**
     * Returns the statements for launches with EC2 Fleet, in addition to those for launches. Empty if the deployment
     * does not use it.
     */
    List<PolicyStatement> fleetStatements() {
        Statements statements = new Statements(stack);
        if (props.fleets && has(SpotTask.LAUNCH)) {
            allowFleet(statements);
        }
        return statements.all();
    }

    /**
     * Returns the statements on managed instances and managed spot requests. Empty if no task needs more of them than
     * to list them.
     */
    List<PolicyStatement> managedStatements() {
        Statements statements = new Statements(stack);
        if (has(SpotTask.CONSOLE)) {
            statements.allow(
                    "ReadOwnConsoles",
                    List.of("ec2:GetConsoleOutput"),
                    List.of(statements.inAccount("instance")),
                    onOwnMarkets(managedConditions().withMfa(requiresMfa(Set.of(SpotTask.CONSOLE)))));
        }
        if (has(SpotTask.CONNECT)) {
            statements.allow(
                    "ConnectToOwn",
                    List.of("ec2-instance-connect:SendSSHPublicKey"),
                    List.of(statements.inAccount("instance")),
                    managedConditions()
                            .and("StringEquals", "ec2:osuser", props.osUsers)
                            .withMfa(requiresMfa(Set.of(SpotTask.CONNECT))));
        }
        if (has(SpotTask.EXTEND)) {
            statements.allow(
                    "MoveOwnLeases",
                    List.of("ec2:CreateTags"),
                    List.of(statements.inAccount("instance"), statements.inAccount("spot-instances-request")),
                    managedConditions()
                            .withTagKeysOnly(List.of(LEASE_TAG))
                            .withMfa(requiresMfa(Set.of(SpotTask.EXTEND))));
        }
        if (has(SpotTask.TERMINATE) || has(SpotTask.END)) {
            boolean mfa = requiresMfa(Set.of(SpotTask.TERMINATE, SpotTask.END));
            allowTerminate(statements, mfa);
            statements.allow(
                    "MarkOwnEnds",
                    List.of("ec2:CreateTags"),
                    List.of(statements.inAccount("instance")),
                    managedConditions().withTagKeysOnly(List.of(BEFORE_END_TAG)).withMfa(mfa));
        }
        if (has(SpotTask.CANCEL) || has(SpotTask.END)) {
            allowCancel(statements, requiresMfa(Set.of(SpotTask.CANCEL, SpotTask.END)));
        }
        return statements.all();
    }

    /** Returns the statements of the keeper, which uses its own role and cannot launch anything. */
    List<PolicyStatement> keeperStatements() {
        Statements statements = new Statements(stack);
        List<String> read = new ArrayList<>(
                List.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests", "ec2:DescribeSpotPriceHistory"));
        if (props.fleets) {
            read.add("ec2:DescribeLaunchTemplates");
            statements.allow(
                    "DeleteTemplate",
                    List.of("ec2:DeleteLaunchTemplate"),
                    List.of(statements.inAccount("launch-template")),
                    managedConditions());
        }
        statements.allow("ReadEc2", read, ANY, Conditions.inRegions(regions));
        // A role's credentials never carry MFA.
        if (props.allowOnDemand) {
            allowPriceList(statements, false);
        }
        allowTerminate(statements, false);
        allowCancel(statements, false);
        List<String> marks = new ArrayList<>(List.of(INTERRUPTED_TAG, BEFORE_END_TAG, RECEIPT_TAG));
        if (props.leaseWarning.toSeconds().longValue() > 0) {
            marks.add(WARNED_TAG);
        }
        if (props.allowEndWhenIdle) {
            marks.add(IDLE_WARNED_TAG);
            // This action has no resource-level permissions and no condition key for the namespace.
            statements.allow("ReadMetrics", List.of("cloudwatch:GetMetricData"), ANY, Conditions.inRegions(regions));
        }
        statements.allow(
                "MarkOwn",
                List.of("ec2:CreateTags"),
                List.of(statements.inAccount("instance")),
                managedConditions().withTagKeysOnly(marks));
        return statements.all();
    }

    /**
     * Returns the tasks that read on-demand prices. An extension reads them if the deployment, or a token, limits what
     * instances may cost.
     */
    private Set<SpotTask> pricingTasks() {
        Set<SpotTask> tasks = EnumSet.of(SpotTask.PRICE, SpotTask.LAUNCH);
        if (props.maxCommitted != null || props.urlAuth.longestLife() != null) {
            tasks.add(SpotTask.EXTEND);
        }
        if (props.allowOnDemand) {
            tasks.addAll(Set.of(SpotTask.INSTANCES, SpotTask.COST, SpotTask.END));
        }
        return tasks;
    }

    /** Returns the EC2 read actions that a task needs. */
    private List<String> readActions(SpotTask task) {
        return switch (task) {
            case PRICE, HISTORY -> List.of("ec2:DescribeSpotPriceHistory", "ec2:DescribeInstanceTypes");
            case SCORE ->
                List.of("ec2:GetSpotPlacementScores", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstanceTypes");
            case REQUESTS -> List.of("ec2:DescribeSpotInstanceRequests", "ec2:DescribeSpotPriceHistory");
            case INSTANCES, COST -> List.of("ec2:DescribeInstances", "ec2:DescribeSpotPriceHistory");
            case CONSOLE, CONNECT -> List.of("ec2:DescribeInstances");
            case LAUNCH ->
                List.of(
                        "ec2:DescribeInstances",
                        "ec2:DescribeImages",
                        "ec2:DescribeSubnets",
                        "ec2:DescribeSpotPriceHistory",
                        "ec2:DescribeInstanceTypes",
                        "ec2:GetSpotPlacementScores",
                        "ec2:DescribeAvailabilityZones");
            case EXTEND -> List.of("ec2:DescribeInstances");
            case CANCEL -> List.of("ec2:DescribeSpotInstanceRequests");
            // Both tasks also read the spot requests, because they do not terminate what a persistent request would
            // launch again.
            case TERMINATE -> List.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests");
            // The prices are for the receipts.
            case END ->
                List.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests", "ec2:DescribeSpotPriceHistory");
            // Makes dry runs of the other tasks, with their permissions. It lists both, because a dry run needs a
            // resource.
            case CHECK ->
                has(SpotTask.CONSOLE)
                                || has(SpotTask.EXTEND)
                                || has(SpotTask.CANCEL)
                                || has(SpotTask.TERMINATE)
                                || has(SpotTask.END)
                        ? List.of("ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests")
                        : List.of();
        };
    }

    private void allowLaunch(Statements statements) {
        Conditions instance = leasedConditions()
                .and("StringEquals", "ec2:MetadataHttpTokens", "required")
                // IfExists, because a launch that sends no hop limit gets the one of its image or of the account.
                .and(
                        "NumericLessThanEqualsIfExists",
                        "ec2:MetadataHttpPutResponseHopLimit",
                        Integer.toString(props.maxMetadataHopLimit))
                .and(
                        "StringEquals",
                        "ec2:InstanceMarketType",
                        props.allowOnDemand ? List.of("spot", "on-demand") : "spot")
                // IfExists, because it is not documented whether EC2 sends the key for a call that does not name a
                // tenancy.
                .and("StringEqualsIfExists", "ec2:Tenancy", "default");
        if (!props.instanceTypes.isEmpty()) {
            instance.and("StringLike", "ec2:InstanceType", props.instanceTypes);
        }
        run(statements, "RunInstance", List.of(statements.inAccount("instance")), instance);
        run(statements, "RunVolume", List.of(statements.inAccount("volume")), volumeConditions(""));
        run(statements, "RunSpotRequest", List.of(statements.inAccount("spot-instances-request")), taggingConditions());
        run(statements, "RunFromImage", images(statements), imageConditions());
        List<String> subnets = subnets(statements);
        // A new interface has no id yet. If EC2 sent a placeholder for it, this condition would still hold.
        Conditions networkInterface = launchConditions().and("StringNotLike", "ec2:NetworkInterfaceID", "eni-*");
        if (!props.subnets.isEmpty()) {
            // EC2 checks the subnet itself only for launches that name one, but it always checks the interface's
            // subnet.
            networkInterface.and("ArnLike", "ec2:Subnet", subnets);
        }
        run(statements, "RunNetworkInterface", List.of(statements.inAccount("network-interface")), networkInterface);
        List<String> network = new ArrayList<>(subnets);
        network.addAll(arns(
                props.securityGroups,
                ISecurityGroup::getSecurityGroupId,
                group -> statements.inAnyAccount("security-group", group)));
        network.addAll(
                arns(props.keyPairs, IKeyPair::getKeyPairName, keyPair -> statements.inAccount("key-pair", keyPair)));
        run(statements, "RunIntoNetwork", network, launchConditions());
    }

    private void run(Statements statements, String sid, List<String> resources, Conditions conditions) {
        allowAtLaunch(statements, sid, "ec2:RunInstances", resources, conditions);
    }

    /** Allows an action of a launch. With EC2 Fleet, the fleet may make the call, too. */
    private void allowAtLaunch(
            Statements statements, String sid, String action, List<String> resources, Conditions conditions) {
        if (props.fleets) {
            statements.allowAlsoByFleet(sid, List.of(action), resources, conditions);
        } else {
            statements.allow(sid, List.of(action), resources, conditions);
        }
    }

    /**
     * Returns the conditions for a new volume.
     *
     * @param ifExists {@code IfExists} if the keys may be missing, or an empty string
     */
    private Conditions volumeConditions(String ifExists) {
        // IfExists, because it is not documented which of these keys EC2 sends for omitted parameters. A plain gp3
        // volume must launch in both cases.
        Conditions volume = taggingConditions()
                .and("Bool" + ifExists, "ec2:Encrypted", "true")
                .and("StringEqualsIfExists", "ec2:VolumeType", props.volumeTypes)
                .and("NumericLessThanEqualsIfExists", "ec2:VolumeIops", Integer.toString(props.maxVolumeIops))
                .and(
                        "NumericLessThanEqualsIfExists",
                        "ec2:VolumeThroughput",
                        Integer.toString(props.maxVolumeThroughput));
        if (props.maxVolumeSize != null) {
            volume.and(
                    "NumericLessThanEquals" + ifExists,
                    "ec2:VolumeSize",
                    props.maxVolumeSize.toGibibytes().toString());
        }
        return volume;
    }

    /**
     * Allows launches with an EC2 Fleet. Only fleets of type {@code instant} can tag instances, so the required tags of
     * instances exclude the other types, which launch with a role of EC2 and not with the operator's permissions. No
     * condition key contains the type of a fleet. What a launch template holds is authorized as RunInstances.
     */
    private void allowFleet(Statements statements) {
        List<String> create = List.of("ec2:CreateFleet");
        List<String> template = List.of(statements.inAccount("launch-template"));
        statements.allow("MakeTemplate", List.of("ec2:CreateLaunchTemplate"), template, taggingConditions());
        statements.allowAlsoByFleet(
                "UseTemplate",
                List.of("ec2:CreateFleet", "ec2:DeleteLaunchTemplate", "ec2:RunInstances"),
                template,
                managedConditions().withMfa(requiresMfa(Set.of(SpotTask.LAUNCH))));
        statements.allow("Fleet", create, List.of(statements.inAccount("fleet")), taggingConditions());
        // IfExists, because a call that sets no tenancy may not have the key.
        Conditions instance = leasedConditions().and("StringEqualsIfExists", "ec2:Tenancy", "default");
        if (!props.instanceTypes.isEmpty()) {
            instance.and("StringLike", "ec2:InstanceType", props.instanceTypes);
        }
        statements.allow("FleetInstance", create, List.of(statements.inAccount("instance")), instance);
        // IfExists, because the call only has the keys of volumes that it describes itself.
        statements.allow("FleetVolume", create, List.of(statements.inAccount("volume")), volumeConditions("IfExists"));
        statements.allow("FleetSubnet", create, subnets(statements), launchConditions());
        statements.allow(
                "TagWithFleet",
                List.of("ec2:CreateTags"),
                List.of(
                        statements.inAccount("fleet"),
                        statements.inAccount("instance"),
                        statements.inAccount("launch-template"),
                        statements.inAccount("volume")),
                taggingConditions()
                        .and("StringEquals", "ec2:CreateAction", List.of("CreateFleet", "CreateLaunchTemplate")));
    }

    private void allowTagAtLaunch(Statements statements) {
        allowAtLaunch(
                statements,
                "TagAtLaunch",
                "ec2:CreateTags",
                List.of(
                        statements.inAccount("instance"),
                        statements.inAccount("volume"),
                        statements.inAccount("spot-instances-request")),
                taggingConditions().and("StringEquals", "ec2:CreateAction", "RunInstances"));
    }

    private List<String> subnets(Statements statements) {
        return arns(props.subnets, ISubnet::getSubnetId, subnet -> statements.inAnyAccount("subnet", subnet));
    }

    private void allowPassRole(Statements statements) {
        IRole role = props.instanceProfile == null ? null : props.instanceProfile.getRole();
        if (role != null) {
            // RunInstances itself requires TLS and MFA.
            statements.allowOnBehalf(
                    "PassInstanceRole",
                    List.of("iam:PassRole"),
                    List.of(role.getRoleArn()),
                    Conditions.none().and("StringEquals", "iam:PassedToService", "ec2." + stack.getUrlSuffix()));
        }
    }

    /**
     * Allows EC2 to create its service-linked role for Spot. EC2 creates it with the first launch in an account, on the
     * launcher's behalf, if the launcher has the permission. The role is free, and only EC2 can assume it.
     */
    private void allowServiceLinkedRole(Statements statements) {
        statements.allowOnBehalf(
                "MakeSpotRole",
                List.of("iam:CreateServiceLinkedRole"),
                List.of(statements.arn(
                        "iam",
                        "",
                        stack.getAccount(),
                        "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot")),
                Conditions.none().and("StringEquals", "iam:AWSServiceName", "spot.amazonaws.com"));
    }

    private void allowTerminate(Statements statements, boolean mfa) {
        statements.allow(
                "TerminateOwn",
                List.of("ec2:TerminateInstances"),
                List.of(statements.inAccount("instance")),
                onOwnMarkets(managedConditions().withMfa(mfa)));
    }

    /**
     * Requires a Spot Instance unless the service also launches on-demand instances. Others in the account may tag
     * instances, too, and an on-demand instance with this tag does not come from this service.
     */
    private Conditions onOwnMarkets(Conditions own) {
        return props.allowOnDemand ? own : own.and("StringEquals", "ec2:InstanceMarketType", "spot");
    }

    private void allowCancel(Statements statements, boolean mfa) {
        statements.allow(
                "CancelOwn",
                List.of("ec2:CancelSpotInstanceRequests"),
                List.of(statements.inAccount("spot-instances-request")),
                managedConditions().withMfa(mfa));
    }

    private List<String> images(Statements statements) {
        return props.images.isEmpty()
                ? List.of(statements.arn("ec2", "*", "", "image/*"))
                : props.images.stream()
                        .map(image -> statements.arn("ec2", "*", "", "image/" + image))
                        .toList();
    }

    private Conditions imageConditions() {
        Conditions conditions = launchConditions();
        return props.imageOwners.isEmpty()
                ? conditions
                : conditions.and("StringEquals", "ec2:Owner", props.imageOwners);
    }

    /** Returns the ARNs of the named resources, or the ARN pattern for any resource if the list is empty. */
    private static <T> List<String> arns(List<T> named, Function<T, String> id, UnaryOperator<String> arn) {
        return named.isEmpty()
                ? List.of(arn.apply("*"))
                : named.stream().map(id).map(arn).toList();
    }

    /** Returns conditions that require the regions, and MFA if launches need it. */
    private Conditions launchConditions() {
        return Conditions.inRegions(regions).withMfa(requiresMfa(Set.of(SpotTask.LAUNCH)));
    }

    /**
     * Returns conditions for a launch that tags the new resource as managed. IAM ignores the case of the key in
     * {@code aws:RequestTag/…}, but EC2's filters do not. A resource with only the tag {@code SpotSpec:Service} would
     * be missing from every list. So the exact key must be among {@code aws:TagKeys}, because IAM compares these values
     * case-sensitively.
     */
    private Conditions taggingConditions() {
        return launchConditions()
                .and("StringEquals", "aws:RequestTag/" + SERVICE_TAG, service)
                .and("ForAnyValue:StringEquals", Statements.TAG_KEYS, SERVICE_TAG);
    }

    /**
     * Returns conditions for a launch that also gives the new resource a lease. Any value is allowed, because IAM
     * cannot compare times in tags. StringLike, because StringEquals already requires the service's tag, and an
     * operator can have a key only once.
     */
    private Conditions leasedConditions() {
        return taggingConditions().and("ForAnyValue:StringLike", Statements.TAG_KEYS, LEASE_TAG);
    }

    /** Returns conditions that require the regions, and a resource that already carries this deployment's tag. */
    private Conditions managedConditions() {
        return Conditions.inRegions(regions).and("StringEquals", "aws:ResourceTag/" + SERVICE_TAG, service);
    }

    /**
     * Returns whether IAM must require MFA for an action that these tasks share. It must if each of them that the
     * deployment has needs MFA. Only tasks that match share a change to resources, see
     * {@link SpotServiceProps.Builder#mfaTasks}.
     */
    private boolean requiresMfa(Set<SpotTask> sharing) {
        return sharing.stream().filter(this::has).allMatch(props.mfaTasks::contains);
    }

    private boolean has(SpotTask task) {
        return props.tasks.contains(task);
    }
}
