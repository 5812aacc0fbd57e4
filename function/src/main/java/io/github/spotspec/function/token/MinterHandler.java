package io.github.spotspec.function.token;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.api.ErrorCode;
import io.github.spotspec.function.api.ServiceException;
import io.github.spotspec.function.config.SettingsDocument;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.Deadline;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.Json;
import io.github.spotspec.function.runtime.JsonException;
import io.github.spotspec.function.runtime.ServiceClock;
import io.github.spotspec.function.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The handler of the minter's Lambda function. The function has no URL; IAM decides who may invoke it. It answers with
 * a token, or with what was revoked. A failure is also an answer, in the same form as the URL's. The log names every
 * token by its id, but never contains a token. Thread-safe.
 */
public final class MinterHandler implements RequestStreamHandler {
    private static final Duration RESERVE = Duration.ofMillis(500);

    private final MinterSettings settings;
    private final MintFields fields;
    private final Minter minter;
    private final ServiceClock clock;
    private final FunctionLog log;

    /** Creates the handler that Lambda runs, from the environment. */
    public MinterHandler() {
        this(
                MinterSettings.parse(System.getenv(SettingsDocument.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))),
                AwsClients.ownCredentials(),
                AwsClients.http(),
                ServiceClock.system(),
                System.out);
    }

    /** Creates a handler with the given settings, clients, clock and log. */
    public MinterHandler(
            MinterSettings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            ServiceClock clock,
            PrintStream log) {
        this.settings = settings;
        this.fields = new MintFields(settings);
        SecretsManagerClient secrets = AwsClients.build(SecretsManagerClient.builder(), home, http, own);
        this.minter = new Minter(
                new Secret(secrets, settings.signingSecretArn(), "signing secret"),
                new Secret(secrets, settings.revocationsSecretArn(), "list of revoked tokens"),
                settings.service(),
                clock);
        this.clock = clock;
        this.log = new FunctionLog(log, settings.service());
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Deadline deadline =
                new Deadline(now.plusMillis(context.getRemainingTimeInMillis()).minus(RESERVE), clock);
        Map<String, Object> logFields = new LinkedHashMap<>();
        Map<String, Object> answer;
        String level = "INFO";
        try {
            answer = answer(fields.read(event(in)), now, deadline, logFields);
        } catch (ServiceException failure) {
            level = failure.errorCode().status() >= 500 ? "ERROR" : "WARN";
            logFields.put("reason", failure.errorCode().code());
            answer = errorAnswer(failure, context);
        }
        log.line(level, "mint", now, context, logFields);
        out.write(Json.text(answer).getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable Object event(InputStream in) throws IOException {
        try {
            return Json.parse(in);
        } catch (JsonException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_JSON, "The event must be one JSON object: " + e.getMessage() + ".");
        }
    }

    private Map<String, Object> answer(
            MintFields.MintRequest asked, Instant now, Deadline deadline, Map<String, Object> logFields) {
        Map<String, Object> answer = new LinkedHashMap<>();
        switch (asked) {
            case MintFields.MintRequest.Mint mint -> {
                Minter.Minted minted = minter.mint(mint, now, deadline);
                answer.put("token", minted.text());
                answer.put("url", settings.url());
                describe(minted.token(), answer);
                describe(minted.token(), logFields);
            }
            case MintFields.MintRequest.Revoke revoke -> {
                minter.revoke(revoke.ids(), now, deadline);
                answer.put("revoked", revoke.ids());
                logFields.put("revoked", revoke.ids());
            }
            case MintFields.MintRequest.RevokeAll all -> {
                minter.revokeAll(now, deadline);
                answer.put("revoked", "all");
                logFields.put("revoked", "all");
            }
        }
        return answer;
    }

    private static void describe(Token token, Map<String, Object> into) {
        into.put("id", token.id());
        into.put("expires", token.expires());
        into.put("scope", token.scope().describe());
    }

    private static Map<String, Object> errorAnswer(ServiceException failure, Context context) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("code", failure.errorCode().status());
        answer.put("error", failure.errorCode().code());
        answer.put("details", failure.details());
        answer.put("requestId", context.getAwsRequestId());
        return answer;
    }
}
