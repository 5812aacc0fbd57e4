package io.github.spotspec.function.ec2;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * One EC2 client per region, made when first used and kept, all over one HTTP client. They hold no credentials: each
 * call brings its own, so that what one caller may do never lingers for the next. Thread-safe.
 */
public final class Ec2Regions {
    private final Map<String, Ec2Client> clients = new ConcurrentHashMap<>();
    private final SdkHttpClient http;

    public Ec2Regions(SdkHttpClient http) {
        this.http = http;
    }

    /** Returns the client for a region, which must be one of the deployment's. */
    Ec2Client in(String region) {
        return clients.computeIfAbsent(region, this::client);
    }

    private Ec2Client client(String region) {
        return Ec2Client.builder()
                .region(Region.of(region))
                .httpClient(http)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .overrideConfiguration(configuration())
                .build();
    }

    /** Standard retries, bounded in time; no profile files, which a function does not have. */
    public static ClientOverrideConfiguration configuration() {
        ProfileFile none = ProfileFile.aggregator().build();
        return ClientOverrideConfiguration.builder()
                .retryStrategy(RetryMode.STANDARD)
                .defaultProfileFile(none)
                .apiCallTimeout(Duration.ofSeconds(20))
                .apiCallAttemptTimeout(Duration.ofSeconds(8))
                .build();
    }
}
