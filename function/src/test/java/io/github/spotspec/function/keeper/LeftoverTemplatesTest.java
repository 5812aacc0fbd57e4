package io.github.spotspec.function.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.function.fake.AwsCall;
import io.github.spotspec.function.fake.FakeAws;
import io.github.spotspec.function.fake.FakeClock;
import io.github.spotspec.function.fake.FakeEc2;
import io.github.spotspec.function.fake.FakeInstance;
import io.github.spotspec.function.fake.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the keeper deletes the launch templates that launches left behind. */
final class LeftoverTemplatesTest {
    private static final int HOUR = 3_600;

    private final FakeClock time = new FakeClock();
    private final FakeAws aws = new FakeAws(time);
    private final KeeperUnderTest keeper = KeeperUnderTest.withFleets(aws, time);

    LeftoverTemplatesTest() {
        aws.ec2().fleets().add("us-west-2", "old", HOUR);
        aws.ec2().fleets().add("us-west-2", "new", HOUR - 1);
        aws.ec2().fleets().add("us-east-1", "older", 2 * HOUR);
    }

    private List<String> templates(String region) {
        return aws.ec2().fleets().templates(region);
    }

    @Test
    void deletesOwnTemplatesOlderThanAnHour() {
        keeper.sweep();

        assertEquals(List.of("new"), templates("us-west-2"));
        assertEquals(List.of(), templates("us-east-1"));
        keeper.assertLogged("\"launchTemplate\":\"old\"", "\"launchTemplate\":\"older\"");
        for (AwsCall call : aws.calls("DescribeLaunchTemplates")) {
            assertEquals(List.of(FakeEc2.SERVICE), call.filter("tag:spotspec:service"));
        }
    }

    @Test
    void endsInstancesEvenIfTemplatesCannotBeListed() {
        FakeInstance expired = aws.ec2().managedInstance("us-west-2a", "m7g.large");
        time.sleep(Duration.ofHours(2));
        aws.always("DescribeLaunchTemplates", Fault.error("us-west-2", 403, "UnauthorizedOperation"));

        keeper.sweep();

        assertEquals(false, expired.isAlive());
        assertEquals(List.of("old", "new"), templates("us-west-2"));
        assertEquals(List.of(), templates("us-east-1"));
        keeper.assertLogged("\"level\":\"WARN\"", "NotAuthorized", "\"LeasesEnded\":1");
    }

    @Test
    void deletesOtherTemplatesIfOneCannotBeDeleted() {
        aws.always("DeleteLaunchTemplate", Fault.forId("old", 403, "UnauthorizedOperation"));
        aws.ec2().fleets().add("us-west-2", "third", HOUR);

        keeper.sweep();

        assertEquals(List.of("old", "new"), templates("us-west-2"));
        keeper.assertLogged("\"level\":\"WARN\"", "\"launchTemplate\":\"old\"", "NotAuthorized");
    }

    @Test
    void looksForNoTemplatesInDeploymentWithoutFleets() {
        new KeeperUnderTest(aws, time, false, List.of()).sweep();

        assertEquals(List.of(), aws.calls("DescribeLaunchTemplates"));
        assertEquals(List.of("old", "new"), templates("us-west-2"));
    }
}
