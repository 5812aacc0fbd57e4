package io.github.spotspec.infra;

import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.ArnPrincipal;
import software.amazon.awscdk.services.lambda.Function;
import software.constructs.Construct;

/** A stack with one service. Its outputs are the values that you need to call the service. */
final class SpotStack extends Stack {
    /**
     * Creates the stack.
     *
     * @param callers ARNs of the IAM users and roles that may call the URL, or that may create tokens if the URL takes
     *     tokens
     */
    SpotStack(Construct scope, String id, SpotServiceProps props, List<String> callers) {
        super(scope, id);
        SpotService service = new SpotService(this, "Spot", props);
        Optional<Function> minter = service.getMinter();
        callers.stream().map(ArnPrincipal::new).forEach(minter.isPresent() ? service::grantMint : service::grantInvoke);
        minter.ifPresent(this::minter);
        output(
                "Url",
                service.getUrl(),
                minter.isPresent()
                        ? "The service's URL; requests must carry a token."
                        : "The service's URL; requests must be signed with SigV4 for the service lambda.");
        output("FunctionName", service.getFunction().getFunctionName(), "The function behind the URL.");
        service.getSecret()
                .ifPresent(secret ->
                        output("SecretName", secret.getSecretName(), "The secret with the operator's access key."));
        if (!props.mfaTasks.isEmpty()) {
            service.getOperator()
                    .ifPresent(operator -> mfaDevice(
                            operator.getUserName(), service.getMfaSerialNumber().orElseThrow()));
        }
    }

    private void minter(Function minter) {
        output("MinterName", minter.getFunctionName(), "The function that makes and revokes tokens.");
        output(
                "MakeToken",
                "aws lambda invoke --region " + getRegion() + " --function-name " + minter.getFunctionName()
                        + " --cli-binary-format raw-in-base64-out --payload '{\"tasks\":[\"price\"],\"life\":\"10m\"}'"
                        + " /dev/stdout",
                "Makes a token that allows the task price for ten minutes.");
    }

    private void mfaDevice(String user, String serialNumber) {
        output(
                "MakeMfaDevice",
                "aws iam create-virtual-mfa-device --virtual-mfa-device-name " + user
                        + " --bootstrap-method QRCodePNG --outfile mfa.png",
                "Creates the operator's MFA device; scan mfa.png with an authenticator app, then delete it.");
        output(
                "EnableMfaDevice",
                "aws iam enable-mfa-device --user-name " + user + " --serial-number " + serialNumber
                        + " --authentication-code1 FIRST --authentication-code2 NEXT",
                "Enables the MFA device; replace FIRST and NEXT with two consecutive codes.");
    }

    private void output(String name, String value, String description) {
        CfnOutput.Builder.create(this, name)
                .value(value)
                .description(description)
                .build();
    }
}
