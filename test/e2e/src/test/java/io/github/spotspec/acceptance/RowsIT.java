package io.github.spotspec.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.spotspec.acceptance.Result.Outcome;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.events.Experiments;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.service.Faults;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Tests rows of an acceptance run that do not need the service, where what they claim is not the case. */
final class RowsIT {
    private static final String REGION = "us-west-2";

    private static final String MAINTAIN = "IAM denies the operator, with MFA, a fleet of type maintain";

    private final LocalCloud cloud;
    private final HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
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
        service.stop(0);
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
                        .metadataOptions(metadata -> metadata.httpTokens("required"))
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
                settle(FleetPromises.all(), "The keeper ends").outcome());
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

    /** Gives the run an operator who may create fleets whose instances have the service's tag and a lease. */
    private void operate() {
        allowOperator(List.of(
                allow("ec2:CreateTags", "*", Map.of()),
                allow(
                        "ec2:CreateFleet",
                        List.of(
                                "arn:aws:ec2:*:*:fleet/*",
                                "arn:aws:ec2:*:*:launch-template/*",
                                "arn:aws:ec2:*:*:subnet/*",
                                "arn:aws:ec2:*:*:volume/*"),
                        Map.of()),
                allow(
                        "ec2:CreateFleet",
                        "arn:aws:ec2:*:*:instance/*",
                        Map.of(
                                "StringEquals",
                                Map.of("aws:RequestTag/" + InstancePromises.SERVICE, "test"),
                                "ForAnyValue:StringEquals",
                                Map.of("aws:TagKeys", InstancePromises.LEASE)))));
        run.operator(StaticCredentialsProvider.create(
                AwsBasicCredentials.create(cloud.caller().id(), cloud.caller().secret())));
        run.deployed(Map.of("ServiceName", "test"));
        run.launched(instance());
    }

    /** Replaces what the operator may do. */
    private void allowOperator(List<Map<String, Object>> statements) {
        cloud.state().identities().putUserPolicy("caller", "operator", policy(statements));
    }

    private static Map<String, Object> allow(String action, Object resource, Map<String, Object> condition) {
        return Map.of("Effect", "Allow", "Action", action, "Resource", resource, "Condition", condition);
    }

    private static PolicyDocument policy(List<Map<String, Object>> statements) {
        return PolicyDocument.parse(Map.of("Version", "2012-10-17", "Statement", statements));
    }

    @Test
    void fleetOfOtherTypeIsDeniedForItsInstancesTags() throws Exception {
        operate();

        assertEquals(Outcome.HELD, settle(FleetPromises.all(), MAINTAIN).outcome());
    }

    /** The tags of a fleet are then enough for its instances, so that the operator can create any fleet. */
    @Test
    void fleetOfOtherTypeWithAllTagsDoesNotHoldIfItsInstancesGetThem() throws Exception {
        operate();
        cloud.state().fleets().shareTags(true);

        assertEquals(Outcome.NOT_HELD, settle(FleetPromises.all(), MAINTAIN).outcome());
    }

    @Test
    void refusalOfEveryFleetSettlesNothing() throws Exception {
        operate();
        allowOperator(List.of(allow("ec2:CreateTags", "*", Map.of())));

        assertEquals(Outcome.NOT_SETTLED, settle(FleetPromises.all(), MAINTAIN).outcome());
    }

    private long alive() {
        return cloud.state().instanceStore().all().stream()
                .filter(Instance::isAlive)
                .count();
    }

    @Test
    void endsWhatItsFleetLaunched() throws Exception {
        run.deployed(Map.of("ServiceName", "test"));
        run.launched(instance());

        Result result = settle(FleetPromises.all(), "A repeated client token of a fleet");

        assertEquals(Outcome.HELD, result.outcome(), result.words());
        assertEquals(1, alive());
    }

    @Test
    void quotaOfOwnLaunchSettlesNothing() throws Exception {
        run.launched(instance());
        cloud.state().instanceStore().capacity().setQuotas(0, 0);

        Result result = settle(Ec2Promises.all(), "A repeated client token of RunInstances");

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
    }

    @Test
    void fleetsErrorForQuotaIsNotItsErrorForPrice() throws Exception {
        run.deployed(Map.of("ServiceName", "test"));
        run.launched(instance());
        cloud.faults()
                .next(
                        Faults.FLEET_LAUNCH,
                        new Faults.Fault.ErrorResponse(400, "MaxSpotInstanceCountExceeded", "Max spot instance count"));

        Result result = settle(FleetPromises.all(), "Which error a fleet reports for a price");

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
    }

    /** Makes the roles of condition keys for fleets, which may do everything but what a statement denies. */
    private void makeFleetRoles(Map<String, Object> denied) {
        run.deployed(Map.of("ServiceName", "test", "Url", cloud.url()));
        run.launched(instance());
        for (ConditionKey key : ConditionKey.values()) {
            String name = run.roleName(key.role());
            cloud.state()
                    .identities()
                    .createRole(
                            name, PolicyDocument.trusting("AWS", run.account().id()));
            cloud.state()
                    .identities()
                    .putRolePolicy(name, "launch", policy(List.of(allow("ec2:*", "*", Map.of()), denied)));
        }
    }

    private Result settleFleetKey() throws Exception {
        settle(FleetPromises.all(), "Which error a fleet reports for a price");
        settle(FleetPromises.all(), "May a role without a condition");
        return settle(FleetPromises.all(), "Does a fleet's launch have the condition key aws:RequestedRegion");
    }

    @Test
    void fleetKeyIsThereIfItsRoleMayLaunch() throws Exception {
        makeFleetRoles(deny("ec2:TerminateInstances"));

        assertEquals(Result.answered("yes"), settleFleetKey());
    }

    @Test
    void fleetsThatNoRoleMayLaunchSettleNoKey() throws Exception {
        makeFleetRoles(deny("ec2:RunInstances"));

        assertEquals(Outcome.NOT_SETTLED, settleFleetKey().outcome());
    }

    private static Map<String, Object> deny(String action) {
        return Map.of("Effect", "Deny", "Action", action, "Resource", "*");
    }

    /** Settles the row about volumes that are not encrypted, with an operator who may launch. */
    private Result settleEncryption(Map<String, Object> volumeCondition) throws Exception {
        operate();
        allowOperator(List.of(
                allow("ec2:CreateTags", "*", Map.of()),
                allow(
                        "ec2:RunInstances",
                        Stream.of("image", "instance", "network-interface", "security-group", "subnet")
                                .map(type -> "arn:aws:ec2:*:*:" + type + "/*")
                                .toList(),
                        Map.of()),
                allow("ec2:RunInstances", "arn:aws:ec2:*:*:volume/*", volumeCondition)));
        return settle(InstancePromises.operator(), "IAM denies the operator, with MFA, a volume");
    }

    @Test
    void launchWithoutEncryptionThatIamDeniesHolds() throws Exception {
        Result result = settleEncryption(Map.of("Bool", Map.of("ec2:Encrypted", "true")));

        assertEquals(Outcome.HELD, result.outcome(), result.words());
    }

    @Test
    void launchWithoutEncryptionThatIamAllowsDoesNotHold() throws Exception {
        Result result = settleEncryption(Map.of());

        assertEquals(Outcome.NOT_HELD, result.outcome(), result.words());
    }

    @Test
    void accountThatEncryptsAllVolumesSettlesNothing() throws Exception {
        cloud.state().instanceStore().encryptVolumes(true);

        Result result = settleEncryption(Map.of("Bool", Map.of("ec2:Encrypted", "true")));

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
        assertTrue(result.words().contains("encrypts"), result.words());
    }

    @Test
    void waitsUntilEc2ShowsTags() throws Exception {
        String id = instance();
        run.deployed(Map.of("ServiceName", "test"));
        run.launched(id);
        cloud.faults().showAfter(Duration.ofSeconds(1));
        run.ec2()
                .createTags(request -> request.resources(id)
                        .tags(
                                tag(InstancePromises.SERVICE, "test"),
                                tag(
                                        InstancePromises.LEASE,
                                        Instant.now().plusSeconds(600).toString())));

        Result result = settle(InstancePromises.launch(), "The instance has the service's tag");

        assertEquals(Outcome.HELD, result.outcome(), result.words());
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    @Test
    void keeperGetsNoCreditForInterruptedInstance() throws Exception {
        String id = instance();
        run.launchedByFleet(id);
        Wait.until(Wait.EC2, () -> run.state(id).equals("running"));
        cloud.faults().choose((action, region) -> {
            if (action.equals("ec2:CreateTags")) {
                cloud.state().instanceStore().all().forEach(cloud.state().instanceStore()::interrupt);
            }
            return null;
        });

        Result result = settle(FleetPromises.all(), "The keeper ends");

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
    }

    /** EC2 then does not say whether it keeps the token. */
    @Test
    void secondLaunchThatFailsOtherwiseSettlesNothing() throws Exception {
        run.launched(instance());
        AtomicInteger launches = new AtomicInteger();
        cloud.faults()
                .choose((action, region) -> action.equals("ec2:RunInstances") && launches.incrementAndGet() == 2
                        ? new Faults.Fault.ErrorResponse(400, "MaxSpotInstanceCountExceeded", "Max spot instance count")
                        : null);

        Result result = settle(Ec2Promises.all(), "Does EC2 keep the client token");

        assertEquals(2, launches.get());
        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
    }

    @Test
    void errorOtherThanForTypeSettlesNothing() throws Exception {
        cloud.faults()
                .next(
                        "ec2:DescribeSpotPriceHistory",
                        new Faults.Fault.ErrorResponse(400, "OptInRequired", "You are not subscribed"));

        assertEquals(
                Outcome.NOT_SETTLED,
                settle(Ec2Promises.all(), "Does the price history reject").outcome());
    }

    /** Answers each request to the service with the same answer. */
    private void answer(int status, String body) throws Exception {
        service.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        service.start();
        cloud.state()
                .identities()
                .createRole(
                        run.roleName("caller"),
                        PolicyDocument.trusting("AWS", run.account().id()));
        run.deployed(Map.of(
                "ServiceName",
                "test",
                "Url",
                "http://127.0.0.1:" + service.getAddress().getPort()));
    }

    @Test
    void shortageThatTheServiceReportsSettlesNothing() throws Exception {
        answer(409, "{\"error\":\"AccountLimit\"}");

        List<Outcome> outcomes = List.of(
                settle(InstancePromises.launch(), "A launch launches").outcome(),
                settle(InstancePromises.launch(), "The same request").outcome(),
                settle(InstancePromises.launch(), "Another request").outcome(),
                settle(FleetPromises.all(), "IAM allows the service's launch").outcome(),
                settle(InstancePromises.interruption(true), "The service notices")
                        .outcome());

        assertEquals(Collections.nCopies(5, Outcome.NOT_SETTLED), outcomes);
    }

    @Test
    void looksForConsoleOutputFromTheLaunchOn() throws Exception {
        String id = instance();
        CountDownLatch looked = new CountDownLatch(1);
        cloud.faults().choose((action, region) -> {
            if (action.equals("ec2:GetConsoleOutput")) {
                looked.countDown();
            }
            return null;
        });
        answer(200, "{\"data\":[{\"InstanceId\":\"%s\"}]}".formatted(id));

        settle(InstancePromises.launch(), "A launch launches");

        assertTrue(looked.await(10, TimeUnit.SECONDS));
        assertEquals(
                Outcome.NOT_SETTLED,
                settle(InstancePromises.life(), "How long EC2 takes").outcome());
    }

    /** The end of a log in the form of the Lambda developer guide. */
    private static final String LOG = """
            RESTORE_REPORT Restore Duration: 534.98 ms
            REPORT RequestId: 1\tDuration: 19.97 ms\tBilled Duration: 172 ms\tMemory Size: 1024 MB\t\
            Max Memory Used: 79 MB\tRestore Duration: 534.98 ms\tBilled Restore Duration: 152 ms
            """;

    @Test
    void firstAnswerAfterRestoreIsMeasured() {
        Result result = Ec2Promises.firstAnswer("{\"statusCode\":200}", LOG, Duration.ofMillis(700));

        assertEquals(Result.answered("restore 534.98 ms, function 19.97 ms, from here 700 ms"), result);
    }

    @Test
    void rejectionIsNoFirstAnswer() {
        Result result = Ec2Promises.firstAnswer("{\"statusCode\":400}", LOG, Duration.ofMillis(700));

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
    }

    /** Returns an instance with the run's tag that has ended. */
    private Instance ended() throws Exception {
        String id = instance();
        run.ec2().createTags(request -> request.resources(id).tags(tag(Run.TAG, run.id())));
        run.ending(Instant.now());
        OwnLaunch.end(run, List.of(id));
        run.launched(id);
        run.launchedByFleet(id);
        return cloud.state().instanceStore().get(REGION, List.of(id)).getFirst();
    }

    private Result settleEndTime() throws Exception {
        return settle(Ec2Promises.last(), "EC2 says when an instance ended");
    }

    private Result settleTags() throws Exception {
        return settle(Ec2Promises.last(), "Does EC2 still show the tags");
    }

    @Test
    void endTimeInKnownFormHolds() throws Exception {
        ended();

        Result result = settleEndTime();

        assertEquals(Outcome.HELD, result.outcome(), result.words());
        assertTrue(settleTags().words().startsWith("yes, "), settleTags().words());
    }

    @Test
    void endTimeThatIsNotTheCallsDoesNotHold() throws Exception {
        ended();
        run.ending(Instant.now().plusSeconds(120));

        Result result = settleEndTime();

        assertEquals(Outcome.NOT_HELD, result.outcome(), result.words());
    }

    @Test
    void endByInterruptionSettlesNothing() throws Exception {
        String id = instance();
        run.launched(id);
        run.ending(Instant.now());
        Wait.until(Wait.EC2, () -> run.state(id).equals("running"));
        cloud.state().instanceStore().all().forEach(cloud.state().instanceStore()::interrupt);
        Wait.until(Wait.EC2, () -> run.state(id).equals("terminated"));

        Result result = settleEndTime();

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
        assertTrue(result.words().contains("Service initiated"), result.words());
    }

    @Test
    void endTimeInAnotherFormDoesNotHold() throws Exception {
        cloud.state().instanceStore().hideEndTime(ended());

        Result result = settleEndTime();

        assertEquals(Outcome.NOT_HELD, result.outcome(), result.words());
        assertTrue(result.words().contains("User initiated"), result.words());
        assertEquals(Result.answered("yes"), settleTags());
    }

    @Test
    void tagsThatEndWithTheirInstanceAreReported() throws Exception {
        Instance instance = ended();
        cloud.state().instanceStore().untag(REGION, instance.id(), instance.tags());

        Result result = settleTags();

        assertEquals(Outcome.ANSWERED, result.outcome(), result.words());
        assertTrue(result.words().startsWith("no, "), result.words());
        assertEquals(Outcome.HELD, settleEndTime().outcome());
    }

    private Result settleTagAfterEnd() throws Exception {
        return settle(Ec2Promises.last(), "Does EC2 accept a tag");
    }

    @Test
    void tagThatEndedInstanceGetsIsReported() throws Exception {
        ended();

        assertEquals(Result.answered("yes"), settleTagAfterEnd());
    }

    @Test
    void tagThatEndedInstanceDoesNotGetIsReported() throws Exception {
        ended();
        cloud.faults()
                .next("ec2:CreateTags", new Faults.Fault.ErrorResponse(400, "IncorrectInstanceState", "It has ended"));

        Result result = settleTagAfterEnd();

        assertEquals(Outcome.ANSWERED, result.outcome(), result.words());
        assertTrue(result.words().startsWith("no; IncorrectInstanceState"), result.words());
    }

    @Test
    void experimentThatFailsSettlesNothing() throws Exception {
        String id = instance();
        Wait.until(Wait.EC2, () -> run.state(id).equals("running"));
        String role = cloud.state()
                .identities()
                .createRole("experiment", PolicyDocument.trusting("Service", "fis.amazonaws.com"));
        String template = cloud.state().experiments().create(new Experiments.Template(REGION, role, Map.of()));
        run.deployed(Map.of("InterruptionTemplate", template));

        Result result = InstancePromises.interrupt(run, id);

        assertEquals(Outcome.NOT_SETTLED, result.outcome(), result.words());
        assertTrue(result.words().contains("ec2:SendSpotInstanceInterruptions"), result.words());
    }
}
