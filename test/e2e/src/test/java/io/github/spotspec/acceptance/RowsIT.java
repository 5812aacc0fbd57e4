package io.github.spotspec.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.spotspec.acceptance.Result.Outcome;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.ec2.Network;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/** Tests rows of an acceptance run that do not need the service, where what they claim is not the case. */
final class RowsIT {
    private static final String REGION = "us-west-2";

    private final LocalCloud cloud;
    private final Run run;

    RowsIT(@TempDir Path folder) throws Exception {
        cloud = LocalCloud.start(folder, 7);
        cloud.state().instanceStore().capacity().reset(true);
        Account account = new Account(
                Region.of(REGION),
                StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        cloud.admin().id(), cloud.admin().secret())),
                URI.create(cloud.url()));
        run = new Run("spotspec-accept-0123abcd", account, Patience.parse("PT0S"));
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    /** Launches an instance without an instance profile, and returns its id. */
    private String instance() {
        String subnet = cloud.state().network().subnets(REGION).stream()
                .filter(Network.Subnet::isDefault)
                .findFirst()
                .orElseThrow()
                .id();
        return run.ec2()
                .runInstances(request -> request.imageId(cloud.state().images().id(REGION, "al2023-arm64"))
                        .instanceType(AcceptanceApp.TYPE)
                        .subnetId(subnet)
                        .minCount(1)
                        .maxCount(1)
                        .instanceMarketOptions(market -> market.marketType("spot")))
                .instances()
                .getFirst()
                .instanceId();
    }

    private Result settle(List<Promise> promises, String words) throws Exception {
        return promises.stream()
                .filter(promise -> promise.words().startsWith(words))
                .findFirst()
                .orElseThrow()
                .settle(run);
    }

    @Test
    void keeperGetsNoCreditForInstanceThatHasEndedBefore() throws Exception {
        String id = instance();
        run.launchedByFleet(id);
        run.ec2().terminateInstances(request -> request.instanceIds(id));

        assertEquals(
                Outcome.NOT_SETTLED,
                settle(InstancePromises.life(), "The keeper ends").outcome());
    }

    @Test
    void instanceWithoutItsProfileDoesNotHold() throws Exception {
        run.launched(instance());

        assertEquals(
                Outcome.NOT_HELD,
                settle(InstancePromises.launch(), "IAM lets a launch pass").outcome());
    }

    @Test
    void fleetThatLaunchedNothingSettlesNothing() throws Exception {
        run.launched(instance());
        cloud.state().instanceStore().capacity().setQuotas(0, 0);

        assertEquals(
                Outcome.NOT_SETTLED,
                settle(FleetPromises.all(), "A repeated client token of a fleet")
                        .outcome());
    }
}
