package io.github.spotspec.infra;

import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The operator's whole policy: by default, with every guard rail set, and in a deployment that only reads prices. */
final class OperatorPolicyTest {
    private static final String EC2 = "arn:aws:ec2:*:111122223333:";

    /** Any account, because AWS RAM can share subnets and security groups. */
    private static final String ANY_ACCOUNT = "arn:aws:ec2:*:*:";

    private static final String SPOT_ROLE =
            "arn:aws:iam::111122223333:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot";

    /** IAM's limit for the text of a managed policy; it does not count white space. */
    private static final int MAX_CHARACTERS = 6_144;

    @Test
    void allowsWhatAllTasksNeedByDefault() {
        String here = "Test/Spot@us-west-2";

        Deployments.byDefault()
                .operatorPolicy()
                .assertIs(
                        allow(
                                        "ReadEc2",
                                        "ec2:DescribeAvailabilityZones",
                                        "ec2:DescribeImages",
                                        "ec2:DescribeInstanceTypes",
                                        "ec2:DescribeInstances",
                                        "ec2:DescribeSpotInstanceRequests",
                                        "ec2:DescribeSpotPriceHistory",
                                        "ec2:DescribeSubnets",
                                        "ec2:GetSpotPlacementScores")
                                .on("*")
                                .in("us-west-2")
                                .overTls(),
                        allow("ReadPriceList", "pricing:GetProducts")
                                .on("*")
                                .in("us-east-1")
                                .overTls(),
                        allow("ResolvePublicImages", "ssm:GetParameter")
                                .on("arn:aws:ssm:*::parameter/aws/service/*")
                                .in("us-west-2")
                                .overTls(),
                        run("Instance", EC2 + "instance/*")
                                .in("us-west-2")
                                .taggingAs(here)
                                .when("ForAnyValue:StringLike aws:TagKeys", "spotspec:lease")
                                .when("StringEqualsIfExists ec2:Tenancy", "default")
                                .when("StringEquals ec2:InstanceMarketType", "spot")
                                .when("StringEquals ec2:MetadataHttpTokens", "required")
                                .when("NumericLessThanEqualsIfExists ec2:MetadataHttpPutResponseHopLimit", "2"),
                        runVolume().in("us-west-2").taggingAs(here),
                        run("SpotRequest", EC2 + "spot-instances-request/*")
                                .in("us-west-2")
                                .taggingAs(here),
                        run("FromImage", "arn:aws:ec2:*::image/*").in("us-west-2"),
                        runNetworkInterface().in("us-west-2"),
                        run(
                                        "IntoNetwork",
                                        ANY_ACCOUNT + "subnet/*",
                                        ANY_ACCOUNT + "security-group/*",
                                        EC2 + "key-pair/*")
                                .in("us-west-2"),
                        tagAtLaunch().in("us-west-2").taggingAs(here),
                        makeSpotRole(),
                        readConsoles().in("us-west-2").onManagedBy(here),
                        connect("ec2-user", "ubuntu", "admin").in("us-west-2").onManagedBy(here),
                        moveLeases().in("us-west-2").onManagedBy(here),
                        terminate().in("us-west-2").onManagedBy(here),
                        markEnds().in("us-west-2").onManagedBy(here),
                        cancel().in("us-west-2").onManagedBy(here));
    }

    @Test
    void containsEveryGuardRailThatIamCanExpress() {
        String here = "Test/SpotServiceOfThePlatformTeam@us-west-2";
        String[] regions = Deployments.REGIONS.toArray(String[]::new);
        List<String> subnets = arns(ANY_ACCOUNT + "subnet/", Deployments.SUBNETS);

        Policy policy = Deployments.lockedDown().operatorPolicy();

        policy.assertIs(
                policy.get("ReadEc2").in(regions),
                allow("ReadPriceList", "pricing:GetProducts")
                        .on("*")
                        .in("us-east-1")
                        .overTls(),
                policy.get("ResolvePublicImages").in(regions),
                run("Instance", EC2 + "instance/*")
                        .in(regions)
                        .taggingAs(here)
                        .when("ForAnyValue:StringLike aws:TagKeys", "spotspec:lease")
                        .when("StringEqualsIfExists ec2:Tenancy", "default")
                        .when("StringEquals ec2:InstanceMarketType", "spot")
                        .when("StringEquals ec2:MetadataHttpTokens", "required")
                        .when("NumericLessThanEqualsIfExists ec2:MetadataHttpPutResponseHopLimit", "1")
                        .when("StringLike ec2:InstanceType", Deployments.TYPES),
                runVolume()
                        .in(regions)
                        .taggingAs(here)
                        .when("NumericLessThanEquals ec2:VolumeSize", "64")
                        .when("StringEqualsIfExists ec2:VolumeType", "gp3")
                        .when("NumericLessThanEqualsIfExists ec2:VolumeIops", "6000")
                        .when("NumericLessThanEqualsIfExists ec2:VolumeThroughput", "250"),
                run("SpotRequest", EC2 + "spot-instances-request/*").in(regions).taggingAs(here),
                run("FromImage")
                        .on(Deployments.IMAGES.stream()
                                .map(id -> "arn:aws:ec2:*::image/" + id)
                                .toList())
                        .in(regions)
                        .when("StringEquals ec2:Owner", "amazon", "444455556666"),
                runNetworkInterface().in(regions).when("ArnLike ec2:Subnet", subnets),
                run("IntoNetwork")
                        .on(Stream.of(
                                        subnets,
                                        arns(ANY_ACCOUNT + "security-group/", Deployments.SECURITY_GROUPS),
                                        arns(EC2 + "key-pair/", Deployments.KEY_PAIRS))
                                .flatMap(List::stream)
                                .toList())
                        .in(regions),
                tagAtLaunch().in(regions).taggingAs(here),
                allow("PassInstanceRole", "iam:PassRole")
                        .on(Deployments.INSTANCE_ROLE)
                        .when("StringEquals iam:PassedToService", "ec2.amazonaws.com"),
                makeSpotRole(),
                readConsoles().in(regions).onManagedBy(here),
                connect("builder").in(regions).onManagedBy(here),
                moveLeases().in(regions).onManagedBy(here),
                terminate().in(regions).onManagedBy(here),
                markEnds().in(regions).onManagedBy(here),
                cancel().in(regions).onManagedBy(here));
    }

    @Test
    void priceOnlyDeploymentMayOnlyReadPrices() {
        Synthesis synthesis = Deployments.priceOnly();

        synthesis
                .operatorPolicy()
                .assertIs(
                        allow("ReadEc2", "ec2:DescribeInstanceTypes", "ec2:DescribeSpotPriceHistory")
                                .on("*")
                                .in("us-west-2")
                                .overTls(),
                        allow("ReadPriceList", "pricing:GetProducts")
                                .on("*")
                                .in("us-east-1")
                                .overTls());
        assertEquals(1, synthesis.all("AWS::IAM::ManagedPolicy").size(), "no policies on launches and changes");
        assertEquals(1, synthesis.all("AWS::Lambda::Function").size(), "no keeper");
        assertEquals(1, synthesis.all("AWS::Events::Rule").size(), "only the rule that keeps the service active");
        assertEquals(List.of(), synthesis.all("AWS::SNS::Topic"));
    }

    @Test
    void allowsOnDemandOnlyIfDeploymentDoes() {
        Statement instance = Deployments.operator(SpotServiceProps.builder().allowOnDemand(true))
                .get("RunInstance");

        assertEquals(
                List.of("on-demand", "spot"),
                List.copyOf(instance.conditionValues("StringEquals ec2:InstanceMarketType")));
    }

    @Test
    void operatorHasOnlyItsThreePolicies() {
        Synthesis synthesis = Deployments.byDefault();

        assertEquals(3, synthesis.all("AWS::IAM::ManagedPolicy").size());
        for (Resource policy : synthesis.all("AWS::IAM::ManagedPolicy")) {
            assertEquals(List.of("${SpotOperatorA003F258}"), policy.get("Users"), policy.id());
        }
        assertTrue(
                synthesis.only("AWS::IAM::User").properties().isEmpty(),
                "the user has no inline policy, no group and no password");
        synthesis
                .all("AWS::IAM::Policy")
                .forEach(policy -> assertTrue(!policy.properties().containsKey("Users"), policy.id()));
    }

    @Test
    void everyPolicyFitsIamQuota() {
        for (Synthesis synthesis : List.of(Deployments.byDefault(), Deployments.lockedDown(), Deployments.withMfa())) {
            for (Resource policy : synthesis.all("AWS::IAM::ManagedPolicy")) {
                int length = withoutWhiteSpace(policy.get("PolicyDocument")).length();
                assertTrue(length <= MAX_CHARACTERS, policy.id() + " has " + length + " characters");
            }
        }
    }

    private static Statement run(String what, String... resources) {
        return allow("Run" + what, "ec2:RunInstances").on(resources).overTls();
    }

    private static Statement runVolume() {
        return run("Volume", EC2 + "volume/*")
                .when("Bool ec2:Encrypted", "true")
                .when("StringEqualsIfExists ec2:VolumeType", "gp2", "gp3", "sc1", "st1", "standard")
                .when("NumericLessThanEqualsIfExists ec2:VolumeIops", "16000")
                .when("NumericLessThanEqualsIfExists ec2:VolumeThroughput", "1000");
    }

    private static Statement runNetworkInterface() {
        return run("NetworkInterface", EC2 + "network-interface/*")
                .when("StringNotLike ec2:NetworkInterfaceID", "eni-*");
    }

    private static Statement tagAtLaunch() {
        return allow("TagAtLaunch", "ec2:CreateTags")
                .on(EC2 + "instance/*", EC2 + "volume/*", EC2 + "spot-instances-request/*")
                .when("StringEquals ec2:CreateAction", "RunInstances")
                .overTls();
    }

    private static Statement makeSpotRole() {
        return allow("MakeSpotRole", "iam:CreateServiceLinkedRole")
                .on(SPOT_ROLE)
                .when("StringEquals iam:AWSServiceName", "spot.amazonaws.com");
    }

    private static Statement readConsoles() {
        return allow("ReadOwnConsoles", "ec2:GetConsoleOutput")
                .on(EC2 + "instance/*")
                .when("StringEquals ec2:InstanceMarketType", "spot")
                .overTls();
    }

    private static Statement connect(String... osUsers) {
        return allow("ConnectToOwn", "ec2-instance-connect:SendSSHPublicKey")
                .on(EC2 + "instance/*")
                .when("StringEquals ec2:osuser", osUsers)
                .overTls();
    }

    private static Statement moveLeases() {
        return allow("MoveOwnLeases", "ec2:CreateTags")
                .on(EC2 + "instance/*", EC2 + "spot-instances-request/*")
                .when("ForAllValues:StringEquals aws:TagKeys", "spotspec:lease")
                .when("Null aws:TagKeys", "false")
                .overTls();
    }

    private static Statement markEnds() {
        return allow("MarkOwnEnds", "ec2:CreateTags")
                .on(EC2 + "instance/*")
                .when("ForAllValues:StringEquals aws:TagKeys", "spotspec:before-end")
                .when("Null aws:TagKeys", "false")
                .overTls();
    }

    private static Statement terminate() {
        return allow("TerminateOwn", "ec2:TerminateInstances")
                .on(EC2 + "instance/*")
                .when("StringEquals ec2:InstanceMarketType", "spot")
                .overTls();
    }

    private static Statement cancel() {
        return allow("CancelOwn", "ec2:CancelSpotInstanceRequests")
                .on(EC2 + "spot-instances-request/*")
                .overTls();
    }

    private static List<String> arns(String before, List<String> ids) {
        return ids.stream().map(id -> before + id).toList();
    }

    private static String withoutWhiteSpace(Object document) {
        try {
            return new ObjectMapper().writeValueAsString(document).replaceAll("\\s", "");
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
