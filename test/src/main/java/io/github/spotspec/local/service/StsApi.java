package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.Xml;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** AWS Security Token Service. */
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
        return Map.of("GetCallerIdentity", this::getCallerIdentity, "AssumeRole", this::assumeRole);
    }

    private Consumer<Xml> getCallerIdentity(ApiCall call, Params params) {
        call.needsNoPermission();
        Principal principal = call.principal();
        return xml -> xml.put("Arn", principal.arn())
                .put("UserId", principal.userId())
                .put("Account", identities.account());
    }

    private Consumer<Xml> assumeRole(ApiCall call, Params params) {
        // The role's trust decides, together with the caller's own policies where it names the account.
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
        return xml -> xml.nest(
                        "Credentials",
                        credentials -> credentials
                                .put("AccessKeyId", session.accessKeyId())
                                .put("SecretAccessKey", session.secretAccessKey())
                                .put("SessionToken", session.token())
                                .put("Expiration", session.expires()))
                .nest(
                        "AssumedRoleUser",
                        user -> user.put("AssumedRoleId", session.principal().userId())
                                .put("Arn", session.principal().arn()));
    }
}
