package io.github.spotspec.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.caller.Authenticator;
import io.github.spotspec.function.config.Settings;
import io.github.spotspec.function.config.SettingsDocument;
import io.github.spotspec.function.credentials.CredentialsResolver;
import io.github.spotspec.function.credentials.MfaCredentialsResolver;
import io.github.spotspec.function.credentials.OperatorCredentialsProvider;
import io.github.spotspec.function.credentials.OperatorSecretReader;
import io.github.spotspec.function.credentials.RoleCredentialsProvider;
import io.github.spotspec.function.credentials.SecretCredentialsProvider;
import io.github.spotspec.function.credentials.SessionCodec;
import io.github.spotspec.function.credentials.StsMfaClient;
import io.github.spotspec.function.http.FunctionUrlHandler;
import io.github.spotspec.function.priming.SnapStartPriming;
import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.FunctionLog;
import io.github.spotspec.function.runtime.ServiceClock;
import io.github.spotspec.function.secret.Secret;
import io.github.spotspec.function.token.TokenAuthenticator;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.crac.Core;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The Lambda function behind the URL.
 *
 * <p>It handles Function URL events (payload format 2.0) if AWS has verified the caller's signature or the caller sends
 * a token. It calls EC2 with the operator's credentials from the secret. The function's own role can read the
 * deployment's secrets and nothing else, unless the role is the operator. Thread-safe, and stateless except for caches.
 */
public final class SpotHandler implements RequestStreamHandler {
    private final FunctionUrlHandler handler;

    /** Keeps a reference: CRaC does not retain registered resources. */
    @SuppressWarnings({"FieldCanBeLocal", "UnusedVariable"})
    private @Nullable SnapStartPriming priming;

    /** Creates the function as Lambda runs it, from its environment variables. */
    public SpotHandler() {
        this(
                Settings.parse(System.getenv(SettingsDocument.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))));
    }

    private SpotHandler(Settings settings, Region home) {
        this(settings, home, AwsClients.ownCredentials(), AwsClients.http(), ServiceClock.system(), System.out);
        if (AwsClients.isForSnapshot()) {
            priming = priming(home, settings.secretArns().signing() != null, System.out);
            Core.getGlobalContext().register(priming);
        }
    }

    /**
     * Returns the priming for this function.
     *
     * @param takesTokens whether callers send tokens
     * @param log where the result is logged
     */
    static SnapStartPriming priming(Region home, boolean takesTokens, PrintStream log) {
        return new SnapStartPriming(
                home,
                takesTokens,
                log,
                (settings, http, handlerLog) -> new SpotHandler(
                        settings, home, AwsClients.ownCredentials(), http, ServiceClock.system(), handlerLog));
    }

    SpotHandler(
            Settings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            ServiceClock clock,
            PrintStream log) {
        SecretsManagerClient secrets = AwsClients.build(SecretsManagerClient.builder(), home, http, own);
        String secretArn = settings.secretArns().operator();
        OperatorCredentialsProvider credentialsProvider = secretArn == null
                ? new RoleCredentialsProvider(own)
                : new SecretCredentialsProvider(
                        new OperatorSecretReader(new Secret(secrets, secretArn, "operator's secret")), clock);
        CredentialsResolver credentialsResolver = credentialsResolver(settings, secrets, home, http, clock);
        handler = new FunctionUrlHandler(
                authenticator(settings, secrets, clock),
                new TaskRunner(settings, credentialsProvider, credentialsResolver, http, clock),
                clock,
                new FunctionLog(log, settings.service()));
    }

    private static Authenticator authenticator(Settings settings, SecretsManagerClient secrets, ServiceClock clock) {
        String signingSecret = settings.secretArns().signing();
        String revocationsSecret = settings.secretArns().revocations();
        return signingSecret == null || revocationsSecret == null
                ? Authenticator.iam()
                : new TokenAuthenticator(
                        new Secret(secrets, signingSecret, "signing secret"),
                        new Secret(secrets, revocationsSecret, "list of revoked tokens"),
                        settings.service(),
                        clock);
    }

    private static CredentialsResolver credentialsResolver(
            Settings settings, SecretsManagerClient secrets, Region home, SdkHttpClient http, ServiceClock clock) {
        String sessionSecret = settings.secretArns().sessions();
        return sessionSecret == null
                ? CredentialsResolver.withoutMfa()
                : new MfaCredentialsResolver(
                        settings.mfaTasks(),
                        new StsMfaClient(http, home),
                        new SessionCodec(
                                new Secret(secrets, sessionSecret, "session secret"), settings.service(), clock));
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        handler.handle(in, out, context);
    }
}
