package io.github.spotspec.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.answer.Answer;
import io.github.spotspec.function.answer.Reason;
import io.github.spotspec.function.answer.Refusal;
import io.github.spotspec.function.ec2.Ec2Regions;
import io.github.spotspec.function.ec2.SpotPrices;
import io.github.spotspec.function.edge.RequestLog;
import io.github.spotspec.function.edge.UrlEdge;
import io.github.spotspec.function.operator.OperatorKeys;
import io.github.spotspec.function.operator.OperatorSecret;
import io.github.spotspec.function.operator.SecretReader;
import io.github.spotspec.function.request.Fields;
import io.github.spotspec.function.request.Regions;
import io.github.spotspec.function.task.Call;
import io.github.spotspec.function.task.PriceTask;
import io.github.spotspec.function.task.Task;
import io.github.spotspec.function.task.Tasks;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The Lambda function behind the URL.
 *
 * <p>It answers Function URL events (payload format 2.0) whose caller AWS has verified. It calls EC2 with the operator's
 * keys from the secret; its own role can read that secret and nothing else. Thread-safe, and stateless but for caches.
 */
public final class SpotHandler implements RequestStreamHandler {
    private final Tasks tasks;
    private final OperatorSecret secret;
    private final UrlEdge edge;

    /** Makes the function as Lambda runs it, from its environment. */
    public SpotHandler() {
        this(
                Settings.parse(System.getenv(Settings.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))),
                // Under SnapStart a function's own credentials come from the container endpoint, else from the
                // environment.
                AwsCredentialsProviderChain.of(
                        EnvironmentVariableCredentialsProvider.create(), ContainerCredentialsProvider.create()),
                UrlConnectionHttpClient.builder()
                        .connectionTimeout(Duration.ofSeconds(2))
                        .socketTimeout(Duration.ofSeconds(8))
                        .build(),
                InstantSource.system(),
                System.out);
    }

    SpotHandler(
            Settings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            InstantSource clock,
            PrintStream log) {
        SecretsManagerClient secrets = SecretsManagerClient.builder()
                .region(home)
                .httpClient(http)
                .credentialsProvider(own)
                .overrideConfiguration(Ec2Regions.configuration())
                .build();
        secret = new OperatorSecret(new SecretReader(secrets, settings.secretArn()), clock);
        tasks = new Tasks(
                List.of(new PriceTask(new Regions(settings.regions()), new SpotPrices(new Ec2Regions(http)))));
        edge = new UrlEdge(this::answer, clock, new RequestLog(log));
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        edge.handle(in, out, context);
    }

    private Answer answer(Fields fields, Instant now, Instant deadline) {
        Task.Act act = tasks.prepare(fields);
        OperatorKeys keys = secret.keys();
        try {
            return act.run(call(keys, now, deadline));
        } catch (Refusal refusal) {
            if (refusal.reason() != Reason.OPERATOR_REJECTED) {
                throw refusal;
            }
            return act.run(call(secret.insteadOf(keys, refusal), now, deadline));
        }
    }

    private static Call call(OperatorKeys keys, Instant now, Instant deadline) {
        return new Call(
                StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())),
                now,
                deadline);
    }
}
