package io.github.spotspec.e2e;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** A process of moto_server. */
final class Moto implements AutoCloseable {
    private static final Duration START_TIME = Duration.ofSeconds(60);
    private static final Pattern STARTED = Pattern.compile("Running on (http://127\\.0\\.0\\.1:\\d+)");

    private final Process process;
    private final URI url;

    private Moto(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    static boolean isInstalled() {
        return executable().isPresent();
    }

    /** Starts a server on a free port. It prints the port once it listens. */
    static Moto start() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(executable().orElseThrow().toString(), "-H", "127.0.0.1", "-p", "0")
                .redirectErrorStream(true)
                .start();
        CompletableFuture<URI> url = new CompletableFuture<>();
        // Reads to the end, because a full pipe would block the process.
        Thread.ofVirtual().start(() -> {
            process.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {
                Matcher started = STARTED.matcher(line);
                if (started.find()) {
                    url.complete(URI.create(started.group(1)));
                }
            });
            url.completeExceptionally(new IOException("moto_server ended before it listened"));
        });
        try {
            return new Moto(process, url.get(START_TIME.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            process.destroy();
            throw new IOException("moto_server did not start", e);
        }
    }

    String url() {
        return url.toString();
    }

    /** Creates a secret and returns its ARN. */
    String createSecret(String value) {
        try (SecretsManagerClient secrets = client(SecretsManagerClient.builder())) {
            return secrets.createSecret(request -> request.name("operator").secretString(value))
                    .arn();
        }
    }

    /** Creates a spot request with the tag of a service, and returns its id. */
    String requestSpot(String service, String image, String type) {
        try (Ec2Client ec2 = ec2()) {
            return ec2.requestSpotInstances(request -> request.instanceCount(1)
                            .launchSpecification(
                                    launch -> launch.imageId(image).instanceType(InstanceType.fromValue(type)))
                            .tagSpecifications(TagSpecification.builder()
                                    .resourceType(ResourceType.SPOT_INSTANCES_REQUEST)
                                    .tags(Tag.builder()
                                            .key("spotspec:service")
                                            .value(service)
                                            .build())
                                    .build()))
                    .spotInstanceRequests()
                    .getFirst()
                    .spotInstanceRequestId();
        }
    }

    /** Returns all instances. */
    List<Instance> instances() {
        try (Ec2Client ec2 = ec2()) {
            return ec2.describeInstances().reservations().stream()
                    .flatMap(reservation -> reservation.instances().stream())
                    .toList();
        }
    }

    /** Returns the ids of all spot requests. */
    List<String> spotRequests() {
        try (Ec2Client ec2 = ec2()) {
            return ec2.describeSpotInstanceRequests().spotInstanceRequests().stream()
                    .map(SpotInstanceRequest::spotInstanceRequestId)
                    .toList();
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    private Ec2Client ec2() {
        return client(Ec2Client.builder());
    }

    private <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(B builder) {
        return builder.region(Region.US_EAST_1)
                .endpointOverride(url)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAMOTO", "moto")))
                .build();
    }

    private static Optional<Path> executable() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "moto_server"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
