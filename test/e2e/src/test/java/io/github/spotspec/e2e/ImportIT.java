package io.github.spotspec.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.local.AssemblyDeployer;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Identities.AccessKey;
import io.github.spotspec.local.iam.PolicyDocument;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.service.Faults.Fault;
import io.github.spotspec.local.state.Monitoring;
import io.github.spotspec.local.state.Topics;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.LambdaException;

/**
 * Tests the construct in an app that imports it, with props and without feature flags. Compares dashboards, alarms and
 * saved queries with the logs and metrics of the functions.
 */
@ExtendWith(SharedDeployment.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ImportIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STACK = ImportingApp.STACK;
    private static final String SERVICE = STACK + "/Spot@" + LocalDeployment.HOME;
    private static final String REGION = "eu-west-1";
    /** How long to wait before reading the log again. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final String PRICE =
            RequestBody.to("price").with("types", List.of("m7g.large")).toString();
    private static final Map<String, String> PAST_LEASE = Map.of("spotspec:lease", "2026-01-01T00:00:00Z");

    private static final String KEEPER_FINDS_NOTHING = "the keeper finds nothing";
    private static final String EC2_FAILS = "EC2 fails during a request";
    private static final String TERMINATION_DENIED = "the keeper may not terminate";
    private static final String DESCRIBE_DENIED = "the keeper may not describe instances";
    private static final String LEASE_ENDED_LATE = "the keeper ends instances long after their leases";
    private static final String METRICS_DENIED = "the keeper may not read metrics";

    private static final Pattern SEARCH =
            Pattern.compile("SEARCH\\('\\{spotspec,(?<dimensions>[a-z,]+)} MetricName=\"(?<name>\\w+)\""
                    + " service=\"(?<service>[^\"]+)\"', '\\w+'\\)");

    private final LocalDeployment service;
    private final SpotUrl url;
    private final AccessKey robot;
    private final Map<String, AlarmEvaluation.Period> periods = new LinkedHashMap<>();

    ImportIT(LocalDeployment service) throws Exception {
        this.service = service;
        service.deployOther(ImportingApp::stacks);
        url = new SpotUrl(service.output(STACK, "Url"), LocalDeployment.HOME);
        robot = new AccessKey(service.output(STACK, "RobotKeyId"), service.output(STACK, "RobotSecret"), "robot", true);
    }

    @BeforeAll
    void clear() {
        service.clear();
    }

    @AfterAll
    void destroyLeavesNothing() {
        service.clear();
        service.destroy(STACK);
        assertEquals(
                List.of(),
                service.cloud().state().resourceIds().stream()
                        .filter(id -> id.contains(STACK))
                        .toList());
    }

    @Test
    void onlyGrantedPrincipalsCallTheUrl() throws Exception {
        SpotUrl.Answer answer = url.post("{\"task\":\"price\",\"types\":[\"m7g.large\"]}", robot);

        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.text().contains("eu-west-1a"), answer.text());
        assertEquals(403, url.post("{\"task\":\"price\"}", service.caller()).status(), "a caller of another service");
        assertEquals(403, service.url().post("{\"task\":\"price\"}", robot).status(), "a principal without a grant");
        assertEquals(
                "RegionNotAllowed",
                url.post("{\"task\":\"price\",\"region\":\"us-east-1\"}", robot).error());
    }

    @Test
    void importingStacksGrantOnlyTheirRoles() throws Exception {
        service.deployOther(
                ImportingApp::importers,
                service.output(STACK, "Url"),
                service.output(STACK, "ServiceName"),
                service.output(STACK, "AliasArn"));

        for (Map.Entry<String, String> importer : Map.of(
                        ImportingApp.BY_PARAMETER,
                        LocalDeployment.HOME,
                        ImportingApp.BY_ATTRIBUTES,
                        ImportingApp.ABROAD)
                .entrySet()) {
            Map<String, String> outputs = outputs(importer.getValue(), importer.getKey());
            assertEquals(SERVICE, outputs.get("ServiceName"));
            assertEquals(LocalDeployment.HOME, outputs.get("Region"));
            assertEquals(LocalCloud.ACCOUNT, outputs.get("Account"));
            SpotUrl imported = new SpotUrl(output(outputs, "Url"), output(outputs, "Region"));
            SpotUrl.Answer answer = imported.send("POST", "", PRICE, session(output(outputs, "RoleArn")));
            assertEquals(200, answer.status(), answer.text());
            assertEquals(
                    403,
                    imported.send("POST", "", PRICE, session(output(outputs, "OtherRoleArn")))
                            .status(),
                    "a role without a grant");
            assertEquals(
                    403,
                    service.url()
                            .send("POST", "", PRICE, session(output(outputs, "RoleArn")))
                            .status(),
                    "the URL of another service");
            assertMayNotInvoke(
                    session(output(outputs, "RoleArn")),
                    service.output(STACK, "AliasArn").split(":")[6]);
        }
        AssemblyDeployer.delete(service.cloud(), LocalDeployment.HOME, ImportingApp.BY_PARAMETER);
        AssemblyDeployer.delete(service.cloud(), ImportingApp.ABROAD, ImportingApp.BY_ATTRIBUTES);
    }

    /** The local cloud has no second account to deploy to, so the test gives the stack's policy to a role there. */
    @Test
    void roleOfAnotherAccountNeedsGrantsOfBothAccounts() throws Exception {
        PolicyDocument granted = policyOfImporterInOtherAccount();
        PolicyDocument otherwise = PolicyDocument.parse(Map.of(
                "Version",
                "2012-10-17",
                "Statement",
                List.of(Map.of("Effect", "Allow", "Action", "ec2:*", "Resource", "*"))));

        SpotUrl.Answer answer = askFromAccount(ImportingApp.OTHER_ACCOUNT, "job", granted);
        assertEquals(200, answer.status(), answer.text());
        assertEquals(
                403,
                askFromAccount(ImportingApp.OTHER_ACCOUNT, "stranger", otherwise)
                        .status(),
                "no grant by its own account");
        assertEquals(403, askFromAccount("777788889999", "job", granted).status(), "no grant by the service's account");
        assertMayNotInvoke(
                credentials(sessionOfAccount(ImportingApp.OTHER_ACCOUNT, "job", granted)),
                service.output(STACK, "AliasArn").split(":")[6]);
    }

    /** Returns the policy that a stack of another account gives to its role. */
    private PolicyDocument policyOfImporterInOtherAccount() throws Exception {
        String assembly = LocalDeployment.assembly(
                ImportingApp::importerInOtherAccount,
                service.output(STACK, "Url"),
                service.output(STACK, "ServiceName"),
                service.output(STACK, "AliasArn"));
        for (JsonNode resource : JSON.readTree(Path.of(assembly, ImportingApp.IN_OTHER_ACCOUNT + ".template.json")
                        .toFile())
                .path("Resources")) {
            if (resource.path("Type").asText().equals("AWS::IAM::Policy")) {
                return PolicyDocument.parse(
                        JSON.convertValue(resource.path("Properties").path("PolicyDocument"), Map.class));
            }
        }
        throw new AssertionError("the stack has no policy");
    }

    /** Asks for prices as a role of another account that has a policy. */
    private SpotUrl.Answer askFromAccount(String account, String role, PolicyDocument policy) throws Exception {
        return url.send("POST", "", PRICE, credentials(sessionOfAccount(account, role, policy)));
    }

    private Identities.Session sessionOfAccount(String account, String role, PolicyDocument policy) {
        return service.cloud().state().identities().sessionOfOtherAccount(account, role, policy, Duration.ofHours(1));
    }

    @Test
    void importingStackGrantsMinting() throws Exception {
        TokenService tokens = TokenService.in(service);
        service.deployOther(ImportingApp::minter, TokenApp.PARAMETER);
        String stack = ImportingApp.BY_PARAMETER + "Tokens";
        String minter = service.output(TokenApp.STACK, "MinterName");

        JsonNode minted;
        try (LambdaClient lambda = lambda(session(service.output(stack, "RoleArn")))) {
            minted = JSON.readTree(lambda.invoke(request -> request.functionName(minter)
                            .payload(SdkBytes.fromUtf8String("{\"tasks\":[\"price\"],\"life\":\"5m\"}")))
                    .payload()
                    .asUtf8String());
        }

        SpotUrl.Answer answer = tokens.ask(PRICE, minted);
        assertEquals(200, answer.status(), answer.text());
        assertMayNotInvoke(session(service.output(stack, "RoleArn")), service.output(TokenApp.STACK, "FunctionName"));
        AssemblyDeployer.delete(service.cloud(), LocalDeployment.HOME, stack);
    }

    /** Only a deployment sees the parameter. It must fail and not grant something else. */
    @Test
    void deploymentFailsIfServiceHasNoMinter() {
        IllegalStateException error = assertThrows(
                IllegalStateException.class, () -> service.deployOther(ImportingApp::minterOfServiceWithoutTokens));

        assertTrue(String.valueOf(error.getMessage()).contains("ROLLBACK_COMPLETE"), error.getMessage());
        AssemblyDeployer.delete(service.cloud(), LocalDeployment.HOME, ImportingApp.BY_PARAMETER + "Wrong");
    }

    private Map<String, String> outputs(String region, String stack) {
        return Objects.requireNonNull(service.cloud().stacks().find(region, stack)).outputs().stream()
                .collect(Collectors.toMap(Stack.Output::name, Stack.Output::value));
    }

    private static String output(Map<String, String> outputs, String name) {
        return Objects.requireNonNull(outputs.get(name), name);
    }

    /** Opens a session of a role, as the administrator. */
    private AwsSessionCredentialsIdentity session(String roleArn) {
        Identities identities = service.cloud().state().identities();
        Identities.Session session = identities.assumeRole(
                roleArn,
                "job-7",
                Duration.ofHours(1),
                identities.principal(service.cloud().admin().id()),
                null,
                Map.of());
        return credentials(session);
    }

    private static AwsSessionCredentialsIdentity credentials(Identities.Session session) {
        return AwsSessionCredentialsIdentity.create(session.accessKeyId(), session.secretAccessKey(), session.token());
    }

    private LambdaClient lambda(AwsSessionCredentialsIdentity session) {
        return service.client(
                        LambdaClient.builder(),
                        LocalDeployment.HOME,
                        new AccessKey(session.accessKeyId(), session.secretAccessKey(), "job", true))
                .credentialsProvider(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                        session.accessKeyId(), session.secretAccessKey(), session.sessionToken())))
                .build();
    }

    /** Asserts that a role may not invoke the function behind the URL in another way. */
    private void assertMayNotInvoke(AwsSessionCredentialsIdentity session, String function) {
        try (LambdaClient lambda = lambda(session)) {
            assertEquals(
                    403,
                    assertThrows(
                                    LambdaException.class,
                                    () -> lambda.invoke(request ->
                                            request.functionName(function).qualifier("live")))
                            .statusCode());
        }
    }

    @Test
    void dashboardAlarmsAndMethodsMatchWrittenMetrics() throws Exception {
        produceAllMetrics();

        Map<String, Set<String>> written = writtenMetrics();
        assertEquals(
                metricMethods(),
                written.keySet().stream()
                        .map(metric -> metric.substring(0, metric.indexOf(' ')))
                        .collect(Collectors.toSet()));
        String document = Files.readString(LocalDeployment.PROJECT.resolve("docs/watch.md"));
        metricMethods()
                .forEach(
                        name -> assertTrue(document.contains("`" + name + "`"), "docs/watch.md does not name " + name));
        Monitoring monitoring = service.cloud().state().monitoring();
        Set<String> shown = new TreeSet<>();
        for (String id : monitoring.ids()) {
            if (id.contains(":dashboard/" + STACK)) {
                shown.addAll(dashboardMetrics(JSON.readTree(monitoring.content(id))));
            } else if (id.contains(":alarm:" + STACK)) {
                shown.addAll(alarmMetrics(JSON.readTree(monitoring.content(id))));
            }
        }
        assertTrue(written.keySet().containsAll(shown), () -> {
            shown.removeAll(written.keySet());
            return "no function writes " + shown;
        });
        // A metric with several sets of dimensions appears with the largest set.
        assertEquals(written.keySet(), shown, "every written metric must be shown");
        written.forEach((metric, units) -> assertEquals(1, units.size(), metric + " in " + units));
    }

    /** Covers the alarms on metrics of this project. Lambda writes the metrics of the others. */
    @Test
    void alarmsFireOnlyForTheirCause() throws Exception {
        produceAllMetrics();
        Monitoring monitoring = service.cloud().state().monitoring();
        Map<String, AlarmEvaluation> alarms = new TreeMap<>();
        for (String id : monitoring.ids()) {
            Matcher name = Pattern.compile(".*:alarm:" + STACK + "-SpotAlarms(\\w+)[0-9A-F]{8}.*")
                    .matcher(id);
            AlarmEvaluation alarm =
                    new AlarmEvaluation(name.matches() ? JSON.readTree(monitoring.content(id)) : JSON.nullNode());
            if (name.matches() && !alarmMetrics(alarm.definition()).isEmpty()) {
                assertEquals(300, alarm.definition().path("Period").asInt(), "the length of a simulated period");
                alarms.put(name.group(1), alarm);
            }
        }
        assertEquals(Set.of("Faults", "Keeper", "LeasesEndedLate", "NotEnded"), alarms.keySet());

        Map<List<String>, Set<String>> expected = new LinkedHashMap<>();
        expected.put(List.of(KEEPER_FINDS_NOTHING, KEEPER_FINDS_NOTHING), Set.of());
        expected.put(List.of(KEEPER_FINDS_NOTHING, EC2_FAILS), Set.of("Faults"));
        expected.put(List.of(KEEPER_FINDS_NOTHING, TERMINATION_DENIED), Set.of("LeasesEndedLate"));
        expected.put(List.of(TERMINATION_DENIED, TERMINATION_DENIED), Set.of("LeasesEndedLate", "NotEnded"));
        expected.put(List.of(TERMINATION_DENIED, DESCRIBE_DENIED), Set.of());
        expected.put(List.of(DESCRIBE_DENIED, DESCRIBE_DENIED), Set.of("Keeper"));
        expected.put(List.of(DESCRIBE_DENIED, LEASE_ENDED_LATE), Set.of("LeasesEndedLate"));
        expected.put(List.of(LEASE_ENDED_LATE, KEEPER_FINDS_NOTHING), Set.of());
        Map<List<String>, Set<String>> on = new LinkedHashMap<>();
        for (List<String> names : expected.keySet()) {
            List<AlarmEvaluation.Period> evaluated = names.stream()
                    .map(name -> Objects.requireNonNull(periods.get(name), name))
                    .toList();
            on.put(
                    names,
                    alarms.entrySet().stream()
                            .filter(alarm -> alarm.getValue().isInAlarm(evaluated))
                            .map(Map.Entry::getKey)
                            .collect(Collectors.toSet()));
        }
        assertEquals(expected, on);
    }

    @Test
    void endsIdleInstanceOnlyAfterWarningAndAnotherOnceItIsExtended() throws Exception {
        Instance idle = launchIdle();
        Instance busy = launch(RequestBody.launch("m7g.large").with("endWhenIdle", "10m"));
        service.instanceStore().backdate(busy, Duration.ofHours(1));
        int before = idleMessages().size();

        sweep();
        sweep();

        assertEquals(before + 1, idleMessages().size(), idleMessages().toString());
        assertTrue(idleMessages().getLast().subject().contains(idle.id()));
        assertTrue(service.alive().contains(idle), "it was warned of just now");

        backdateWarning(idle);
        SpotUrl.Answer extended = url.post(
                RequestBody.to("extend")
                        .with("instanceIds", idle.id())
                        .with("lease", "9h")
                        .toString(),
                robot);
        assertEquals(200, extended.status(), extended.text());
        sweep();

        assertTrue(service.alive().contains(idle), "its lease was moved");
        assertEquals(before + 2, idleMessages().size(), idleMessages().toString());

        backdateWarning(idle);
        sweep();

        assertFalse(service.alive().contains(idle));
        assertTrue(service.alive().contains(busy));
        service.awaitLogged("\"IdleEnded\":1");
        SpotUrl.Answer ended =
                url.post(RequestBody.to("end").with("instanceIds", busy.id()).toString(), robot);
        assertEquals(200, ended.status(), ended.text());
    }

    private void sweep() {
        service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper");
    }

    private List<Topics.Message> idleMessages() {
        Topics topics = service.cloud().state().topics();
        return topics.arns().stream()
                .filter(arn -> arn.contains(STACK) && arn.contains("Keeper"))
                .flatMap(arn -> topics.messages(arn).stream())
                .filter(message -> "idle".equals(message.attributes().get("event")))
                .toList();
    }

    @Test
    @Tag("long")
    void savedQueriesUseWrittenFields() throws Exception {
        produceAllMetrics();

        Set<String> fields = new TreeSet<>(Set.of("@timestamp"));
        for (JsonNode line : lines()) {
            line.fieldNames().forEachRemaining(fields::add);
        }
        Monitoring monitoring = service.cloud().state().monitoring();
        List<String> queries = monitoring.ids().stream()
                .filter(id -> id.startsWith(STACK + "-SpotQueries"))
                .map(monitoring::content)
                .toList();
        assertFalse(queries.isEmpty());
        for (String query : queries) {
            Set<String> named = new TreeSet<>();
            // A second "stats" may use the names that the first one defines.
            Set<String> aliases = Pattern.compile("(?<= as )\\w+")
                    .matcher(query)
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
            for (String command : query.split(" \\| ")) {
                // Skips aliases, because queries define them.
                Matcher name = Pattern.compile("(?:as )?(?<![\\w\"/])@?[A-Za-z_]\\w*")
                        .matcher(command.replaceAll("\"[^\"]*\"|/.*/", ""));
                name.results()
                        .map(found -> found.group())
                        .filter(word -> !command.startsWith("sort") && !word.startsWith("as "))
                        .forEach(named::add);
            }
            named.removeAll(aliases);
            named.removeAll(Set.of(
                    "max",
                    "filter",
                    "fields",
                    "stats",
                    "limit",
                    "by",
                    "and",
                    "like",
                    "ispresent",
                    "count",
                    "sum",
                    "avg",
                    "latest"));
            named.removeAll(fields);
            assertEquals(Set.of(), named, "fields that no line has, in: " + query);
        }
    }

    /** Produces every metric once. */
    private void produceAllMetrics() throws Exception {
        if (periods.containsKey(LEASE_ENDED_LATE)) {
            return;
        }
        recordPeriod(
                KEEPER_FINDS_NOTHING,
                1,
                "sweep",
                () -> service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper"));
        assertEquals("UnknownTask", url.post("{\"task\":\"dance\"}", robot).error());
        failCalls("ec2:DescribeSpotPriceHistory", new Fault.ErrorResponse(503, "Unavailable", "not now"));
        recordPeriod(
                EC2_FAILS,
                1,
                "request",
                () -> assertEquals(
                        "Ec2Unavailable",
                        url.post("{\"task\":\"price\",\"types\":[\"r7g.large\"]}", robot)
                                .error()));
        service.cloud().faults().clear();

        Instance expired = launch(RequestBody.launch("m7g.large"));
        // EC2 sends notices in the instance's own region.
        RequestBody home = RequestBody.launch("m7g.large").with("region", LocalDeployment.HOME);
        Instance first = launch(home.with("idempotencyKey", "first"));
        Instance second = launch(home.with("idempotencyKey", "second"));
        Instance terminated = launch(RequestBody.launch("c6g.large").with("interruption", "stop"));
        for (Geography.Zone zone : Geography.zones(REGION)) {
            service.instanceStore().capacity().setSpot("c6g.large", zone.name(), 0);
        }
        Instance onDemand = launch(RequestBody.launch("c6g.large").with("onNoCapacity", "onDemand"));
        assertTrue(!onDemand.launchSpecification().isSpot());
        String soon =
                Instant.now().plusSeconds(300).truncatedTo(ChronoUnit.SECONDS).toString();
        service.instanceStore().tag(onDemand.id(), Map.of("spotspec:lease", soon));
        service.cloud().notice(first, true);
        service.cloud().notice(first, false);

        backdateWarning(launchIdle());
        launchIdle();
        service.instanceStore().tag(expired.id(), PAST_LEASE);
        service.instanceStore()
                .tag(
                        second.id(),
                        Map.of(
                                "spotspec:request",
                                Objects.requireNonNull(first.tags().get("spotspec:request"))));
        service.instanceStore().terminate(terminated);
        service.instanceStore().tag(Objects.requireNonNull(terminated.spotRequest()), PAST_LEASE);
        for (String denied : List.of("ec2:TerminateInstances", "ec2:DescribeInstances", "nothing")) {
            failCalls(denied, new Fault.ErrorResponse(403, "OperationNotPermitted", "not this one"));
            // Lambda retries a failed asynchronous invocation twice.
            recordPeriod(
                    denied.endsWith("TerminateInstances")
                            ? TERMINATION_DENIED
                            : denied.equals("nothing") ? LEASE_ENDED_LATE : DESCRIBE_DENIED,
                    denied.equals("nothing") ? 1 : 3,
                    "sweep",
                    () -> service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper"));
        }
        failCalls("monitoring:GetMetricData", new Fault.ErrorResponse(403, "AccessDenied", "not these"));
        recordPeriod(
                METRICS_DENIED,
                1,
                "sweep",
                () -> service.cloud().state().events().fireSchedules(STACK + "-SpotKeeper"));
        service.cloud().faults().clear();
    }

    /** Launches an instance that has been idle for an hour. */
    private Instance launchIdle() throws Exception {
        Instance instance = launch(RequestBody.launch("m7g.large").with("endWhenIdle", "10m"));
        service.instanceStore().backdate(instance, Duration.ofHours(1));
        service.instanceStore().cpu().set(instance.id(), 1.5, Instant.now().minus(Duration.ofHours(1)));
        return instance;
    }

    /** Moves the warning that an instance is idle into the past, which simulates the passing of time. */
    private void backdateWarning(Instance instance) {
        service.instanceStore()
                .tag(
                        instance.id(),
                        Map.of(
                                "spotspec:idle-warned",
                                Instant.now().minus(Duration.ofMinutes(20)) + "/"
                                        + instance.tags().get("spotspec:lease")));
    }

    /** Produces log lines. */
    @FunctionalInterface
    private interface Scenario {
        void run() throws Exception;
    }

    /**
     * Runs a scenario, and records its log lines as one period.
     *
     * @param lines the number of lines with the message to wait for
     */
    private void recordPeriod(String name, int lines, String message, Scenario what) throws Exception {
        int before = lines().size();
        what.run();
        Instant until = Instant.now().plusSeconds(20);
        List<JsonNode> written = List.of();
        while (written.stream()
                        .filter(line -> line.path("message").asText().equals(message))
                        .count()
                < lines) {
            assertTrue(Instant.now().isBefore(until), "too few lines for " + name + ": " + written);
            LockSupport.parkNanos(PAUSE.toNanos());
            List<JsonNode> all = lines();
            written = all.subList(before, all.size());
        }
        periods.put(name, AlarmEvaluation.Period.of(written));
    }

    private void failCalls(String failing, Fault fault) {
        service.cloud().faults().choose((action, region) -> action.equals(failing) ? fault : null);
    }

    private Instance launch(RequestBody ask) throws Exception {
        SpotUrl.Answer answer = url.post(ask.toString(), robot);
        assertEquals(200, answer.status(), answer.text());
        return service.instances(answer).getFirst();
    }

    private List<JsonNode> lines() throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : service.cloud().state().logs().lines()) {
            JsonNode json = line.startsWith("{") ? JSON.readTree(line) : JSON.nullNode();
            if (json.path("service").asText().equals(SERVICE)) {
                lines.add(json);
            }
        }
        return lines;
    }

    /** Returns the units of all written metrics, by name and dimensions. */
    private Map<String, Set<String>> writtenMetrics() throws Exception {
        Map<String, Set<String>> written = new TreeMap<>();
        for (JsonNode line : lines()) {
            for (JsonNode directive : line.at("/_aws/CloudWatchMetrics")) {
                assertEquals("spotspec", directive.path("Namespace").asText());
                for (JsonNode dimensions : directive.path("Dimensions")) {
                    Set<String> names = new TreeSet<>();
                    dimensions.forEach(name -> names.add(name.asText()));
                    names.forEach(name -> assertTrue(line.path(name).isTextual(), name + " is missing in " + line));
                    for (JsonNode metric : directive.path("Metrics")) {
                        String name = metric.path("Name").asText();
                        assertTrue(line.path(name).isNumber(), name + " is missing in " + line);
                        written.computeIfAbsent(name + " " + names, first -> new TreeSet<>())
                                .add(metric.path("Unit").asText());
                    }
                }
            }
        }
        return written;
    }

    /** Returns the metrics that have a method of the construct. */
    private static Set<String> metricMethods() {
        return Arrays.stream(SpotService.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("metric"))
                .map(name -> name.substring("metric".length()))
                .collect(Collectors.toSet());
    }

    /** Returns the names and dimensions of the metrics of this project on a dashboard. */
    private static Set<String> dashboardMetrics(JsonNode body) {
        Set<String> shown = new TreeSet<>();
        for (JsonNode widget : body.path("widgets")) {
            for (JsonNode metric : widget.at("/properties/metrics")) {
                JsonNode expression = metric.path(0).path("expression");
                if (expression.isTextual()) {
                    Matcher search = SEARCH.matcher(expression.asText());
                    assertTrue(search.matches(), expression.asText());
                    assertEquals(SERVICE, search.group("service"));
                    shown.add(search.group("name") + " "
                            + new TreeSet<>(List.of(search.group("dimensions").split(","))));
                } else if (metric.path(0).asText().equals("spotspec")) {
                    assertEquals("service", metric.path(2).asText(), metric.toString());
                    assertEquals(SERVICE, metric.path(3).asText());
                    shown.add(metric.path(1).asText() + " [service]");
                }
            }
        }
        return shown;
    }

    /** Returns the name and dimensions of the metric of an alarm, or nothing if AWS writes it. */
    private static Set<String> alarmMetrics(JsonNode alarm) {
        if (!alarm.path("Namespace").asText().equals("spotspec")) {
            return Set.of();
        }
        assertEquals(
                JSON.createArrayNode()
                        .add(JSON.createObjectNode().put("Name", "service").put("Value", SERVICE)),
                alarm.path("Dimensions"));
        return Set.of(alarm.path("MetricName").asText() + " [service]");
    }
}
