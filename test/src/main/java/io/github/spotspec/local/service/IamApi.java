package io.github.spotspec.local.service;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.wire.Xml;
import java.util.Map;
import java.util.function.Consumer;

/** AWS Identity and Access Management. */
final class IamApi extends QueryApi {
    private final Identities identities;

    IamApi(Identities identities) {
        super("https://iam.amazonaws.com/doc/2010-05-08/");
        this.identities = identities;
    }

    @Override
    public String service() {
        return "iam";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("CreateAccessKey", this::createAccessKey, "DeleteAccessKey", this::deleteAccessKey);
    }

    private Consumer<Xml> createAccessKey(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:CreateAccessKey", identities.userArn(user));
        Identities.AccessKey key = identities.createAccessKey(user);
        return xml -> xml.nest(
                "AccessKey",
                element -> element.put("UserName", key.user())
                        .put("AccessKeyId", key.id())
                        .put("SecretAccessKey", key.secret())
                        .put("Status", "Active"));
    }

    private Consumer<Xml> deleteAccessKey(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:DeleteAccessKey", identities.userArn(user));
        identities.deleteAccessKey(user, params.required("AccessKeyId"));
        return xml -> {};
    }
}
