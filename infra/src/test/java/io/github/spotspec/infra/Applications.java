package io.github.spotspec.infra;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.NagReportFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Aspects;
import software.amazon.awscdk.CloudFormationValidatePlugin;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.Topic;

/** Synthesizes an app with one stack for each kind of deployment, for tools that check templates. */
final class Applications {
    static final List<String> STACKS =
            List.of("App", "WithMfa", "PriceOnly", "Encrypted", "ByRole", "BySecret", "Tokens", "Watched", "Abroad");

    private Applications() {}

    /**
     * Synthesizes the app, and runs cdk-nag and the CDK's own checks on it.
     *
     * @return the output folder
     */
    static Path synthesized(String name, Map<String, Object> flags) {
        Path folder = Path.of("target", name + ".cdk.out");
        App app = new App(AppProps.builder()
                .context(flags)
                .analyticsReporting(false)
                .outdir(folder.toString())
                .build());
        new SpotStack(
                app,
                "App",
                SpotServiceProps.builder().mfaTasks(Deployments.MFA_TASKS).build(),
                List.of("arn:aws:iam::111122223333:role/ci"));
        Stack withMfa = new Stack(app, "WithMfa");
        new SpotService(
                withMfa,
                "Spot",
                Deployments.lockedDown(withMfa).mfaTasks(Deployments.MFA_TASKS).build());
        new SpotService(
                new Stack(app, "PriceOnly"),
                "Spot",
                SpotServiceProps.builder().tasks(SpotTask.PRICE).build());
        Stack encrypted = new Stack(app, "Encrypted");
        IKey key = Key.fromKeyArn(encrypted, "Key", "arn:aws:kms:us-west-2:111122223333:key/0123abcd");
        new SpotService(
                encrypted,
                "Spot",
                SpotServiceProps.builder()
                        .encryptionKey(key)
                        .allowOnDemand(true)
                        .fleets(true)
                        .rotateKeyEvery(Duration.days(90))
                        .build());
        new SpotService(
                new Stack(app, "ByRole"),
                "Spot",
                SpotServiceProps.builder()
                        .credentials(SpotCredentials.functionRole())
                        .build());
        Stack bySecret = new Stack(app, "BySecret");
        new SpotService(
                bySecret,
                "Spot",
                SpotServiceProps.builder()
                        .credentials(SpotCredentials.secret(Secret.fromSecretNameV2(bySecret, "Keys", "team/keys")))
                        .build());
        new SpotService(
                new Stack(app, "Tokens"),
                "Spot",
                SpotServiceProps.builder()
                        .urlAuth(UrlAuth.token())
                        .parameterName("/spotspec/team")
                        .build());
        Stack watched = new Stack(app, "Watched");
        new SpotService(
                watched,
                "Spot",
                SpotServiceProps.builder()
                        .dashboard(true)
                        .alarmTopic(Topic.fromTopicArn(watched, "Alarms", "arn:aws:sns:us-west-2:111122223333:alarms"))
                        .watchedTypes("m7g.large")
                        .tracing(true)
                        .build());
        new SpotEventForwarder(new Stack(app, "Abroad"), "SpotEventForwarder", "us-west-2");
        Aspects.of(app)
                .add(AwsSolutionsChecks.Builder.create()
                        .reports(true)
                        .reportFormats(List.of(NagReportFormat.JSON))
                        .build());
        Validations.of(app).addPlugins(new CloudFormationValidatePlugin());
        app.synth();
        return folder;
    }
}
