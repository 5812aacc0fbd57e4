package io.github.spotspec.function.ec2;

import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.CallBudget;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.xml.stream.XMLInputFactory;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/**
 * Creates the EC2 client of a region on first use and keeps it. All clients share one HTTP client. They hold no
 * credentials: each call brings its own, so that one caller's permissions never carry over to the next. Each call
 * counts against the {@link CallBudget} of the request that makes it. Thread-safe.
 */
public final class Ec2Clients {
    static {
        // The SDK creates a factory for each thread, and would search the class path for its class each time.
        System.setProperty(
                XMLInputFactory.class.getName(),
                XMLInputFactory.newDefaultFactory().getClass().getName());
    }

    private final Map<String, Ec2Client> clients = new ConcurrentHashMap<>();
    private final Map<String, Ec2Client> onceClients = new ConcurrentHashMap<>();
    private final SdkHttpClient http;

    public Ec2Clients(SdkHttpClient http) {
        this.http = http;
    }

    /** Returns the client for a region, which must be one of the deployment's regions. */
    public Ec2Client in(String region) {
        return clients.computeIfAbsent(region, key -> client(key, configuration -> {}));
    }

    /**
     * Returns a client that does not retry. The SDK must not retry a launch, because EC2 has reported a lack of
     * capacity with status 500, and the launch should then try the next pool at once.
     */
    public Ec2Client onceIn(String region) {
        return onceClients.computeIfAbsent(
                region,
                key -> client(key, configuration -> configuration.retryStrategy(AwsRetryStrategy.doNotRetry())));
    }

    private Ec2Client client(String region, Consumer<ClientOverrideConfiguration.Builder> retries) {
        return AwsClients.build(
                Ec2Client.builder(), Region.of(region), http, AwsClients.noCredentials(), configuration -> {
                    retries.accept(configuration);
                    configuration
                            .addExecutionInterceptor(CallBudget.interceptor())
                            .addExecutionInterceptor(SpotPriceReader.interceptor());
                });
    }
}
