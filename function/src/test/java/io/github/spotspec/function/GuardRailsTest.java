package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
                "'instanceTypes':['m7g.*','c7?.large'] | 'type':'m6g.large' | TypeNotAllowed | Type m6g.large is not one of this deployment's: m7g.*, c7?.large.",
                "'instanceTypes':['m7g.*'] | 'types':['m7g.large','m6g.large'] | TypeNotAllowed | Type m6g.large is not one of this deployment's: m7g.*.",
                "'images':['ami-00000001'] | 'ami':'ami-00000002' | ImageNotAllowed | Image ami-00000002 is not one of this deployment's: ami-00000001.",
                "'imageOwners':['aws-marketplace','111122223333'] | 'count':1 | ImageNotAllowed | Image ami-0123456789abcdef0 belongs to amazon, which is not one of this deployment's: aws-marketplace, 111122223333.",
                "'imageOwners':['137112412989'] | 'count':1 | ImageNotAllowed | Image ami-0123456789abcdef0 belongs to amazon, which is not one of this deployment's: 137112412989.",
                "'subnets':['subnet-0000000a'] | 'subnetIds':['subnet-0000000b'] | SubnetNotAllowed | Subnet subnet-0000000b is not one of this deployment's: subnet-0000000a.",
                "'securityGroups':['sg-0000000a'] | 'securityGroupIds':['sg-0000000b'] | SecurityGroupNotAllowed | Security group sg-0000000b is not one of this deployment's: sg-0000000a.",
                "'securityGroups':['sg-0000000a'] | 'securityGroups':['web'] | SecurityGroupNotAllowed | This deployment allows security groups by id: sg-0000000a; give 'securityGroupIds'.",
                "'keyPairs':['dev'] | 'keyName':'root' | KeyPairNotAllowed | Key pair root is not one of this deployment's: dev.",
                "'maxPrice':'0.05' | 'price':'0.06' | PriceNotAllowed | A maximum price of 0.06 is above this deployment's 0.05 dollars an hour.",
                "'maxVolumeSize':50 | 'volumeSize':51 | VolumeNotAllowed | A volume of 51 GiB is larger than this deployment's largest, 50 GiB.",
                "'maxVolumeSize':7 | 'count':1 | VolumeNotAllowed | Image ami-0123456789abcdef0's volume /dev/xvda of 8 GiB is larger than this deployment's largest, 7 GiB.",
                "'volumeTypes':['gp3','gp2'] | 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'VolumeType':'io2'}}]} | VolumeNotAllowed | A volume of type io2 is not one of this deployment's 'volumeTypes': gp3, gp2.",
                "'maxVolumeIops':16000 | 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'Iops':16001}}]} | VolumeNotAllowed | A volume with 16001 IOPS is above this deployment's 'maxVolumeIops', 16000.",
                "'maxVolumeThroughput':1000 | 'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'Throughput':1001}}]} | VolumeNotAllowed | A volume with a throughput of 1001 MiB a second is above this deployment's 'maxVolumeThroughput', 1000.",
                "'volumeTypes':['gp3'] | 'ami':'ami-00000003' | VolumeNotAllowed | Image ami-00000003's volume /dev/xvda of type io1 is not one of this deployment's 'volumeTypes': gp3.",
                "'maxVolumeIops':4000 | 'ami':'ami-00000003' | VolumeNotAllowed | Image ami-00000003's volume /dev/xvda with 5000 IOPS is above this deployment's 'maxVolumeIops', 4000.",
                "'allowOnDemand':false | 'lease':'8d' | LeaseNotAllowed | A lease of 8d is longer than this deployment's longest, 7d.",
                "'allowOnDemand':false | 'count':11 | TooManyInstances | 0 instances run in us-west-2 and 11 more would pass this deployment's limit of 10; end some first, or ask for fewer.",
                "'allowOnDemand':false | 'onNoCapacity':'onDemand' | OnDemandNotAllowed | This deployment launches spot instances only; 'onNoCapacity' must be fail.",
                "'userData':['setup'] | 'userDataName':'other' | InvalidValue | 'userDataName' must be one that this deployment carries: setup."
            })
    void rejectsWhatTheGuardRailsForbid(String limits, String request, String errorCode, String sentence) {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with(limits));

        String names = request.startsWith("'type") ? LAUNCH.replace("'types':['m7g.large'],", "") : LAUNCH;
        String launch = request.startsWith("'ami'") ? names.replaceFirst(",'ami':'[^']*'", "") : names;
        FunctionUnderTest.Answer answer = function.send("{" + launch + "," + request + ",'dryRun':false}");

        assertEquals(errorCode, answer.error(), answer.body());
        assertEquals(sentence, answer.details());
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
                "'allowOnDemand':false | 'lease':'7d'",
                "'allowOnDemand':false | 'count':10"
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
                "9 instances run in us-west-2 and 2 more would pass this deployment's limit of 10; end some first, or ask for fewer.",
                function.send("{" + LAUNCH + ",'count':2}").details());
        assertEquals(200, function.send("{" + LAUNCH + "}").status());
    }

    @Test
    void usesDeploymentsImageSubnetAndGroupByDefault() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with(
                "'images':['ami-0123456789abcdef0'],'subnets':['subnet-0000000a'],'securityGroups':['sg-0000000a']"));
        function.ec2().catalogue().subnet("subnet-0000000a", "us-west-2a");

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
    void choosesOnlyAllowedTypesForRequirements() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'instanceTypes':['m7g.*']"));
        function.ec2().catalogue().price("us-west-2a", "a1.large", "0.001");
        function.ec2().catalogue().type("m7g.large", 2, 8, "arm64").type("a1.large", 2, 4, "arm64");

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
        assertEquals("Task launch is not one of this deployment's: price, history.", answer.details());
        assertEquals(
                "'task' must be one of price, history.",
                function.send("{'task':'nothing'}").details());
    }

    @Test
    void rejectsImageVolumeAboveThroughputLimit() {
        FunctionUnderTest function = withPrices(FunctionUnderTest.with("'maxVolumeThroughput':500"));
        function.ec2().catalogue().throughput("ami-00000003", 600);
        String launch = LAUNCH.replaceFirst(",'ami':'[^']*'", "");

        FunctionUnderTest.Answer answer = function.send("{" + launch + ",'ami':'ami-00000003','dryRun':false}");

        assertEquals("VolumeNotAllowed", answer.error(), answer.body());
        assertEquals(List.of(), function.aws().calls("RunInstances"));
    }

    private static FunctionUnderTest withPrices(FunctionUnderTest function) {
        function.ec2().catalogue().price("us-west-2a", "m7g.large", "0.02");
        function.ec2().catalogue().image("ami-00000002", "1", null, "Linux/UNIX", null);
        function.ec2().catalogue().image("ami-00000003", "1", null, "Linux/UNIX", "/dev/xvda", "/dev/xvda");
        function.ec2().catalogue().provisioned("ami-00000003", "io1", 5_000);
        function.aws().priceList().price("m7g.large", "0.08");
        return function;
    }
}
