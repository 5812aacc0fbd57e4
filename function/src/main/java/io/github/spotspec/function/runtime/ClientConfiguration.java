package io.github.spotspec.function.runtime;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;

/** What all SDK clients of the function have in common. */
public final class ClientConfiguration {
    /** How long an attempt of a call may take at most; the next one may fare better. */
    public static final Duration ATTEMPT_TIME = Duration.ofSeconds(8);

    private static final Duration CALL_TIME = Duration.ofSeconds(20);
    private static final Duration CONNECTION_TIME = Duration.ofSeconds(2);

    /** Counts the time of all calls; otherwise each client would do so on five threads of its own. */
    private static final ScheduledExecutorService TIMER = timer();

    static {
        // As the SDK's other clients do. The JDK keeps connections for five seconds, unless the server names a time.
        System.setProperty("http.keepAlive.time.server", "60");
    }

    private ClientConfiguration() {}

    private static ScheduledExecutorService timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("timer").factory());
        // A call that has ended in time leaves nothing behind.
        timer.setRemoveOnCancelPolicy(true);
        // Something is always due before any call's time is up; otherwise each call would wake the thread, twice.
        var _ = timer.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.SECONDS);
        return timer;
    }

    /**
     * Returns standard retries, bounded in time even where a call sets no bound of its own; and no profile files, which a
     * function does not have.
     */
    public static ClientOverrideConfiguration standard() {
        ProfileFile none = ProfileFile.aggregator().build();
        return ClientOverrideConfiguration.builder()
                .retryStrategy(RetryMode.STANDARD)
                .defaultProfileFile(none)
                .apiCallTimeout(CALL_TIME)
                .apiCallAttemptTimeout(ATTEMPT_TIME)
                .scheduledExecutorService(TIMER)
                .build();
    }

    /** Returns the HTTP client that all of them share. */
    public static SdkHttpClient http() {
        return new JdkHttpClient(CONNECTION_TIME, ATTEMPT_TIME, null);
    }

    /** Returns whether Lambda is about to take a snapshot of this process. */
    public static boolean isForSnapshot() {
        return "snap-start".equals(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
    }

    /**
     * Returns the credentials of the function's own role: from the environment, or, under SnapStart, where none are there, from
     * the container endpoint.
     */
    public static AwsCredentialsProvider ownCredentials() {
        return System.getenv("AWS_ACCESS_KEY_ID") == null
                ? ContainerCredentialsProvider.create()
                : EnvironmentVariableCredentialsProvider.create();
    }
}
