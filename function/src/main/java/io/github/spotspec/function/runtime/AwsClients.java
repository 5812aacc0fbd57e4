package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;

/** Builds the SDK clients of all functions, and holds what they have in common. */
public final class AwsClients {
    /** The maximum time for one attempt of a call. The next attempt may be faster. */
    static final Duration ATTEMPT_TIME = Duration.ofSeconds(8);

    private static final Duration CALL_TIME = Duration.ofSeconds(20);
    private static final Duration CONNECTION_TIME = Duration.ofSeconds(2);

    /** Watches the timeouts of all calls. Without it, each client would use five threads of its own. */
    private static final ScheduledExecutorService TIMER = timer();

    static {
        // The same as in the SDK's other clients. By default, the JDK keeps a connection for five seconds unless the
        // server names a time.
        System.setProperty("http.keepAlive.time.server", "60");
    }

    private AwsClients() {}

    private static ScheduledExecutorService timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("timer").factory());
        // Forget the timeout of a call that has finished in time.
        timer.setRemoveOnCancelPolicy(true);
        // Keep a task due before any call's timeout. Otherwise each call would wake the thread twice.
        var _ = timer.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.SECONDS);
        return timer;
    }

    /**
     * Builds a client with standard retries and time limits, even for calls that set no limit themselves.
     *
     * @param builder the service's builder, such as {@code SnsClient.builder()}
     * @param credentials the credentials of calls that bring none
     */
    public static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C build(
            B builder, Region region, SdkHttpClient http, AwsCredentialsProvider credentials) {
        return build(builder, region, http, credentials, configuration -> {});
    }

    /**
     * Builds a client of which some configuration differs from the standard.
     *
     * @param changes changes the standard configuration
     */
    public static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C build(
            B builder,
            Region region,
            SdkHttpClient http,
            AwsCredentialsProvider credentials,
            Consumer<ClientOverrideConfiguration.Builder> changes) {
        ClientOverrideConfiguration.Builder configuration = ClientOverrideConfiguration.builder()
                .retryStrategy(RetryMode.STANDARD)
                // A function has no profile files.
                .defaultProfileFile(ProfileFile.aggregator().build())
                .apiCallTimeout(CALL_TIME)
                .apiCallAttemptTimeout(ATTEMPT_TIME)
                .scheduledExecutorService(TIMER);
        changes.accept(configuration);
        return builder.region(region)
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(configuration.build())
                .build();
    }

    /** Returns how long one attempt of a call may take when this much time is left. */
    public static Duration attemptTime(Duration left) {
        return left.compareTo(ATTEMPT_TIME) < 0 ? left : ATTEMPT_TIME;
    }

    /** Returns no credentials, for clients of which each call brings its own. */
    public static AwsCredentialsProvider noCredentials() {
        return AnonymousCredentialsProvider.create();
    }

    /** Returns the HTTP client that all SDK clients share. */
    public static SdkHttpClient http() {
        return new JdkHttpClient(CONNECTION_TIME, ATTEMPT_TIME, null);
    }

    /** Returns whether Lambda will take a snapshot of this process. */
    public static boolean isForSnapshot() {
        return "snap-start".equals(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
    }

    /**
     * Returns the credentials of the function's own role. They come from the environment or, with SnapStart, which does
     * not set them there, from the container endpoint.
     */
    public static AwsCredentialsProvider ownCredentials() {
        return System.getenv("AWS_ACCESS_KEY_ID") == null
                ? ContainerCredentialsProvider.create()
                : EnvironmentVariableCredentialsProvider.create();
    }
}
