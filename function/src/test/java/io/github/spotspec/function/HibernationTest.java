package io.github.spotspec.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.function.fake.AwsCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the prerequisites of hibernation that a launch checks. */
final class HibernationTest {
    private static final String LAUNCH = "'task':'launch','ami':'ami-0123456789abcdef0','interruption':'hibernate'";

    private final FunctionUnderTest function = new FunctionUnderTest("us-west-2");

    HibernationTest() {
        function.ec2()
                .catalog()
                .price("us-west-2a", "m7g.large", "0.03")
                .price("us-west-2a", "m7g.metal", "0.02")
                .price("us-west-2a", "r7g.large", "0.01")
                .type("m7g.large", 2, 8, "arm64")
                .type("m7g.metal", 2, 8, "arm64")
                .type("r7g.large", 2, 16, "arm64")
                .hibernating("m7g.large")
                .hibernating("r7g.large");
    }

    @Test
    void launchesTypeWhoseMemoryFitsIntoTheRootVolume() {
        FunctionUnderTest.Answer answer =
                function.send("{" + LAUNCH + ",'types':['m7g.large'],'volumeSize':9,'dryRun':false}");

        assertEquals(200, answer.status(), answer.body());
        AwsCall call = function.aws().calls("RunInstances").getFirst();
        assertTrue(call.has("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior=hibernate"), call.form());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'types':['m7g.metal'],'volumeSize':100 | m7g.metal",
                "'types':['m7g.large','m7g.metal'],'volumeSize':100 | m7g.metal",
                "'types':['m7g.large'] | 'volumeSize'",
                "'types':['m7g.large'],'volumeSize':8 | m7g.large has 8 GiB",
                "'types':['m7g.large','r7g.large'],'volumeSize':16 | r7g.large has 16 GiB",
                "'types':['m7g.large'],'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':{'VolumeSize':8}}]} | 8 GiB",
                "'types':['m7g.large'],'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/xvda','Ebs':{'VolumeSize':500,'VolumeType':'st1'}}]} | st1",
                "'vcpu':2 | 'volumeSize'",
                "'vcpu':2,'ami':'ami-00000002' | ami-00000002"
            })
    void rejectsWhatCannotHibernate(String fields, String named) {
        function.ec2().catalog().image("ami-00000002", "1", null, "Linux/UNIX", null);
        String launch = fields.contains("'ami'") ? LAUNCH.replaceFirst(",'ami':'[^']*'", "") : LAUNCH;

        for (String dryRun : List.of("true", "false")) {
            FunctionUnderTest.Answer answer = function.send("{" + launch + "," + fields + ",'dryRun':" + dryRun + "}");

            assertEquals("InvalidRequest", answer.error(), answer.body());
            assertTrue(answer.details().contains(named), answer.details());
            assertTrue(answer.details().contains("hibernation agent"), answer.details());
        }
        assertEquals(List.of(), function.aws().calls("RunInstances"));
    }

    @Test
    void leavesOutTypesThatMeetRequirementsButCannotHibernate() {
        assertEquals(
                List.of("m7g.large us-west-2a"),
                function.send("{" + LAUNCH + ",'vcpu':2,'volumeSize':9}").pools("candidates"));
        assertEquals(
                List.of("r7g.large us-west-2a", "m7g.large us-west-2a"),
                function.send("{" + LAUNCH + ",'vcpu':2,'volumeSize':17}").pools("candidates"));
    }

    @Test
    void ignoresOtherVolumesThanTheRoot() {
        String other = ",'launchSpecification':{'BlockDeviceMappings':[{'DeviceName':'/dev/sdb','Ebs':{'VolumeSize':500"
                + ",'VolumeType':'st1'}}]}";

        assertEquals(
                200,
                function.send("{" + LAUNCH + ",'types':['m7g.large'],'volumeSize':9" + other + "}")
                        .status());
        assertEquals(
                "InvalidRequest",
                function.send("{" + LAUNCH + ",'types':['m7g.large']" + other + "}")
                        .error());
    }

    @Test
    void doesNotAskAboutTypesThatNeedNotHibernate() {
        function.send("{" + LAUNCH.replace("hibernate", "stop") + ",'types':['m7g.metal']}");

        assertEquals(List.of(), function.aws().calls("DescribeInstanceTypes"));
    }

    @Test
    void reportsUnknownTypeAsSuch() {
        function.ec2().catalog().withoutType("us-west-2", "m9g.large");

        assertEquals(
                "UnknownType",
                function.send("{" + LAUNCH + ",'types':['m9g.large']}").error());
    }
}
