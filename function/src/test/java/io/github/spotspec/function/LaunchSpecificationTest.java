package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the ancestor's {@code launchSpecification}. */
final class LaunchSpecificationTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    LaunchSpecificationTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.02")
                .price("us-west-2b", "m7g.large", "0.01")
                .price("us-west-2a", "c7g.large", "0.03")
                .subnet("subnet-0000000a", "us-west-2a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'ImageId':'ami-0123456789abcdef0','InstanceType':'m7g.large' | ImageId=ami-0123456789abcdef0",
                "'KeyName':'dev' | KeyName=dev",
                "'SecurityGroups':['web'] | SecurityGroup.1=web",
                "'SecurityGroupIds':['sg-0000000a'] | SecurityGroupId.1=sg-0000000a",
                "'UserData':'IyEvYmluL3No' | UserData=IyEvYmluL3No",
                "'SubnetId':'subnet-0000000a' | SubnetId=subnet-0000000a",
                "'Placement':{'AvailabilityZone':'us-west-2a'} | Placement.AvailabilityZone=us-west-2a",
                "'Placement':{'AvailabilityZoneId':'usw2-az3'} | Placement.AvailabilityZone=us-west-2b",
                "'Monitoring':{'Enabled':true} | Monitoring.Enabled=true",
                "'EbsOptimized':'true' | EbsOptimized=true",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'VolumeType':'gp3'}}] |"
                        + " BlockDeviceMapping.2.Ebs.VolumeSize=8",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':8,'Iops':3000}}] |"
                        + " BlockDeviceMapping.2.Ebs.Iops=3000",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'Throughput':125}}] |"
                        + " BlockDeviceMapping.2.Ebs.Encrypted=true",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'DeleteOnTermination':false}}] |"
                        + " BlockDeviceMapping.2.Ebs.DeleteOnTermination=false",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':{'VolumeSize':9}}] |"
                        + " BlockDeviceMapping.1.Ebs.VolumeSize=9"
            })
    void passesEverySettingToEc2InEitherCase(String settings, String parameter) {
        String base =
                settings.contains("ImageId") ? "" : "'ImageId':'ami-0123456789abcdef0','InstanceType':'m7g.large',";
        for (String written : new String[] {base + settings, lower(base + settings)}) {
            FunctionUnderTest.Answer answer =
                    function.send("{'task':'launch','dryRun':false,'launchSpecification':{" + written + "}}");

            assertEquals(200, answer.status(), written + answer.body());
            AwsCall call = function.aws().calls("RunInstances").getLast();
            assertTrue(call.has(parameter), call.form());
        }
    }

    @Test
    void neverOverridesFieldsOfTheRequest() {
        function.send("""
                {'task':'launch','dryRun':false,'ami':'ami-0123456789abcdef0','type':'c7g.large','keyName':'dev',
                 'securityGroupIds':['sg-0000000a'],'userData':'IyEvYmluL3No','zone':'us-west-2a',
                 'launchSpecification':{'ImageId':'ami-00000002','InstanceType':'m7g.large','KeyName':'root',
                  'SecurityGroupIds':['sg-0000000b'],'UserData':'YnllCg==','Placement':{'AvailabilityZone':'us-west-2b'}}}""");

        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("ImageId=ami-0123456789abcdef0"), call.form());
        assertTrue(call.has("InstanceType=c7g.large"), call.form());
        assertTrue(call.has("KeyName=dev"), call.form());
        assertTrue(call.has("SecurityGroupId.1=sg-0000000a"), call.form());
        assertFalse(call.hasParameter("SecurityGroupId.2"), call.form());
        assertTrue(call.has("UserData=IyEvYmluL3No"), call.form());
        assertTrue(call.has("Placement.AvailabilityZone=us-west-2a"), call.form());
    }

    @Test
    void appliesVolumeSizeAndKeepsRestOfTheMapping() {
        function.send("""
                {'task':'launch','dryRun':false,'ami':'ami-0123456789abcdef0','type':'c7g.large','volumeSize':50,
                 'launchSpecification':{'BlockDeviceMappings':[
                  {'DeviceName':'/dev/xvda','Ebs':{'VolumeSize':8,'VolumeType':'io2','Iops':500}}]}}""");

        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.VolumeSize=50"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.VolumeType=io2"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.Iops=500"), call.form());
        assertFalse(call.hasParameter("BlockDeviceMapping.2"), call.form());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'KernelId':'aki-1' | 'launchSpecification.KernelId'",
                "'Placement':{'Tenancy':'dedicated'} | 'launchSpecification.Placement.Tenancy'",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','NoDevice':''}] |"
                        + " 'launchSpecification.BlockDeviceMappings[0].NoDevice'",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'SnapshotId':'s'}}] |"
                        + " 'launchSpecification.BlockDeviceMappings[0].Ebs.SnapshotId'",
                "'NetworkInterfaces':[] | 'launchSpecification.NetworkInterfaces'"
            })
    void rejectsUnknownFieldByName(String settings, String name) {
        FunctionUnderTest.Answer answer = specified(settings);

        assertEquals("UnknownField", answer.error());
        assertTrue(answer.details().contains(name), answer.details());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'InstanceType':['m7g.large','c7g.large']",
                "'InstanceType':'nonsense'",
                "'KeyName':''",
                "'KeyName':7",
                "'Placement':'us-west-2a'",
                "'Placement':{'AvailabilityZone':'nowhere'}",
                "'EbsOptimized':'perhaps'",
                "'Monitoring':true",
                "'BlockDeviceMappings':{}",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':0}}]",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeType':'floppy'}}]",
                "'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'Encrypted':false}}]"
            })
    void namesPathOfInvalidValue(String settings) {
        FunctionUnderTest.Answer answer = specified(settings);

        assertEquals("InvalidValue", answer.error(), answer.body());
        assertTrue(answer.details().contains("'launchSpecification."), answer.details());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'Placement':{'AvailabilityZone':'us-east-1a'}",
                "'BlockDeviceMappings':[7]",
                "'BlockDeviceMappings':['x']"
            })
    void rejectsWhatDoesNotFitTogether(String settings) {
        assertEquals("InvalidRequest", specified(settings).error());
    }

    @Test
    void requiresDeviceAndVolumeInMapping() {
        assertEquals(
                "MissingField", specified("'BlockDeviceMappings':[{'Ebs':{}}]").error());
        assertEquals(
                "MissingField",
                specified("'BlockDeviceMappings':[{'DeviceName':'/dev/sdb'}]").error());
        assertEquals("MissingField", specified("'BlockDeviceMappings':[null]").error());
    }

    @Test
    void rejectsSettingGivenInBothCases() {
        FunctionUnderTest.Answer answer = specified("'keyName':'a','KeyName':'b'");

        assertEquals("InvalidRequest", answer.error());
        assertTrue(answer.details().contains("'launchSpecification.KeyName'"), answer.details());
        assertTrue(answer.details().contains("'launchSpecification.keyName'"), answer.details());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "'x'", "7", "true"})
    void rejectsAnythingButAnObject(String value) {
        assertEquals(
                "InvalidValue",
                function.send("{'task':'launch','launchSpecification':" + value + "}")
                        .error());
    }

    private FunctionUnderTest.Answer specified(String settings) {
        return function.send(
                "{'task':'launch','ami':'ami-0123456789abcdef0','types':['m7g.large'],'launchSpecification':{"
                        + settings + "}}");
    }

    private static String lower(String settings) {
        return java.util.regex.Pattern.compile("'([A-Z])(\\w*':)")
                .matcher(settings)
                .replaceAll(match -> "'" + match.group(1).toLowerCase(java.util.Locale.ROOT) + match.group(2));
    }
}
