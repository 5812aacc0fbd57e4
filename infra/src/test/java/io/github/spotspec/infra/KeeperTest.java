package io.github.spotspec.infra;

import static io.github.spotspec.infra.Statement.allow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.spotspec.infra.Synthesis.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.TopicAttributes;

/** The keeper: its permissions, its triggers, and the topic that it publishes to. */
final class KeeperTest {
    private static final String TOPIC = "arn:aws:sns:us-west-2:111122223333:alarms";

    private final Synthesis synthesis = Deployments.byDefault();

    @Test
    void keeperMayOnlyEndManagedResourcesAndPublish() {
        String service = "Test/Spot@us-west-2";
        String instances = "arn:aws:ec2:*:111122223333:instance/*";

        synthesis
                .policyOfRole("SpotKeeperRole")
                .assertIs(
                        allow("", "logs:CreateLogStream", "logs:PutLogEvents").on("${SpotLog03B6CAE7.Arn}"),
                        allow(
                                        "ReadEc2",
                                        "ec2:DescribeInstances",
                                        "ec2:DescribeSpotInstanceRequests",
                                        "ec2:DescribeSpotPriceHistory")
                                .on("*")
                                .in("us-west-2")
                                .overTls(),
                        allow("TerminateOwn", "ec2:TerminateInstances")
                                .on(instances)
                                .in("us-west-2")
                                .onManagedBy(service)
                                .when("StringEquals ec2:InstanceMarketType", "spot")
                                .overTls(),
                        allow("CancelOwn", "ec2:CancelSpotInstanceRequests")
                                .on("arn:aws:ec2:*:111122223333:spot-instances-request/*")
                                .in("us-west-2")
                                .onManagedBy(service)
                                .overTls(),
                        allow("MarkOwn", "ec2:CreateTags")
                                .on(instances)
                                .in("us-west-2")
                                .onManagedBy(service)
                                .when(
                                        "ForAllValues:StringEquals aws:TagKeys",
                                        "spotspec:interrupted",
                                        "spotspec:before-end",
                                        "spotspec:receipt",
                                        "spotspec:warned")
                                .when("Null aws:TagKeys", "false")
                                .overTls(),
                        allow("Publish", "sns:Publish").on("${SpotKeeperTopicEDD5F850}"));
    }

    @Test
    void keeperMaySetOnlyTheTagsThatItNeeds() {
        assertEquals(
                Set.of("spotspec:interrupted", "spotspec:before-end", "spotspec:receipt"),
                Synthesis.of(SpotServiceProps.builder().leaseWarning(Duration.minutes(0)))
                        .policyOfRole("SpotKeeperRole")
                        .get("MarkOwn")
                        .conditionValues("ForAllValues:StringEquals aws:TagKeys"));
    }

    @Test
    void keeperReadsMetricsOnlyWhereIdleInstancesMayEnd() {
        Synthesis idle = Synthesis.of(SpotServiceProps.builder().allowEndWhenIdle(true));

        assertEquals(
                allow("ReadMetrics", "cloudwatch:GetMetricData")
                        .on("*")
                        .in("us-west-2")
                        .overTls(),
                idle.policyOfRole("SpotKeeperRole").get("ReadMetrics"));
        assertEquals(
                Set.of(
                        "spotspec:interrupted",
                        "spotspec:warned",
                        "spotspec:before-end",
                        "spotspec:receipt",
                        "spotspec:idle-warned"),
                idle.policyOfRole("SpotKeeperRole")
                        .get("MarkOwn")
                        .conditionValues("ForAllValues:StringEquals aws:TagKeys"));
        assertEquals(true, idle.settings("SpotKeeper").get("endWhenIdle"));
        assertEquals(true, idle.settings("SpotFunction").get("allowEndWhenIdle"));
        assertFalse(synthesis.text().contains("cloudwatch:GetMetricData"));
    }

    @Test
    void keeperReadsThePriceListOnlyWhereOnDemandIsAllowed() {
        assertFalse(synthesis.policyOfRole("SpotKeeperRole").sids().contains("ReadPriceList"));
        assertEquals(
                Set.of("us-east-1"),
                Synthesis.of(SpotServiceProps.builder().allowOnDemand(true))
                        .policyOfRole("SpotKeeperRole")
                        .get("ReadPriceList")
                        .conditionValues("StringEquals aws:RequestedRegion"));
    }

    @Test
    void onlyLambdaMayAssumeTheKeepersRole() {
        Resource role = synthesis.only("AWS::IAM::Role", "SpotKeeperRole");

        assertEquals("${" + role.id() + ".Arn}", keeper().get("Role"));
        assertEquals(
                Set.of("Service lambda.amazonaws.com"),
                Policy.of(List.of(role.get("AssumeRolePolicyDocument")))
                        .statements()
                        .get(0)
                        .principals());
        assertFalse(role.properties().containsKey("ManagedPolicyArns"), "AWS managed policies would allow more");
    }

    @Test
    void keeperHasTheSameRegionsAsTheService() {
        Policy policy = Deployments.lockedDown().policyOfRole("SpotServiceOfThePlatformTeamKeeperRole");

        for (String sid : List.of("ReadEc2", "TerminateOwn", "CancelOwn", "MarkOwn")) {
            assertEquals(
                    new TreeSet<>(Deployments.REGIONS),
                    policy.get(sid).conditionValues("StringEquals aws:RequestedRegion"),
                    sid);
        }
    }

    @Test
    void keeperSharesCodeAndLogWithTheService() {
        Resource keeper = keeper();

        assertEquals("java25", keeper.get("Runtime"));
        assertEquals(List.of("arm64"), keeper.get("Architectures"));
        assertEquals("io.github.spotspec.function.keeper.KeeperHandler", keeper.get("Handler"));
        assertEquals(512, keeper.number("MemorySize"));
        assertEquals(300, keeper.number("Timeout"));
        assertEquals(Map.of("LogGroup", "${SpotLog03B6CAE7}"), keeper.get("LoggingConfig"));
        assertEquals(
                synthesis.only("AWS::Lambda::Function", "SpotFunction").get("Code"),
                keeper.get("Code"),
                "both functions share one asset");
    }

    @Test
    void keeperRunsEveryFiveMinutesByDefault() {
        Resource schedule = synthesis.only("AWS::Events::Rule", "SpotKeeperSchedule");

        assertEquals("rate(5 minutes)", schedule.get("ScheduleExpression"));
        assertEquals("ENABLED", schedule.get("State"));
        assertEquals(List.of(target()), schedule.get("Targets"));
    }

    @Test
    void setsKeeperSchedule() {
        assertEquals(
                "rate(2 hours)",
                Synthesis.of(SpotServiceProps.builder().keeperSchedule(Duration.minutes(120)))
                        .only("AWS::Events::Rule", "SpotKeeperSchedule")
                        .get("ScheduleExpression"));
    }

    @Test
    void keeperReceivesSpotEvents() {
        Resource notices = synthesis.only("AWS::Events::Rule", "SpotKeeperNotices");

        assertEquals(
                Map.of(
                        "source",
                        List.of("aws.ec2"),
                        "detail-type",
                        List.of("EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation")),
                notices.get("EventPattern"));
        assertEquals(List.of(target()), notices.get("Targets"));
    }

    @Test
    void onlyItsTwoRulesMayInvokeTheKeeper() {
        List<Resource> permissions = synthesis.all("AWS::Lambda::Permission").stream()
                .filter(permission -> permission.get("FunctionName").equals("${" + keeper().id() + ".Arn}"))
                .toList();

        for (Resource permission : permissions) {
            assertEquals("lambda:InvokeFunction", permission.get("Action"));
            assertEquals("events.amazonaws.com", permission.get("Principal"));
        }
        assertEquals(
                Stream.of("SpotKeeperSchedule", "SpotKeeperNotices")
                        .map(rule -> synthesis.only("AWS::Events::Rule", rule))
                        .map(rule -> "${" + rule.id() + ".Arn}")
                        .toList(),
                permissions.stream()
                        .map(permission -> permission.get("SourceArn"))
                        .toList());
    }

    @Test
    void topicRejectsMessagesWithoutTls() {
        Resource topicPolicy = synthesis.only("AWS::SNS::TopicPolicy");
        Statement statement = Policy.of(List.of(topicPolicy.get("PolicyDocument")))
                .statements()
                .get(0);

        assertEquals(List.of("${" + synthesis.only("AWS::SNS::Topic").id() + "}"), topicPolicy.get("Topics"));
        assertEquals("Deny", statement.effect());
        assertEquals(Set.of("sns:Publish"), statement.actions());
        assertEquals(Set.of("*"), statement.principals());
        assertEquals(Map.of("Bool aws:SecureTransport", Set.of("false")), statement.conditions());
    }

    @Test
    void usesExistingTopic() {
        Synthesis withTopic = withTopic(stack -> Topic.fromTopicArn(stack, "Alarms", TOPIC));

        assertEquals(List.of(), withTopic.all("AWS::SNS::Topic"));
        assertEquals(TOPIC, withTopic.settings("SpotKeeperFunction").get("topicArn"));
        assertEquals(
                allow("Publish", "sns:Publish").on(TOPIC),
                withTopic.policyOfRole("SpotKeeperRole").get("Publish"));
    }

    @Test
    void keeperMayUseOnlyTheKeyOfAnExistingTopic() {
        String key = "arn:aws:kms:us-west-2:111122223333:key/of-the-topic";
        Policy policy = withTopic(stack -> Topic.fromTopicAttributes(
                        stack,
                        "Alarms",
                        TopicAttributes.builder().topicArn(TOPIC).keyArn(key).build()))
                .policyOfRole("SpotKeeperRole");

        assertEquals(
                List.of(allow("", "kms:Decrypt", "kms:GenerateDataKey")
                        .on(key)
                        .when("StringEquals kms:ViaService", "sns.us-west-2.amazonaws.com")),
                policy.statements().stream()
                        .filter(statement -> statement.actions().contains("kms:Decrypt"))
                        .toList());
    }

    @Test
    void serviceExposesKeeperAndTopic() {
        Stack stack = new Stack();
        SpotService service = new SpotService(stack, "Spot");

        assertTrue(service.getKeeper().isPresent());
        assertTrue(service.getInterruptionTopic().isPresent());
    }

    @Test
    void deploymentWithoutLaunchHasNoKeeper() {
        Stack stack = new Stack(Synthesis.app(Map.of()), "Test");
        SpotService service = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .tasks(Deployments.allBut(SpotTask.LAUNCH))
                        .build());
        Synthesis withoutLaunch = Synthesis.of(stack);

        assertEquals(1, withoutLaunch.all("AWS::Lambda::Function").size());
        assertEquals(1, withoutLaunch.all("AWS::Events::Rule").size(), "only the rule that keeps the service active");
        assertEquals(List.of(), withoutLaunch.all("AWS::SNS::Topic"));
        assertTrue(service.getKeeper().isEmpty());
        assertTrue(service.getInterruptionTopic().isEmpty());
    }

    private Resource keeper() {
        return synthesis.only("AWS::Lambda::Function", "SpotKeeper");
    }

    private Map<String, Object> target() {
        return Map.of("Arn", "${" + keeper().id() + ".Arn}", "Id", "Target0");
    }

    /** Synthesizes a service with an encryption key that is not the topic's key. */
    private static Synthesis withTopic(java.util.function.Function<Stack, ITopic> topic) {
        return Synthesis.of(stack -> new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .interruptionTopic(topic.apply(stack))
                        .encryptionKey(new Key(stack, "Key"))
                        .build()));
    }
}
