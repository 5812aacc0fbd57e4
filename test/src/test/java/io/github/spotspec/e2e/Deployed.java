package io.github.spotspec.e2e;

import io.github.spotspec.local.CdkCli;
import io.github.spotspec.local.LocalCloud;
import io.github.spotspec.local.cloudformation.Stack;
import io.github.spotspec.local.iam.Identities.AccessKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** A local cloud with the app of {@code cdk.json} deployed to it, and the means to call it. */
final class Deployed implements AutoCloseable {
    static final String HOME = "us-west-2";
    static final List<String> REGIONS = List.of("us-west-2", "us-east-1", "eu-west-1");
    static final Path PROJECT = Path.of(System.getProperty("project"));
    /** The java that runs this test, for apps compiled as it is. */
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    static final long SEED = 7;

    private final LocalCloud cloud;
    private final CdkCli cdk;

    private Deployed(LocalCloud cloud, CdkCli cdk) {
        this.cloud = cloud;
        this.cdk = cdk;
    }

    /** Starts a cloud with nothing deployed. */
    static Deployed nothing() throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(PROJECT.resolve("test/target/e2e")), "cloud-");
        LocalCloud cloud = LocalCloud.start(folder, SEED);
        return new Deployed(cloud, new CdkCli(cloud, PROJECT, folder, HOME, line -> {}));
    }

    /** Deploys the app of this project, and returns what the CLI printed. */
    String deploy() throws IOException, InterruptedException {
        return cdk.run(
                PROJECT,
                "deploy",
                "--require-approval",
                "never",
                "-c",
                "regions=" + String.join(",", REGIONS),
                "-c",
                "invokers=" + cloud.identities().userArn(cloud.caller().user()));
    }

    CdkCli cdk() {
        return cdk;
    }

    LocalCloud cloud() {
        return cloud;
    }

    AccessKey caller() {
        return cloud.caller();
    }

    /** Returns a stack by its name. */
    Stack stack(String name) {
        return Objects.requireNonNull(cloud.stacks().find(HOME, name), "no stack " + name);
    }

    /** Returns an output of a stack. */
    String output(String stack, String name) {
        return stack(stack).outputs().stream()
                .filter(output -> output.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no output " + name))
                .value();
    }

    /** Returns the service's URL. */
    SpotUrl url() {
        return new SpotUrl(output("Spotspec", "Url"), HOME);
    }

    /** Returns the operator's secret as it is now. */
    String secret() {
        try (SecretsManagerClient secrets =
                client(SecretsManagerClient.builder(), HOME, cloud.admin()).build()) {
            return secrets.getSecretValue(request -> request.secretId(output("Spotspec", "SecretName")))
                    .secretString();
        }
    }

    /** Ends every running function, so that the next request meets a new one. */
    void freshFunction() {
        cloud.endFunctions();
    }

    /** Sets an SDK client up to call this cloud over TLS. */
    <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B client(B builder, String region, AccessKey key) {
        return builder.region(Region.of(region))
                .endpointOverride(java.net.URI.create(cloud.secureUrl()))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .tlsTrustManagersProvider(() -> cloud.tls().trusted().toArray(TrustManager[]::new)))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(key.id(), key.secret())));
    }

    @Override
    public void close() {
        cloud.close();
    }
}
