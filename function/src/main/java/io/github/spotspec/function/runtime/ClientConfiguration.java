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

/** The common configuration of all SDK clients of the function. */
public final class ClientConfiguration {
    /** The maximum time for one attempt of a call. The next attempt may be faster. */
    public static final Duration ATTEMPT_TIME = Duration.ofSeconds(8);

    private static final Duration CALL_TIME = Duration.ofSeconds(20);
    private static final Duration CONNECTION_TIME = Duration.ofSeconds(2);

    /** Watches the timeouts of all calls. Without it, each client would use five threads of its own. */
    private static final ScheduledExecutorService TIMER = timer();

    static {
        // The same as in the SDK's other clients. By default, the JDK keeps a connection for five seconds unless the
        // server names a time.
        System.setProperty("http.keepAlive.time.server", "60");
    }

    private ClientConfiguration() {}

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
     * Returns a configuration with standard retries and time limits, even for calls that set no limit themselves. It
     * has no profile files because a function has none.
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
