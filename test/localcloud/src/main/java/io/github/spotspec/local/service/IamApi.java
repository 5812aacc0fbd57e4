package io.github.spotspec.local.service;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Map.entry;

import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.Principal;
import io.github.spotspec.local.wire.AwsError;
import io.github.spotspec.local.wire.WireResponse;
import io.github.spotspec.local.wire.Xml;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The API of AWS Identity and Access Management. */
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
        return Map.ofEntries(
                entry("CreateAccessKey", this::createAccessKey),
                entry("DeleteAccessKey", this::deleteAccessKey),
                entry("ListAccessKeys", this::listAccessKeys),
                entry("ListUsers", this::listUsers),
                entry("ListRoles", this::listRoles),
                entry("ListInstanceProfiles", this::listInstanceProfiles),
                entry("ListPolicies", this::listPolicies),
                entry("DeleteUser", this::deleteUser),
                entry("ListVirtualMFADevices", this::listVirtualMfaDevices),
                entry("CreateVirtualMFADevice", this::createVirtualMfaDevice),
                entry("EnableMFADevice", this::enableMfaDevice),
                entry("DeactivateMFADevice", this::deactivateMfaDevice),
                entry("DeleteVirtualMFADevice", this::deleteVirtualMfaDevice));
    }

    /**
     * Answers a call. Sessions of GetSessionToken can call IAM only with MFA. Without MFA, IAM only reports that the
     * token is invalid.
     */
    @Override
    public WireResponse handle(ApiCall call) {
        if (call.principal() instanceof Principal.User user && user.session() && user.mfaAt() == null) {
            throw new AwsError(403, "InvalidClientTokenId", "The security token included in the request is invalid");
        }
        return super.handle(call);
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

    private Consumer<Xml> listAccessKeys(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:ListAccessKeys", identities.userArn(user));
        List<Identities.AccessKey> keys = identities.accessKeys(user);
        return xml -> xml.list(
                        "AccessKeyMetadata",
                        "member",
                        keys,
                        (member, key) -> member.put("UserName", key.user())
                                .put("AccessKeyId", key.id())
                                .put("Status", key.active() ? "Active" : "Inactive"))
                .put("IsTruncated", false);
    }

    private Consumer<Xml> listUsers(ApiCall call, Params params) {
        call.authorize("iam:ListUsers", "arn:aws:iam::" + identities.account() + ":user/");
        return xml -> xml.list(
                        "Users",
                        "member",
                        identities.userNames(),
                        (member, user) -> member.put("UserName", user).put("Arn", identities.userArn(user)))
                .put("IsTruncated", false);
    }

    private Consumer<Xml> listRoles(ApiCall call, Params params) {
        call.authorize("iam:ListRoles", "arn:aws:iam::" + identities.account() + ":role/");
        return list("Roles", "RoleName", identities.roleArns());
    }

    private Consumer<Xml> listInstanceProfiles(ApiCall call, Params params) {
        call.authorize("iam:ListInstanceProfiles", "arn:aws:iam::" + identities.account() + ":instance-profile/");
        return list("InstanceProfiles", "InstanceProfileName", identities.profileArns());
    }

    /** Lists the account's own policies. AWS's are not simulated. */
    private Consumer<Xml> listPolicies(ApiCall call, Params params) {
        String scope = params.text("Scope", "All");
        call.authorize("iam:ListPolicies", "*");
        if (!scope.equals("Local")) {
            throw AwsError.unknown("a list of policies with the scope " + scope);
        }
        return list("Policies", "PolicyName", identities.policyArns());
    }

    private static Consumer<Xml> list(String name, String nameElement, List<String> arns) {
        return xml -> xml.list(
                        name,
                        "member",
                        arns,
                        (member, arn) -> member.put(nameElement, arn.substring(arn.lastIndexOf('/') + 1))
                                .put("Arn", arn))
                .put("IsTruncated", false);
    }

    private Consumer<Xml> listVirtualMfaDevices(ApiCall call, Params params) {
        call.authorize("iam:ListVirtualMFADevices", "arn:aws:iam::" + identities.account() + ":mfa/");
        return xml -> xml.list(
                        "VirtualMFADevices", "member", identities.devices().everything(), (member, serialNumber) -> {
                            member.put("SerialNumber", serialNumber);
                            String user = identities.devices().user(serialNumber);
                            if (user != null) {
                                member.nest("User", element -> element.put("UserName", user));
                            }
                        })
                .put("IsTruncated", false);
    }

    private Consumer<Xml> deleteUser(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:DeleteUser", identities.userArn(user));
        identities.deleteUser(user);
        return xml -> {};
    }

    private Consumer<Xml> createVirtualMfaDevice(ApiCall call, Params params) {
        String name = params.required("VirtualMFADeviceName");
        String serialNumber = identities.devices().serialNumber(name);
        call.authorize("iam:CreateVirtualMFADevice", serialNumber);
        String seed = identities.devices().create(name);
        // The seed is a blob, so it is base64-encoded although it is text. The QR code is omitted because nothing here
        // uses it.
        return xml -> xml.nest(
                "VirtualMFADevice",
                device -> device.put("SerialNumber", serialNumber)
                        .put("Base32StringSeed", Base64.getEncoder().encodeToString(seed.getBytes(US_ASCII))));
    }

    private Consumer<Xml> enableMfaDevice(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:EnableMFADevice", identities.userArn(user));
        identities
                .devices()
                .enable(
                        user,
                        params.required("SerialNumber"),
                        params.required("AuthenticationCode1"),
                        params.required("AuthenticationCode2"));
        return xml -> {};
    }

    private Consumer<Xml> deactivateMfaDevice(ApiCall call, Params params) {
        String user = params.required("UserName");
        call.authorize("iam:DeactivateMFADevice", identities.userArn(user));
        identities.devices().deactivate(user, params.required("SerialNumber"));
        return xml -> {};
    }

    private Consumer<Xml> deleteVirtualMfaDevice(ApiCall call, Params params) {
        String serialNumber = params.required("SerialNumber");
        call.authorize("iam:DeleteVirtualMFADevice", serialNumber);
        identities.devices().delete(serialNumber);
        return xml -> {};
    }
}
