package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the deployment's guard rails for launches, and the error of each. */
final class GuardRailsTest {
    private static final String LAUNCH = "'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0'";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'instanceTypes':['m7g.*','c7?.large'] | 'type':'m6g.large' | TypeNotAllowed | m6g.large | m7g.*,"
                        + " c7?.large",
                "'instanceTypes':['m7g.*'] | 'types':['m7g.large','m6g.large'] | TypeNotAllowed | m6g.large | m7g.*",
                "'images':['ami-00000001'] | 'ami':'ami-00000002' | ImageNotAllowed | ami-00000002 | ami-00000001",
                "'imageOwners':['aws-marketplace','111122223333'] | 'count':1 | ImageNotAllowed | amazon |"
                        + " aws-marketplace, 111122223333",
                "'imageOwners':['137112412989'] | 'count':1 | ImageNotAllowed | amazon | 137112412989",
                "'subnets':['subnet-0000000a'] | 'subnetIds':['subnet-0000000b'] | SubnetNotAllowed |"
                        + " subnet-0000000b | subnet-0000000a",
                "'securityGroups':['sg-0000000a'] | 'securityGroupIds':['sg-0000000b'] | SecurityGroupNotAllowed |"
                        + " sg-0000000b | sg-0000000a",
                "'securityGroups':['sg-0000000a'] | 'securityGroups':['web'] | SecurityGroupNotAllowed |"
                        + " 'securityGroupIds' | sg-0000000a",
                "'keyPairs':['dev'] | 'keyName':'root' | KeyPairNotAllowed | root | dev",
                "'maxPrice':'0.05' | 'price':'0.06' | PriceNotAllowed | 0.06 | 0.05",
                "'maxVolumeSize':50 | 'volumeSize':51 | VolumeNotAllowed | 51 GiB | 50 GiB",
                "'maxVolumeSize':7 | 'count':1 | VolumeNotAllowed | /dev/xvda of 8 GiB | 7 GiB",
                "'volumeTypes':['gp3','gp2'] |"
                        + " 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'VolumeType':'io2'}}]} | VolumeNotAllowed | io2 | gp3, gp2",
                "'maxVolumeIops':16000 |"
                        + " 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'Iops':16001}}]} | VolumeNotAllowed | 16001 IOPS | 16000",
                "'maxVolumeThroughput':1000 |"
                        + " 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'Throughput':1001}}]} | VolumeNotAllowed | 1001 MiB | 1000",
                "'volumeTypes':['gp3'] | 'ami':'ami-00000003' | VolumeNotAllowed | /dev/xvda of type io1 | gp3",
                "'maxVolumeIops':4000 | 'ami':'ami-00000003' | VolumeNotAllowed | /dev/xvda with 5000 IOPS | 4000",
                "'maxMetadataHopLimit':2 | 'metadataHopLimit':3 | MetadataHopLimitNotAllowed | 3 | 2",
                "'allowOnDemand':false | 'lease':'8d' | LeaseNotAllowed | 8d | 7d",
                "'allowOnDemand':false | 'count':11 | TooManyInstances | 11 | 10",
                "'allowOnDemand':false | 'onNoCapacity':'onDemand' | OnDemandNotAllowed | 'onNoCapacity' | fail",
                "'allowOnDemand':false | 'endWhenIdle':'30m' | InvalidRequest | 'endWhenIdle' | 'allowEndWhenIdle'",
                "'allowEndWhenIdle':true | 'endWhenIdle':'2h','lease':'1h' | InvalidValue | 2h | 1h",
                "'allowEndWhenIdle':true | 'endWhenIdle':'9h' | InvalidValue | 9h | 8h",
                "'userData':['setup'] | 'userDataName':'other' | InvalidValue | 'userDataName' | setup"
            })
    void rejectsWhatTheGuardRailsForbid(
            String limits, String request, String errorCode, String rejected, String allowed) {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with(limits));

        String names = request.startsWith("'type") ? LAUNCH.replace("'types':['m7g.large'],", "") : LAUNCH;
        String launch = request.startsWith("'ami'") ? names.replaceFirst(",'ami':'[^']*'", "") : names;
        FunctionUnderTest.Answer answer = function.send("{" + launch + "," + request + ",'dryRun':false}");

        assertEquals(errorCode, answer.error(), answer.body());
        assertTrue(answer.details().contains(rejected), answer.details());
        assertTrue(answer.details().contains(allowed), answer.details());
        assertEquals(List.of(), function.aws().calls("RunInstances"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'instanceTypes':['m7g.*'] | 'count':1",
                "'instanceTypes':['m?g.l*e'] | 'count':1",
                "'imageOwners':['amazon'] | 'count':1",
                "'keyPairs':['dev'] | 'keyName':'dev'",
                "'maxPrice':'0.05' | 'price':'0.05'",
                "'maxVolumeSize':50 | 'volumeSize':50",
                "'maxVolumeSize':8 | 'count':1",
                "'volumeTypes':['gp3'] | 'count':1",
                "'volumeTypes':['gp3'],'maxVolumeIops':16000,'maxVolumeThroughput':1000 |"
                        + " 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':{'VolumeType':'gp3','Iops':16000,'Throughput':1000}}]}",
                "'maxMetadataHopLimit':2 | 'metadataHopLimit':2",
                "'allowOnDemand':false | 'lease':'7d'",
                "'allowOnDemand':false | 'count':10",
                "'allowEndWhenIdle':true | 'endWhenIdle':'8h'",
                "'allowEndWhenIdle':true | 'endWhenIdle':'1h','lease':'1h'"
            })
    void launchesWhatTheGuardRailsAllow(String limits, String request) {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with(limits));

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "," + request + ",'dryRun':false}");

        assertEquals(200, answer.status(), answer.body());
    }

    @Test
    void appliesGuardRailsToLaunchSpecification() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'keyPairs':['dev'],'maxVolumeSize':50"));

        assertEquals(
                "KeyPairNotAllowed",
                function.send("{" + LAUNCH + ",'launchSpecification':{'keyName':'root'}}")
                        .error());
        assertEquals(
                "VolumeNotAllowed",
                function.send(
                                "{" + LAUNCH
                                        + ",'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':51}}]}}")
                        .error());
    }

    @Test
    void countsOnlyRunningManagedInstances() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'allowOnDemand':false"));
        for (int i = 0; i < 9; i++) {
            function.ec2().managedInstance("us-west-2a", "m7g.large");
        }
        function.ec2().managedInstance("us-west-2a", "m7g.large").state("terminated");
        function.ec2().foreignInstance("us-west-2a", "m7g.large");

        assertEquals(
                "TooManyInstances", function.send("{" + LAUNCH + ",'count':2}").error());
        assertEquals(200, function.send("{" + LAUNCH + "}").status());
    }

    @Test
    void usesDeploymentsImageSubnetAndGroupByDefault() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with(
                "'images':['ami-0123456789abcdef0'],'subnets':['subnet-0000000a'],'securityGroups':['sg-0000000a']"));
        function.ec2().catalog().subnet("subnet-0000000a", "us-west-2a");

        function.send("{'task':'launch','types':['m7g.large'],'dryRun':false}");

        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("ImageId=ami-0123456789abcdef0"), call.form());
        assertTrue(call.has("SubnetId=subnet-0000000a"), call.form());
        assertTrue(call.has("SecurityGroupId.1=sg-0000000a"), call.form());
    }

    @Test
    void usesOnlyTheDeploymentsInstanceProfile() {
        String arn = "arn:aws:iam::111122223333:instance-profile/spot";
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'instanceProfile':'" + arn + "'"));

        function.send("{" + LAUNCH + ",'dryRun':false}");
        assertTrue(function.aws().calls("RunInstances").getFirst().has("IamInstanceProfile.Arn=" + arn));
        assertEquals(
                200,
                function.send("{" + LAUNCH + ",'launchSpecification':{'IamInstanceProfile':{'Arn':'" + arn + "'}}}")
                        .status());

        FunctionUnderTest.Answer other = function.send(
                "{" + LAUNCH + ",'launchSpecification':{'IamInstanceProfile':{'Arn':'" + arn + "-admin'}}}");
        assertEquals("InvalidValue", other.error());
    }

    @Test
    void sendsMetadataHopLimitWhereImagesMustNotExceedIt() {
        FunctionUnderTest strict = withPrices(FunctionUnderTest.with("'maxMetadataHopLimit':1"));
        FunctionUnderTest usual = withPrices(FunctionUnderTest.with("'maxMetadataHopLimit':2"));

        strict.send("{" + LAUNCH + ",'dryRun':false}");
        usual.send("{" + LAUNCH + ",'dryRun':false}");

        String name = "MetadataOptions.HttpPutResponseHopLimit";
        assertTrue(strict.aws().calls("RunInstances").getFirst().has(name + "=1"));
        assertFalse(usual.aws().calls("RunInstances").getFirst().hasParameter(name));
    }

    @Test
    void choosesOnlyAllowedTypesForRequirements() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'instanceTypes':['m7g.*']"));
        function.ec2().catalog().price("us-west-2a", "a1.large", "0.001");
        function.ec2().catalog().type("m7g.large", 2, 8, "arm64").type("a1.large", 2, 4, "arm64");

        assertEquals(
                List.of("m7g.large us-west-2a"),
                function.send("{'task':'launch','vcpu':2,'ami':'ami-0123456789abcdef0'}")
                        .pools("candidates"));
        FunctionUnderTest.Answer none =
                function.send("{'task':'launch','vcpu':2,'memoryGiB':4,'ami':'ami-0123456789abcdef0'}");
        assertEquals("TypeNotAllowed", none.error());
    }

    @Test
    void rejectsTaskThatIsNotDeployed() {
        FunctionUnderTest function = FunctionUnderTest.withTasks("price", "history");

        FunctionUnderTest.Answer answer = function.send("{" + LAUNCH + "}");

        assertEquals(403, answer.status());
        assertEquals("TaskNotAllowed", answer.error());
        assertTrue(answer.details().contains("price, history"), answer.details());
        assertEquals("UnknownTask", function.send("{'task':'nothing'}").error());
    }

    @Test
    void rejectsImageVolumeAboveThroughputLimit() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'maxVolumeThroughput':500"));
        function.ec2().catalog().throughput("ami-00000003", 600);
        String launch = LAUNCH.replaceFirst(",'ami':'[^']*'", "");

        FunctionUnderTest.Answer answer = function.send("{" + launch + ",'ami':'ami-00000003','dryRun':false}");

        assertEquals("VolumeNotAllowed", answer.error(), answer.body());
        assertEquals(List.of(), function.aws().calls("RunInstances"));
    }

    private static FunctionUnderTest withPrices(FunctionUnderTest function) {
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
        function.ec2().catalog().image("ami-00000002", "1", null, "Linux/UNIX", null);
        function.ec2().catalog().image("ami-00000003", "1", null, "Linux/UNIX", "/dev/xvda", "/dev/xvda");
        function.ec2().catalog().provisioned("ami-00000003", "io1", 5_000);
        function.aws().priceList().price("m7g.large", "0.08");
        return function;
    }
}
