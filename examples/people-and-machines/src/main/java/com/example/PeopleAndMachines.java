package com.example;

import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.OidcProviderNative;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.WebIdentityPrincipal;

/**
 * Two services: one for people, who launch with codes from an MFA device, and one for the jobs of a GitHub repository,
 * which have no such device and tight limits instead.
 */
public final class PeopleAndMachines {
    private static final String ISSUER = "token.actions.githubusercontent.com";
    private static final String AUDIENCE = "sts.amazonaws.com";

    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "PeopleAndMachines");
        addPeople(stack);
        addMachines(stack);
        app.synth();
    }

    private static void addPeople(Stack stack) {
        SpotService people = new SpotService(
                stack,
                "People",
                SpotServiceProps.builder().maxCommitted(new BigDecimal("50")).build());
        people.grantInvoke(Role.fromRoleName(stack, "Developers", "developers"));
        people.getOperator().ifPresent(user -> CfnOutput.Builder.create(stack, "Operator")
                .value(user.getUserName())
                .build());
        people.getMfaSerialNumber().ifPresent(serial -> CfnOutput.Builder.create(stack, "MfaSerialNumber")
                .value(serial)
                .build());
        CfnOutput.Builder.create(stack, "PeopleUrl").value(people.getUrl()).build();
    }

    private static void addMachines(Stack stack) {
        SpotService machines = new SpotService(
                stack,
                "Machines",
                SpotServiceProps.builder()
                        .tasks(SpotTask.PRICE, SpotTask.INSTANCES, SpotTask.CONSOLE, SpotTask.LAUNCH, SpotTask.END)
                        .mfaTasks(List.of())
                        .instanceTypes("m7g.large", "c7g.large")
                        .maxInstances(4)
                        .maxPrice(new BigDecimal("0.10"))
                        .maxCommitted(new BigDecimal("2"))
                        .defaultLease(Duration.hours(1))
                        .maxLease(Duration.hours(2))
                        .build());
        // An account has one provider for GitHub. If there is one, use OidcProviderNative.fromOidcProviderArn.
        OidcProviderNative github = OidcProviderNative.Builder.create(stack, "GitHub")
                .url("https://" + ISSUER)
                .clientIds(List.of(AUDIENCE))
                .build();
        Role job = Role.Builder.create(stack, "Job")
                .description("Jobs on the branch main of my-org/my-repository")
                // A job calls the service as long as it runs.
                .maxSessionDuration(Duration.hours(2))
                .assumedBy(new WebIdentityPrincipal(
                        github.getOidcProviderArn(),
                        Map.of(
                                "StringEquals",
                                Map.of(
                                        ISSUER + ":aud",
                                        AUDIENCE,
                                        ISSUER + ":sub",
                                        "repo:my-org/my-repository:ref:refs/heads/main"))))
                .build();
        machines.grantInvoke(job);
        CfnOutput.Builder.create(stack, "JobRole").value(job.getRoleArn()).build();
        CfnOutput.Builder.create(stack, "MachinesUrl").value(machines.getUrl()).build();
    }
}
