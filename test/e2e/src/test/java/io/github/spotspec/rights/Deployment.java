package io.github.spotspec.rights;

import io.github.spotspec.infra.SpotCredentials;
import io.github.spotspec.infra.SpotService;
import io.github.spotspec.infra.SpotServiceProps;
import io.github.spotspec.infra.SpotTask;
import io.github.spotspec.infra.UrlAuth;
import java.util.List;
import java.util.function.Function;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.assertions.Template;
import software.amazon.awscdk.services.ec2.KeyPair;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.InstanceProfile;
import software.amazon.awscdk.services.iam.InstanceProfileAttributes;
import software.amazon.awscdk.services.iam.Role;

/** Combinations of props under test. {@code expected.md} lists the rights of each. */
enum Deployment {
    EVERYTHING(stack -> SpotServiceProps.builder().mfaTasks(mfaTasks())),

    WITHOUT_MFA(
            stack -> SpotServiceProps.builder().mfaTasks().allowOnDemand(true).allowEndWhenIdle(true)),

    GUARDED(stack -> SpotServiceProps.builder()
            .mfaTasks(mfaTasks())
            .regions(Account.HOME, Account.ABROAD)
            .instanceTypes("m7g.*")
            .images(List.of(Account.IMAGE))
            .imageOwners(List.of("amazon"))
            .subnets(List.of(Subnet.fromSubnetId(stack, "Subnet", Account.SUBNET)))
            .securityGroups(List.of(SecurityGroup.fromSecurityGroupId(stack, "Group", Account.GROUP)))
            .keyPairs(List.of(KeyPair.fromKeyPairName(stack, "Key", Account.KEY)))
            .maxVolumeSize(Size.gibibytes(40))
            .maxVolumeIops(6_000)
            .maxVolumeThroughput(250)
            .maxMetadataHopLimit(1)
            .instanceProfile(InstanceProfile.fromInstanceProfileAttributes(
                    stack,
                    "Profile",
                    InstanceProfileAttributes.builder()
                            .instanceProfileArn("arn:aws:iam::" + Account.ID + ":instance-profile/spot")
                            .role(Role.fromRoleArn(stack, "InstanceRole", Account.INSTANCE_ROLE))
                            .build()))),

    /** Launches may use EC2 Fleet. */
    FLEETS(stack -> SpotServiceProps.builder().mfaTasks(mfaTasks()).fleets(true).instanceTypes("m7g.*")),

    PRICE_ONLY(stack -> SpotServiceProps.builder().tasks(SpotTask.PRICE).mfaTasks()),

    /** Some tasks require MFA and share read actions with others that do not. */
    CAUTIOUS(stack -> SpotServiceProps.builder()
            .tasks(SpotTask.PRICE, SpotTask.HISTORY, SpotTask.INSTANCES, SpotTask.TERMINATE)
            .mfaTasks(SpotTask.PRICE, SpotTask.INSTANCES, SpotTask.TERMINATE)),

    /** Callers use tokens, and all secrets are rotated. */
    TOKENS(stack -> SpotServiceProps.builder()
            .mfaTasks(mfaTasks())
            .urlAuth(UrlAuth.token())
            .rotateKeyEvery(Duration.days(90))),

    /** The function's own role is the operator. */
    BY_ROLE(stack -> SpotServiceProps.builder().credentials(SpotCredentials.functionRole()));

    @SuppressWarnings("ImmutableEnumChecker") // A lambda without state.
    private final Function<Stack, SpotServiceProps.Builder> props;

    Deployment(Function<Stack, SpotServiceProps.Builder> props) {
        this.props = props;
    }

    /** Returns the value of the service tag. */
    String service() {
        return Cell.nameInTable(this) + "/Spot@" + Account.HOME;
    }

    /** Returns the identity that calls EC2. */
    Identity operator() {
        return this == BY_ROLE ? Identity.FUNCTION : Identity.OPERATOR;
    }

    /** Returns an allowed region, other than the home region if possible. */
    String allowedRegion() {
        return this == GUARDED ? Account.ABROAD : Account.HOME;
    }

    /**
     * Synthesizes the stack with a role {@code Caller} that may call the URL or make tokens, and returns its policies.
     */
    Rights synthesized() {
        // Sets account and region, as importers may.
        Stack stack = new Stack(
                new App(AppProps.builder()
                        .analyticsReporting(false)
                        .outdir("target/rights.cdk.out")
                        .build()),
                Cell.nameInTable(this),
                StackProps.builder()
                        .env(Environment.builder()
                                .account(Account.ID)
                                .region(Account.HOME)
                                .build())
                        .build());
        SpotService service = new SpotService(stack, "Spot", props.apply(stack).build());
        Role caller = Role.Builder.create(stack, "Caller")
                .assumedBy(new AccountRootPrincipal())
                .build();
        if (this == TOKENS) {
            service.grantMint(caller);
        } else {
            service.grantInvoke(caller);
        }
        return new Rights(Template.fromStack(stack).toJSON());
    }

    /** Returns the tasks that cost money or destroy, or that show what instances write or log in to them. */
    private static List<SpotTask> mfaTasks() {
        return List.of(
                SpotTask.CONSOLE,
                SpotTask.CONNECT,
                SpotTask.LAUNCH,
                SpotTask.EXTEND,
                SpotTask.CANCEL,
                SpotTask.TERMINATE,
                SpotTask.END);
    }
}
