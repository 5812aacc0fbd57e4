package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The API of AWS Security Token Service. */
final class StsApi extends QueryApi {
    private final Identities identities;

    StsApi(Identities identities) {
        super("https://sts.amazonaws.com/doc/2011-06-15/");
        this.identities = identities;
    }

    @Override
    public String service() {
        return "sts";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of(
                "GetCallerIdentity", this::getCallerIdentity,
                "AssumeRole", this::assumeRole,
                "GetSessionToken", this::getSessionToken);
    }

    private Consumer<Xml> getCallerIdentity(ApiCall call, Params params) {
        call.needsNoPermission();
        Principal principal = call.principal();
        return xml -> xml.put("Arn", principal.arn())
                .put("UserId", principal.userId())
                .put("Account", identities.account());
    }

    private Consumer<Xml> assumeRole(ApiCall call, Params params) {
        // The role's trust policy decides. If it names the caller's account, the caller's own policies must also allow
        // the call.
        call.needsNoPermission();
        int seconds = params.whole("DurationSeconds", 3_600);
        if (seconds < 900 || seconds > 43_200) {
            throw new AwsError(400, "ValidationError", "DurationSeconds must be 900 to 43200.");
        }
        Identities.Session session = identities.assumeRole(
                params.required("RoleArn"),
                params.required("RoleSessionName"),
                Duration.ofSeconds(seconds),
                call.principal(),
                null,
                call.context());
        return xml -> xml.nest("Credentials", credentials(session))
                .nest(
                        "AssumedRoleUser",
                        user -> user.put("AssumedRoleId", session.principal().userId())
                                .put("Arn", session.principal().arn()));
    }

    /**
     * Opens a session for a user. No policy allows or denies this call (IAM user guide, "Permissions for
     * GetSessionToken").
     */
    private Consumer<Xml> getSessionToken(ApiCall call, Params params) {
        call.needsNoPermission();
        if (!(call.principal() instanceof Principal.User user) || user.session()) {
            throw new AwsError(403, "AccessDenied", "Cannot call GetSessionToken with session credentials");
        }
        int seconds = params.whole("DurationSeconds", 43_200);
        String serialNumber = params.text("SerialNumber");
        String code = params.text("TokenCode");
        valid("durationSeconds", Integer.toString(seconds), seconds >= 900 && seconds <= 129_600);
        valid("serialNumber", serialNumber, serialNumber == null || serialNumber.matches("[\\w+=/:,.@-]{9,256}"));
        valid("tokenCode", code, code == null || code.matches("[0-9]{6}"));
        if ((serialNumber == null) != (code == null)) {
            // AWS does not document the message for one without the other.
            throw new AwsError(
                    403,
                    "AccessDenied",
                    "MultiFactorAuthentication failed, must provide both MFA serial number"
                            + " and one time pass code.");
        }
        Identities.Session session =
                identities.getSessionToken(user, Duration.ofSeconds(seconds), serialNumber, code == null ? "" : code);
        return xml -> xml.nest("Credentials", credentials(session));
    }

    /**
     * Checks a member of the input. As in STS, the error contains the rejected value, so the caller must not pass it
     * on.
     */
    private static void valid(String member, @Nullable String value, boolean valid) {
        if (!valid) {
            throw new AwsError(
                    400,
                    "ValidationError",
                    "1 validation error detected: Value '" + value + "' at '" + member
                            + "' failed to satisfy constraint");
        }
    }

    private static Consumer<Xml> credentials(Identities.Session session) {
        return credentials -> credentials
                .put("AccessKeyId", session.accessKeyId())
                .put("SecretAccessKey", session.secretAccessKey())
                .put("SessionToken", session.token())
                .put("Expiration", session.expires());
    }
}
