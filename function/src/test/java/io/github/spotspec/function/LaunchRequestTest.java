package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.runtime.Json;
import java.util.List;
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
        function.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");
    }

    @Test
    void tagsEverythingAtCreation() {
        AwsCall call = launch("'tags':{'Name':'build','team':'a b'}");

        Map<String, String> tags = call.tagsOf("instance");
        assertEquals("Test/Spot@us-west-2", tags.get("spotspec:service"));
        assertEquals("2026-03-01T20:00:00Z", tags.get("spotspec:lease"));
        assertEquals(FunctionUnderTest.CALLER, tags.get("spotspec:caller"));
        assertTrue(
                String.valueOf(tags.get("spotspec:request")).matches("[0-9a-f]{24}\\.[0-9a-f]{24}\\.1"),
                tags.toString());
        assertEquals("build", tags.get("Name"));
        assertEquals("a b", tags.get("team"));
        assertEquals(tags, call.tagsOf("volume"));
        assertEquals(tags, call.tagsOf("spot-instances-request"));
    }

    @ParameterizedTest
    @CsvSource({"10m, PT10M", "1h, PT1H", "P1D, PT24H"})
    void tagsWhenIdleInstancesEnd(String asked, String tag) {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowEndWhenIdle':true");
        allowing.ec2().catalog().price("us-west-2a", "m7g.large", "0.02");

        FunctionUnderTest.Answer answer = allowing.send(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false,'lease':'2d',"
                        + "'endWhenIdle':'" + asked + "'}");

        assertEquals(200, answer.status(), answer.body());
        Map<String, String> tags =
                allowing.aws().calls("RunInstances").getLast().tagsOf("instance");
        assertEquals(tag, tags.get("spotspec:end-when-idle"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'9m'", "'25h'", "'-30m'", "'soon'", "''", "30", "true", "['30m']"})
    void rejectsTimesThatCannotBeMeasured(String endWhenIdle) {
        FunctionUnderTest allowing = FunctionUnderTest.with("'allowEndWhenIdle':true");

        FunctionUnderTest.Answer answer =
                allowing.send("{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','lease':'2d',"
                        + "'endWhenIdle':" + endWhenIdle + "}");

        assertEquals("InvalidValue", answer.error(), answer.body());
        assertTrue(answer.details().contains("'endWhenIdle'"), answer.details());
        assertEquals(List.of(), allowing.aws().calls());
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
        AwsCall call = launch("'tags':" + Json.text(Map.of(key, value)));

        assertEquals(value, call.tagsOf("instance").get(key));
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
                "{'team':7} | Tag 'team' | 'tags'",
                "{'team':['a']} | Tag 'team' | 'tags'",
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
    void rejectsTooManyTags() {
        assertEquals(200, answer("'tags':" + tags(38)).status());
        assertEquals("InvalidValue", answer("'tags':" + tags(39)).error());
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
                .calls("RunInstances")
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
        AwsCall call = launch("'count':1");

        assertTrue(call.has("MetadataOptions.HttpTokens=required"), call.form());
        assertTrue(call.has("InstanceInitiatedShutdownBehavior=terminate"), call.form());
        assertTrue(call.has("MinCount=1"), call.form());
        assertTrue(call.has("MaxCount=1"), call.form());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Name", "a-b", "+=.,_:@", "...", "x_index", "0"})
    void showsTagsInMetadata(String key) {
        FunctionUnderTest.Answer answer = answer("'tags':{'" + key + "':'any value, é'}");

        assertFalse(answer.meta().containsKey("metadataTagsDisabledBy"), answer.body());
        assertTrue(
                lastLaunch().has("MetadataOptions.InstanceMetadataTags=enabled"),
                lastLaunch().form());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", ".", "..", "_index", "é", "a;b", "#"})
    void hidesTagsThatEc2DoesNotShowInMetadata(String key) {
        FunctionUnderTest.Answer answer = answer("'tags':{'Name':'x','" + key + "':'y'}");

        assertEquals(List.of(key), answer.meta().get("metadataTagsDisabledBy"), answer.body());
        assertTrue(
                lastLaunch().has("MetadataOptions.InstanceMetadataTags=disabled"),
                lastLaunch().form());
    }

    @Test
    void leavesMetadataHopLimitToTheImageUnlessRequested() {
        assertFalse(launch("'count':1").hasParameter("MetadataOptions.HttpPutResponseHopLimit"));
        assertTrue(launch("'metadataHopLimit':2").has("MetadataOptions.HttpPutResponseHopLimit=2"));
    }

    @Test
    void encryptsAndDeletesEveryVolumeOfTheImage() {
        function.ec2().catalog().image("ami-00000002", "1", null, "Linux/UNIX", "/dev/sda1", "/dev/sda1", "/dev/sdf");

        AwsCall call = launchOf("ami-00000002", "'count':1");

        assertTrue(call.has("BlockDeviceMapping.1.DeviceName=/dev/sda1"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.Encrypted=true"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.DeleteOnTermination=true"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.VolumeSize=8"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.DeviceName=/dev/sdf"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.Ebs.Encrypted=true"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.Ebs.DeleteOnTermination=true"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.Ebs.VolumeSize=50"), call.form());
        assertFalse(call.hasParameter("BlockDeviceMapping.2.Ebs.SnapshotId"), "the operator may not use snapshots");
        assertFalse(call.hasParameter("BlockDeviceMapping.3"), call.form());
    }

    @Test
    void keepsImageSizeOfMappedDevice() {
        function.ec2().catalog().image("ami-00000002", "1", null, "Linux/UNIX", "/dev/sda1", "/dev/sda1", "/dev/sdf");

        AwsCall call = launchOf(
                "ami-00000002",
                "'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdf','Ebs':{'DeleteOnTermination':false}}]}");

        assertTrue(call.has("BlockDeviceMapping.2.DeviceName=/dev/sdf"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.Ebs.DeleteOnTermination=false"), call.form());
        assertTrue(call.has("BlockDeviceMapping.2.Ebs.VolumeSize=50"), call.form());
        assertFalse(call.hasParameter("BlockDeviceMapping.3"), call.form());
    }

    @Test
    void appliesVolumeSizeToTheRoot() {
        AwsCall call = launch("'volumeSize':'64'");

        assertTrue(call.has("BlockDeviceMapping.1.DeviceName=/dev/xvda"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.VolumeSize=64"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.Encrypted=true"), call.form());
        assertTrue(call.has("BlockDeviceMapping.1.Ebs.DeleteOnTermination=true"), call.form());
    }

    @Test
    void rejectsVolumeSizeForImageWithoutRootVolume() {
        function.ec2().catalog().image("ami-00000003", "1", null, "Linux/UNIX", null);

        FunctionUnderTest.Answer answer = function.send(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-00000003','dryRun':false,'volumeSize':10}");

        assertEquals("InvalidValue", answer.error());
        assertTrue(answer.details().contains("'volumeSize'"), answer.details());
        assertTrue(answer.details().contains("ami-00000003"), answer.details());
    }

    @Test
    void usesOneTimeRequestByDefault() {
        AwsCall call = launch("'count':1");

        assertTrue(call.has("InstanceMarketOptions.MarketType=spot"), call.form());
        assertTrue(call.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=one-time"), call.form());
        assertTrue(call.has("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior=terminate"), call.form());
        assertFalse(call.hasParameter("InstanceMarketOptions.SpotOptions.ValidUntil"), call.form());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "hibernate"})
    void usesPersistentRequestForStopAndHibernate(String interruption) {
        function.ec2().catalog().hibernating("m7g.large");

        AwsCall call = launch("'interruption':'" + interruption + "'");

        assertTrue(call.has("InstanceMarketOptions.SpotOptions.SpotInstanceType=persistent"), call.form());
        assertTrue(
                call.has("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior=" + interruption),
                call.form());
        assertTrue(call.has("InstanceMarketOptions.SpotOptions.ValidUntil=2026-03-08T12:00:00Z"), call.form());
        assertTrue(call.has("InstanceInitiatedShutdownBehavior=stop"), call.form());
    }

    @Test
    void passesKeyAndSecurityGroupsToEc2() {
        AwsCall call = launch("'keyName':'dev','securityGroups':['web','db'],'securityGroupIds':['sg-0000000a']");

        assertTrue(call.has("KeyName=dev"), call.form());
        assertTrue(call.has("SecurityGroup.1=web"), call.form());
        assertTrue(call.has("SecurityGroup.2=db"), call.form());
        assertTrue(call.has("SecurityGroupId.1=sg-0000000a"), call.form());
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

    private AwsCall launch(String fields) {
        return launchOf("ami-0123456789abcdef0", fields);
    }

    private AwsCall launchOf(String ami, String fields) {
        FunctionUnderTest.Answer answer = function.send(
                "{'task':'launch','types':['m7g.large'],'ami':'" + ami + "','dryRun':false," + fields + "}");
        assertEquals(200, answer.status(), answer.body());
        return lastLaunch();
    }

    private AwsCall lastLaunch() {
        return function.aws().calls("RunInstances").getLast();
    }

    private FunctionUnderTest.Answer answer(String fields) {
        return function.send(
                "{'task':'launch','types':['m7g.large'],'ami':'ami-0123456789abcdef0','dryRun':false," + fields + "}");
    }
}
