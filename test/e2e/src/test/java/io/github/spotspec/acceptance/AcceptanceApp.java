package io.github.spotspec.acceptance;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import io.github.spotspec.infra.UrlAuth;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CliCredentialsStackSynthesizer;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.fis.CfnExperimentTemplate;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.IPrincipal;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;

/**
 * The stack of a run: a service with MFA for launches, a service that takes tokens, and roles. Its assets go to a
 * bucket of the run, so that the account need not be bootstrapped and nothing stays in a bootstrap bucket.
 */
final class AcceptanceApp {
    /** The smallest current type. */
    static final String TYPE = "t4g.nano";

    /** A type that the service does not allow. */
    static final String OTHER_TYPE = "t4g.large";

    /** The most that an instance of the run may cost, in US dollars an hour. It is above the on-demand price. */
    static final BigDecimal MAX_PRICE = new BigDecimal("0.01");

    private AcceptanceApp() {}

    /**
     * Synthesizes the app.
     *
     * @param interruption whether to add what interrupts an instance
     */
    static void synthesize(Run run, String bucket, boolean interruption, Path folder) {
        Account account = run.account();
        App app = new App(AppProps.builder()
                .analyticsReporting(false)
                .outdir(folder.toString())
                // CloudFormation adds the run's tag to the resources, and the template does not repeat it.
                .context(Map.of("@aws-cdk/core:explicitStackTags", true))
                .build());
        Stack stack = new Stack(
                app,
                run.id(),
                StackProps.builder()
                        .env(Environment.builder()
                                .account(account.id())
                                .region(account.region())
                                .build())
                        .tags(Map.of(Run.TAG, run.id()))
                        .synthesizer(CliCredentialsStackSynthesizer.Builder.create()
                                .fileAssetsBucketName(bucket)
                                .build())
                        .build());
        // Only the principal that runs this can assume the run's roles.
        IPrincipal runner = new AccountRootPrincipal()
                .withConditions(Map.of("StringLike", Map.of("aws:userid", account.callersUserId())));
        Role caller = role(stack, run, "caller", runner);
        role(stack, run, "stranger", runner);
        Role instanceRole = role(stack, run, "instance", new ServicePrincipal("ec2.amazonaws.com"));
        SpotService spot = service(stack, run, instanceRole);
        spot.grantInvoke(caller);
        tokenService(stack, run).grantMint(caller);
        for (ConditionKey key : ConditionKey.values()) {
            Role role = role(stack, run, key.role(), runner);
            key.statements(instanceRole.getRoleArn(), run.id()).forEach(role::addToPolicy);
        }
        if (interruption) {
            interruption(stack, run);
        }
        app.synth();
    }

    private static Role role(Stack stack, Run run, String name, IPrincipal principal) {
        return Role.Builder.create(stack, "Role-" + name)
                .roleName(run.roleName(name))
                .assumedBy(principal)
                .build();
    }

    private static SpotService service(Stack stack, Run run, Role instanceRole) {
        SpotService spot = new SpotService(
                stack,
                "Spot",
                SpotServiceProps.builder()
                        .regions(run.account().region())
                        .instanceTypes(TYPE)
                        .maxPrice(MAX_PRICE)
                        .maxInstances(4)
                        .defaultLease(Duration.hours(1))
                        .maxLease(Duration.hours(1))
                        .keeperSchedule(Duration.minutes(1))
                        .fleets(true)
                        .rotateKeyEvery(Duration.days(30))
                        .instanceProfile(InstanceProfile.Builder.create(stack, "Profile")
                                .instanceProfileName(run.roleName("instance"))
                                .role(instanceRole)
                                .build())
                        .build());
        output(stack, "Url", spot.getUrl());
        output(stack, "ServiceName", spot.getServiceName());
        output(stack, "FunctionName", spot.getFunction().getFunctionName());
        output(stack, "SecretName", spot.getSecret().orElseThrow().getSecretName());
        output(stack, "OperatorName", spot.getOperator().orElseThrow().getUserName());
        return spot;
    }

    private static SpotService tokenService(Stack stack, Run run) {
        SpotService tokens = new SpotService(
                stack,
                "Tokens",
                SpotServiceProps.builder()
                        .regions(run.account().region())
                        .tasks(SpotTask.PRICE, SpotTask.HISTORY)
                        .mfaTasks()
                        .urlAuth(UrlAuth.token())
                        .build());
        output(stack, "TokenUrl", tokens.getUrl());
        output(stack, "MinterName", tokens.getMinter().orElseThrow().getFunctionName());
        output(stack, "TokenSecretName", tokens.getSecret().orElseThrow().getSecretName());
        return tokens;
    }

    /** Adds an experiment of AWS Fault Injection Service that interrupts the instance of the run that has its tag. */
    private static void interruption(Stack stack, Run run) {
        Role role = role(stack, run, "interruption", new ServicePrincipal("fis.amazonaws.com"));
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("ec2:SendSpotInstanceInterruptions"))
                .resources(List.of("arn:aws:ec2:*:*:instance/*"))
                .conditions(Map.of("StringEquals", Map.of("aws:ResourceTag/" + InstancePromises.INTERRUPTED, run.id())))
                .build());
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("ec2:DescribeInstances"))
                .resources(List.of("*"))
                .build());
        CfnExperimentTemplate template = CfnExperimentTemplate.Builder.create(stack, "Interruption")
                .description("Interrupts one Spot Instance of " + run.id())
                .roleArn(role.getRoleArn())
                .tags(Map.of(Run.TAG, run.id()))
                .stopConditions(List.of(CfnExperimentTemplate.ExperimentTemplateStopConditionProperty.builder()
                        .source("none")
                        .build()))
                .targets(Map.of(
                        "instance",
                        CfnExperimentTemplate.ExperimentTemplateTargetProperty.builder()
                                .resourceType("aws:ec2:spot-instance")
                                .resourceTags(Map.of(InstancePromises.INTERRUPTED, run.id()))
                                .filters(List.of(CfnExperimentTemplate.ExperimentTemplateTargetFilterProperty.builder()
                                        .path("State.Name")
                                        .values(List.of("running"))
                                        .build()))
                                .selectionMode("COUNT(1)")
                                .build()))
                .actions(Map.of(
                        "interrupt",
                        CfnExperimentTemplate.ExperimentTemplateActionProperty.builder()
                                .actionId("aws:ec2:send-spot-instance-interruptions")
                                .parameters(Map.of("durationBeforeInterruption", "PT2M"))
                                .targets(Map.of("SpotInstances", "instance"))
                                .build()))
                .build();
        output(stack, "InterruptionTemplate", template.getAttrId());
    }

    private static void output(Stack stack, String name, String value) {
        CfnOutput.Builder.create(stack, name).value(value).build();
    }
}
