package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.Asked;
import io.github.spotspec.function.runtime.Json;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the parameters of RunInstances. */
final class LaunchRequestTest {
    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    LaunchRequestTest() {
        function.ec2().catalogue().price("us-west-2a", "m7g.large", "0.02");
    }

    @Test
    void tagsEverythingAtCreation() {
        Asked asked = launch("'tags':{'Name':'build','team':'a b'}");

        Map<String, String> tags = asked.tagsOf("instance");
        assertEquals("Test/Spot@us-west-2", tags.get("spotspec:service"));
        assertEquals("2026-03-01T20:00:00Z", tags.get("spotspec:lease"));
        assertEquals(FunctionUnderTest.CALLER, tags.get("spotspec:caller"));
        assertTrue(
                String.valueOf(tags.get("spotspec:request")).matches("[0-9a-f]{24}\\.[0-9a-f]{24}\\.1"),
                tags.toString());
        assertEquals("build", tags.get("Name"));
        assertEquals("a b", tags.get("team"));
        assertEquals(tags, asked.tagsOf("volume"));
        assertEquals(tags, asked.tagsOf("spot-instances-request"));
    }

    @ParameterizedTest
    @CsvSource({
        "CostCenter, a;b",
        "Department, R&D (Berlin)",
        "Owner, \ud842\udfb7\u91ce",
        "\ud842\udfb7\u91ce, <>*?!",
        "'a b ', ' c'",
        "empty, ''"
    })
    void acceptsTagsOfAnyCharacters(String key, String value) {
        Asked asked = launch("'tags':" + Json.text(Map.of(key, value)));

        assertEquals(value, asked.tagsOf("instance").get(key));
    }

    @Test
    void countsCharactersOfTagsAsEc2Does() {
        String twoUnits = "\ud842\udfb7";
        String key = twoUnits.repeat(128);
        String value = twoUnits.repeat(256);

        assertEquals(
                value,
                launch("'tags':{'" + key + "':'" + value + "'}")
                        .tagsOf("instance")
                        .get(key));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'':'y'} | Tag '' | 0 characters",
                "{'team':7} | Tag 'team' | text",
                "{'team':['a']} | Tag 'team' | text",
                "{'team':'\\u0000'} | Tag 'team' | U+0000",
                "{'team':'a\\ud842'} | Tag 'team' | U+D842"
            })
    void namesTagThatEc2WouldReject(String tags, String tag, String why) {
        FunctionUnderTest.Answer answer = answer("'tags':" + tags);

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains(tag), answer.details());
        assertTrue(answer.details().contains(why), answer.details());
    }

    @Test
    void reportsLengthOfTagThatIsTooLong() {
        FunctionUnderTest.Answer value = answer("'tags':{'CostCenter':'" + "\u00fc".repeat(257) + "'}");
        FunctionUnderTest.Answer key = answer("'tags':{'" + "\ud842\udfb7".repeat(129) + "':''}");

        assertEquals("InvalidValue", value.error());
        assertTrue(value.details().contains("'CostCenter'") && value.details().contains("257"), value.details());
        assertEquals("InvalidValue", key.error());
        assertTrue(key.details().contains("129"), key.details());
        assertFalse(key.details().contains("?"), "no character is split: " + key.details());
    }

    @Test
    void rejectsMoreThanFortyTags() {
        assertEquals(200, answer("'tags':" + tags(40)).status());
        assertEquals("InvalidValue", answer("'tags':" + tags(41)).error());
    }

    private static String tags(int count) {
        return IntStream.range(0, count).mapToObj(i -> "'tag" + i + "':''").collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void shortensCallerThatIsLongerThanATag() {
        String role = "arn:aws:sts::111122223333:assumed-role/" + "r".repeat(200) + "/" + "s".repeat(60);
        String one = callerTag(role + "alice");
        String other = callerTag(role + "bobby");

        assertEquals(305, (role + "alice").length());
        assertEquals(256, one.length());
        assertEquals(256, other.length());
        assertTrue(one.startsWith(role.substring(0, 200)), one);
        assertNotEquals(one, other, "the tags of two callers differ");
        assertEquals(one, callerTag(role + "alice"));
    }

    private String callerTag(String caller) {
        FunctionUnderTest.Answer answer = function.handle(FunctionUnderTest.event(
                "POST",
                "/",
                caller,
                "{\"task\":\"launch\",\"types\":[\"m7g.large\"],\"ami\":\"ami-0123456789abcdef0\",\"dryRun\":false}",
                false));
        assertEquals(200, answer.status(), answer.body());
        return String.valueOf(function.aws()
                .asked("RunInstances")
                .getLast()
                .tagsOf("instance")
                .get("spotspec:caller"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'aws:x':'y'}",
                "{'spotspec:lease':'9999'}",
                "{'Spotspec:Service':'y'}",
                "{'SPOTSPEC:x':'y'}",
                "{'AWS:x':'y'}",
                "'a=b'",
                "['a']"
            })
    void rejectsReservedTags(String tags) {
        FunctionUnderTest.Answer answer = answer("'tags':" + tags);

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("'tags'"), answer.details());
    }

    @Test
    void requiresMetadataTokensAndTerminatesOnShutdown() {
        Asked asked = launch("'count':1");

        assertTrue(asked.has("MetadataOptions.HttpTokens=required"), asked.form());
        assertTrue(asked.has("InstanceInitiatedShutdownBehavior=terminate"), asked.form());
        assertTrue(asked.has("MinCount=1"), asked.form());
        assertTrue(asked.has("MaxCount=1"), asked.form());
    }

    @Test
    void encryptsAndDeletesEveryVolumeOfTheImage() {
        function.ec2().catalogue().image("ami-00000002", "1", null, "Linux/UNIX", "/dev/sda1", "/dev/sda1", "/dev/sdf");

        Asked asked = launchOf("ami-00000002", "'count':1");

        assertTrue(asked.has("BlockDeviceMapping.1.DeviceName=/dev/sda1"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.Encrypted=true"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.DeleteOnTermination=true"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.VolumeSize=8"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.DeviceName=/dev/sdf"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.Ebs.Encrypted=true"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.Ebs.DeleteOnTermination=true"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.Ebs.VolumeSize=50"), asked.form());
        assertFalse(asked.names("BlockDeviceMapping.2.Ebs.SnapshotId"), "the operator may not use snapshots");
        assertFalse(asked.names("BlockDeviceMapping.3"), asked.form());
    }

    @Test
    void keepsImageSizeOfMappedDevice() {
        function.ec2().catalogue().image("ami-00000002", "1", null, "Linux/UNIX", "/dev/sda1", "/dev/sda1", "/dev/sdf");

        Asked asked = launchOf(
                "ami-00000002",
                "'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdf','Ebs':{'DeleteOnTermination':false}}]}");

        assertTrue(asked.has("BlockDeviceMapping.2.DeviceName=/dev/sdf"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.Ebs.DeleteOnTermination=false"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.2.Ebs.VolumeSize=50"), asked.form());
        assertFalse(asked.names("BlockDeviceMapping.3"), asked.form());
    }

    @Test
    void appliesVolumeSizeToTheRoot() {
        Asked asked = launch("'volumeSize':'64'");

        assertTrue(asked.has("BlockDeviceMapping.1.DeviceName=/dev/xvda"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.VolumeSize=64"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.Encrypted=true"), asked.form());
        assertTrue(asked.has("BlockDeviceMapping.1.Ebs.DeleteOnTermination=true"), asked.form());
    }

    @Test
    void rejectsVolumeSizeForImageWithoutRootVolume() {
        function.ec2().catalogue().image("ami-00000003", "1", null, "Linux/UNIX", null);

        FunctionUnderTest.Answer answer = function.ask(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-00000003','dryRun':false,'volumeSize':10}");

        assertEquals("InvalidValue", answer.error());
        assertEquals(
                "'volumeSize' is of the root volume, and the root of image ami-00000003 is no EBS volume.",
                answer.details());
    }

    @Test
    void usesOneTimeRequestByDefault() {
        Asked asked = launch("'count':1");

        assertTrue(asked.has("InstanceMarketOptions.MarketType=spot"), asked.form());
        assertTrue(asked.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=one-time"), asked.form());
        assertTrue(asked.has("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior=terminate"), asked.form());
        assertFalse(asked.names("InstanceMarketOptions.SpotOptions.ValidUntil"), asked.form());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "hibernate"})
    void usesPersistentRequestForStopAndHibernate(String interruption) {
        Asked asked = launch("'interruption':'" + interruption + "'");

        assertTrue(asked.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent"), asked.form());
        assertTrue(
                asked.has("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior=" + interruption),
                asked.form());
        assertTrue(asked.has("InstanceMarketOptions.SpotOptions.ValidUntil=2026-03-08T12:00:00Z"), asked.form());
        assertTrue(asked.has("InstanceInitiatedShutdownBehavior=stop"), asked.form());
    }

    @Test
    void passesKeyAndSecurityGroupsToEc2() {
        Asked asked = launch("'keyName':'dev','securityGroups':['web','db'],'securityGroupIds':['sg-0000000a']");

        assertTrue(asked.has("KeyName=dev"), asked.form());
        assertTrue(asked.has("SecurityGroup.1=web"), asked.form());
        assertTrue(asked.has("SecurityGroup.2=db"), asked.form());
        assertTrue(asked.has("SecurityGroupId.1=sg-0000000a"), asked.form());
    }

    @Test
    void rejectsSecurityGroupNamesWithSubnets() {
        assertEquals(
                "InvalidRequest",
                answer("'securityGroups':['web'],'subnetIds':['subnet-0000000a']")
                        .error());
    }

    @Test
    void signsCallWithTheOperatorsKey() {
        assertEquals("AKIAFIRST", launch("'count':1").accessKeyId());
    }

    private Asked launch(String fields) {
        return launchOf("ami-0123456789abcdef0", fields);
    }

    private Asked launchOf(String ami, String fields) {
        FunctionUnderTest.Answer answer = function.ask(
                "{'task':'launch','types':['m7g.large'],'ami':'" + ami + "','dryRun':false," + fields + "}");
        assertEquals(200, answer.status(), answer.body());
        return function.aws().asked("RunInstances").getLast();
    }

    private FunctionUnderTest.Answer answer(String fields) {
        return function.ask(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false," + fields + "}");
    }
}
