package io.github.spotspec.local.service;

import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.state.Parameters;
import java.util.Map;

/** The API of AWS Systems Manager's Parameter Store. */
final class SsmApi extends JsonApi {
    private final String account;
    private final Parameters parameters;

    SsmApi(String account, Parameters parameters) {
        this.account = account;
        this.parameters = parameters;
    }

    @Override
    public String service() {
        return "ssm";
    }

    @Override
    Map<String, Action> actions() {
        return Map.of("GetParameter", this::getParameter);
    }

    private Map<String, Object> getParameter(ApiCall call, Input input) {
        String name = input.required("Name");
        // No parameter here is encrypted.
        input.any("WithDecryption");
        boolean isPublic = name.startsWith(Images.PARAMETERS);
        // Public parameters belong to no account.
        String arn = "arn:aws:ssm:" + call.region() + ":" + (isPublic ? "" : account) + ":parameter/"
                + name.replaceFirst("^/", "");
        call.authorize("ssm:GetParameter", arn);
        Parameters.Parameter parameter = parameters.find(call.region(), name);
        return Map.of(
                "Parameter",
                Map.of("Name", name, "Type", parameter.type(), "Value", parameter.value(), "Version", 1, "ARN", arn));
    }
}
