package io.github.spotspec.infra;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

/**
 * The keeper: a function with its own role that terminates expired instances on a schedule and reports interruptions
 * immediately. It can change only managed instances and managed spot requests, and cannot launch anything.
 */
final class Keeper extends Construct {
    private static final Duration TIMEOUT = Duration.minutes(5);
    private static final Size MEMORY = Size.mebibytes(512);

    private final Function function;
    private final ITopic topic;

    /** The values that the keeper shares with the service. */
    record KeeperProps(
            String service,
            List<String> regions,
            SpotPolicy policy,
            Code code,
            ILogGroup logGroup,
            SpotServiceProps props) {}

    Keeper(Construct scope, String id, KeeperProps parts) {
        super(scope, id);
        SpotServiceProps props = parts.props();
        IKey key = props.encryptionKey;
        topic = props.interruptionTopic == null ? topic(key) : props.interruptionTopic;
        Role role = role(parts);
        function = Function.Builder.create(this, "Function")
                .description("Terminates expired instances and publishes spot interruptions.")
                .runtime(Runtime.JAVA_25)
                .architecture(props.architecture)
                .handler("io.github.spotspec.function.keeper.KeeperHandler")
                .code(parts.code())
                .memorySize(MEMORY.toMebibytes())
                .timeout(TIMEOUT)
                .environment(Map.of(
                        FunctionSettings.VARIABLE,
                        FunctionSettings.keeper(
                                Stack.of(this), parts.service(), parts.regions(), topic.getTopicArn(), props)))
                .environmentEncryption(key)
                .logGroup(parts.logGroup())
                .role(role)
                .build();
        Rule.Builder.create(this, "Schedule")
                .description("Invokes the keeper, which ends instances that are past their lease.")
                .schedule(Schedule.rate(props.keeperSchedule))
                .targets(List.of(new LambdaFunction(function)))
                .build();
        Rule.Builder.create(this, "Notices")
                .description("Sends EC2's notices about Spot Instances to the keeper.")
                .eventPattern(spotEvents())
                .targets(List.of(new LambdaFunction(function)))
                .build();
    }

    /**
     * Returns the pattern of EC2's events about Spot Instances (EC2 user guide, "Spot Instance interruption notices").
     */
    static EventPattern spotEvents() {
        return EventPattern.builder()
                .source(List.of("aws.ec2"))
                .detailType(List.of("EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"))
                .build();
    }

    Function function() {
        return function;
    }

    ITopic topic() {
        return topic;
    }

    private Topic topic(@Nullable IKey key) {
        return Topic.Builder.create(this, "Topic")
                .displayName("Spot interruptions")
                .enforceSsl(true)
                .masterKey(key)
                .build();
    }

    private Role role(KeeperProps parts) {
        Role role = Role.Builder.create(this, "Role")
                .description(
                        "Ends the spot service's own instances and requests, and publishes notices. Cannot launch.")
                .assumedBy(
                        ServicePrincipal.Builder.create("lambda.amazonaws.com").build())
                .build();
        parts.logGroup().grantWrite(role);
        parts.policy().keeperStatements().forEach(role::addToPolicy);
        role.addToPolicy(PolicyStatement.Builder.create()
                .sid("Publish")
                .effect(Effect.ALLOW)
                .actions(List.of("sns:Publish"))
                .resources(List.of(topic.getTopicArn()))
                .build());
        IKey key = topic.getMasterKey();
        if (key != null) {
            role.addToPolicy(KmsGrants.use(this, key, "sns", List.of("kms:Decrypt", "kms:GenerateDataKey")));
        }
        NagSuppressions.anyResource(
                role,
                "The ids of new resources are not known in advance, and EC2's read actions have no resource-level"
                        + " permissions; conditions on region and tags limit them instead.");
        return role;
    }
}
