package io.github.spotspec.function;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import io.github.spotspec.function.deployment.Settings;
import io.github.spotspec.function.deployment.SettingsDocument;
import io.github.spotspec.function.edge.Callers;
import io.github.spotspec.function.edge.FunctionLog;
import io.github.spotspec.function.edge.UrlEdge;
import io.github.spotspec.function.mfa.Mfa;
import io.github.spotspec.function.mfa.SealedSessions;
import io.github.spotspec.function.mfa.SessionTokens;
import io.github.spotspec.function.operator.Access;
import io.github.spotspec.function.operator.ClientConfiguration;
import io.github.spotspec.function.operator.OperatorRole;
import io.github.spotspec.function.operator.OperatorSecret;
import io.github.spotspec.function.operator.OperatorSource;
import io.github.spotspec.function.operator.Secret;
import io.github.spotspec.function.operator.SecretReader;
import io.github.spotspec.function.operator.Time;
import io.github.spotspec.function.token.Bearers;
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
 * <p>It answers Function URL events (payload format 2.0) whose caller AWS has verified, or who brings a token. It calls EC2
 * with the operator's keys from the secret; its own role can read its secrets and nothing else, unless the role is the
 * operator. Thread-safe, and stateless but for caches.
 */
public final class SpotHandler implements RequestStreamHandler {
    private final UrlEdge edge;

    /** Held here, since whom it is registered with does not. */
    @SuppressWarnings({"FieldCanBeLocal", "UnusedVariable"})
    private @Nullable Rehearsal rehearsal;

    /** Makes the function as Lambda runs it, from its environment. */
    public SpotHandler() {
        this(
                Settings.parse(System.getenv(SettingsDocument.VARIABLE)),
                Region.of(String.valueOf(System.getenv("AWS_REGION"))));
    }

    private SpotHandler(Settings settings, Region home) {
        this(
                settings,
                home,
                ClientConfiguration.ownCredentials(),
                ClientConfiguration.http(),
                Time.system(),
                System.out);
        if (ClientConfiguration.isForSnapshot()) {
            rehearsal = new Rehearsal(home, settings.signingSecretArn() != null, System.out);
            Core.getGlobalContext().register(rehearsal);
        }
    }

    SpotHandler(
            Settings settings,
            Region home,
            AwsCredentialsProvider own,
            SdkHttpClient http,
            Time clock,
            PrintStream log) {
        SecretsManagerClient secrets = Secret.client(home, own, http);
        String secretArn = settings.secretArn();
        OperatorSource operators = secretArn == null
                ? new OperatorRole(own)
                : new OperatorSecret(new SecretReader(new Secret(secrets, secretArn, "operator's secret")), clock);
        Access access = access(settings, secrets, home, http, clock);
        edge = new UrlEdge(
                callers(settings, secrets, clock),
                new Service(settings, operators, access, http, clock),
                clock,
                new FunctionLog(log, settings.service()));
    }

    private static Callers callers(Settings settings, SecretsManagerClient secrets, Time clock) {
        String signingSecret = settings.signingSecretArn();
        String revocationsSecret = settings.revocationsSecretArn();
        return signingSecret == null || revocationsSecret == null
                ? Callers.signers()
                : new Bearers(
                        new Secret(secrets, signingSecret, "signing secret"),
                        new Secret(secrets, revocationsSecret, "list of revoked tokens"),
                        settings.service(),
                        clock);
    }

    private static Access access(
            Settings settings, SecretsManagerClient secrets, Region home, SdkHttpClient http, Time clock) {
        String sessionSecret = settings.sessionSecretArn();
        return sessionSecret == null
                ? Access.withoutMfa()
                : new Mfa(
                        settings.mfaTasks(),
                        new SessionTokens(http, home),
                        new SealedSessions(
                                new Secret(secrets, sessionSecret, "sessions' secret"), settings.service(), clock));
    }

    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        edge.handle(in, out, context);
    }
}
