package io.github.spotspec.function.rotation;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.config.SettingsDocument;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.AwsErrors;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.ServiceClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * The handler of the Lambda function that Secrets Manager invokes to rotate the service's secrets. Fails if a step
 * fails, so that Secrets Manager tries again. The log names steps and versions, but never contains the value of a
 * version. Thread-safe.
 */
public final class RotationHandler implements RequestStreamHandler {
    private static final Duration RESERVE = Duration.ofSeconds(2);

    private final ServiceClock clock;
    private final FunctionLog log;
    private final Map<String, Rotation> rotations = new HashMap<>();

    /** Creates the handler that Lambda runs, from the environment. */
    public RotationHandler() {
        this(
                RotationSettings.parse(System.getenv(SettingsDocument.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))),
                AwsClients.ownCredentials(),
                AwsClients.http(),
                ServiceClock.system(),
                System.out);
    }

    RotationHandler(
            RotationSettings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            ServiceClock clock,
            PrintStream out) {
        this.clock = clock;
        this.log = new FunctionLog(out, settings.service());
        SecretsManagerClient secrets = AwsClients.build(SecretsManagerClient.builder(), home, http, own);
        // IAM has one endpoint for all regions of a partition. The SDK derives it from the home region.
        IamClient iam = AwsClients.build(IamClient.builder(), home, http, own);
        StsClient sts = AwsClients.build(StsClient.builder(), home, http, AwsClients.noCredentials());
        rotations.put(
                settings.secretArn(),
                new Rotation(
                        new SecretVersions(secrets, settings.secretArn()),
                        new AccessKeyRotator(iam, sts, settings.user())));
        for (String arn : settings.generatedSecretArns()) {
            rotations.put(arn, new Rotation(new SecretVersions(secrets, arn), new RandomSecret()));
        }
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        Instant now = clock.instant();
        Deadline deadline =
                new Deadline(now.plusMillis(context.getRemainingTimeInMillis()).minus(RESERVE), clock);
        Map<?, ?> event = Json.parse(in) instanceof Map<?, ?> map ? map : Map.of();
        Map<String, Object> logFields = new LinkedHashMap<>();
        for (String name : List.of("Step", "SecretId", "ClientRequestToken")) {
            logFields.put(name, text(event, name));
        }
        String failure = carryOut(event, deadline);
        if (failure != null) {
            logFields.put("details", failure);
            log.line("ERROR", "Rotation failed.", now, context, logFields);
            throw new IllegalStateException(failure);
        }
        log.line("INFO", "Rotation.", now, context, logFields);
        out.write("{}".getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns why the step failed, or null if it succeeded. Leaves out AWS's message, which this function should not
     * pass on.
     */
    private @Nullable String carryOut(Map<?, ?> event, Deadline deadline) {
        Rotation rotation = rotations.get(text(event, "SecretId"));
        if (rotation == null) {
            return "The secret does not belong to this service.";
        }
        try {
            rotation.carryOut(text(event, "Step"), text(event, "ClientRequestToken"), deadline);
            return null;
        } catch (RotationException e) {
            return e.getMessage();
        } catch (AwsServiceException e) {
            return "AWS answered " + AwsErrors.code(e) + ".";
        } catch (SdkException e) {
            return "AWS did not answer.";
        }
    }

    private static String text(Map<?, ?> event, String name) {
        return event.get(name) instanceof String text ? text : "";
    }
}
