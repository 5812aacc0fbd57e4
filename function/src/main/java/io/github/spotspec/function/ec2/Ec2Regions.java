package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.CallBudget;
import io.github.spotspec.function.runtime.ClientConfiguration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.xml.stream.XMLInputFactory;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * EC2's clients per region, made when first used and kept, all over one HTTP client. They hold no credentials: each call
 * brings its own, so that what one caller may do never lingers for the next; and each is taken from the {@link CallBudget} of
 * the request that makes it. Thread-safe.
 */
public final class Ec2Regions {
    static {
        // The SDK makes a factory for each thread, and would look for its class on the class path each time.
        System.setProperty(
                XMLInputFactory.class.getName(),
                XMLInputFactory.newDefaultFactory().getClass().getName());
    }

    private final Map<String, Ec2Client> clients = new ConcurrentHashMap<>();
    private final Map<String, Ec2Client> onceClients = new ConcurrentHashMap<>();
    private final SdkHttpClient http;

    public Ec2Regions(SdkHttpClient http) {
        this.http = http;
    }

    /** Returns the client for a region, which must be one of the deployment's. */
    public Ec2Client in(String region) {
        return clients.computeIfAbsent(region, key -> client(key, ClientConfiguration.standard()));
    }

    /**
     * Returns a client that asks once. A launch must not be repeated by the SDK: lack of capacity has come as status 500,
     * and the next pool should hear of it at once.
     */
    public Ec2Client onceIn(String region) {
        return onceClients.computeIfAbsent(
                region,
                key -> client(
                        key,
                        ClientConfiguration.standard().toBuilder()
                                .retryStrategy(AwsRetryStrategy.doNotRetry())
                                .build()));
    }

    private Ec2Client client(String region, ClientOverrideConfiguration configuration) {
        return Ec2Client.builder()
                .region(Region.of(region))
                .httpClient(http)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .overrideConfiguration(configuration.toBuilder()
                        .addExecutionInterceptor(CallBudget.interceptor())
                        .addExecutionInterceptor(SpotPriceReader.interceptor())
                        .build())
                .build();
    }
}
