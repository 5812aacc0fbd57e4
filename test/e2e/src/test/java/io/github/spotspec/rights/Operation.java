package io.github.spotspec.rights;

import io.github.spotspec.rights.RequiredAuthorizations.LaunchVariant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** An operation: a task, another operation of the service, or one that is denied to every identity. */
enum Operation {
    // The tasks.
    PRICE(steps ->
            steps.read("DescribeSpotPriceHistory", "DescribeInstanceTypes").priceList()),
    HISTORY(steps -> steps.read("DescribeSpotPriceHistory", "DescribeInstanceTypes")),
    SCORE(steps -> steps.read("GetSpotPlacementScores", "DescribeAvailabilityZones", "DescribeInstanceTypes")),
    REQUESTS(steps -> steps.read("DescribeSpotInstanceRequests", "DescribeSpotPriceHistory")),
    INSTANCES(steps -> steps.read("DescribeInstances", "DescribeSpotPriceHistory")),
    COST(steps -> steps.read("DescribeInstances", "DescribeSpotPriceHistory")),
    CONSOLE(steps -> steps.read("DescribeInstances").onInstance("ec2:GetConsoleOutput")),
    CONNECT(steps -> steps.read("DescribeInstances").pushKey("ec2-user")),
    LAUNCH(steps -> steps.read(
                    "DescribeInstances",
                    "DescribeImages",
                    "DescribeSubnets",
                    "DescribeSpotPriceHistory",
                    "DescribeInstanceTypes",
                    "GetSpotPlacementScores",
                    "DescribeAvailabilityZones")
            .priceList()
            .parameter("aws/service/ami-amazon-linux-latest/al2023", "")
            .launch(LaunchVariant.NONE)),
    EXTEND(steps -> steps.read("DescribeInstances")
            .tag("instance/i-0123456789abcdef0", Map.of("spotspec:lease", "2030-01-01T00:00:00Z"))
            .tag("spot-instances-request/sir-01234567", Map.of("spotspec:lease", "2030-01-01T00:00:00Z"))),
    CANCEL(steps -> steps.read("DescribeSpotInstanceRequests").cancel()),
    TERMINATE(steps ->
            steps.read("DescribeInstances", "DescribeSpotInstanceRequests").onInstance("ec2:TerminateInstances")),
    END(steps -> steps.read("DescribeInstances", "DescribeSpotInstanceRequests", "DescribeSpotPriceHistory")
            .cancel()
            .onInstance("ec2:TerminateInstances")),
    /** Only the calls of the task itself. Its dry runs are covered by the other tasks. */
    CHECK(steps -> steps.read("DescribeInstances", "DescribeSpotInstanceRequests")),

    // Other operations of the service.
    INVOKE_URL(steps -> steps.function("lambda:InvokeFunctionUrl", Map.of("lambda:FunctionUrlAuthType", "AWS_IAM"))
            .function("lambda:InvokeFunction", Map.of("lambda:InvokedViaFunctionUrl", "true"))),
    MINT(steps -> steps.minter("lambda:InvokeFunction")),
    SIGN_AND_REVOKE(steps -> steps.secret("SpotSigningSecret", "GetSecretValue")
            .secret("SpotRevocationsSecret", "GetSecretValue", "PutSecretValue")),
    READ_SECRET(steps -> steps.secret("SpotOperatorSecret", "GetSecretValue")),
    READ_SESSION_SECRET(steps -> steps.secret("SpotSessionSecret", "GetSecretValue")),
    READ_SIGNING_SECRET(steps -> steps.secret("SpotSigningSecret", "GetSecretValue")),
    READ_REVOCATIONS(steps -> steps.secret("SpotRevocationsSecret", "GetSecretValue")),
    ROTATE_SECRETS(steps -> RequiredAuthorizations.ROTATED_SECRETS.forEach(secret ->
            steps.secret(secret, "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"))),
    ROTATE_KEY(steps -> steps.onOperator("iam:ListAccessKeys")
            .onOperator("iam:CreateAccessKey")
            .onOperator("iam:DeleteAccessKey")),
    WRITE_LOG(steps -> steps.log("logs:PutLogEvents")),
    PUBLISH(steps -> steps.publish()),
    MARK(steps -> steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:interrupted", "2030-01-01T00:00:00Z"))),
    MARK_WARNED(steps -> steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:warned", "2030-01-01T00:00:00Z"))),
    READ_METRICS(steps -> steps.metrics()),
    MARK_IDLE(
            steps -> steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:idle-warned", "2030-01-01T00:00:00Z"))),
    MARK_BEFORE_END(steps ->
            steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:before-end", "2030-01-01T00:00:00Z running"))),
    MARK_RECEIPT(
            steps -> steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:receipt", "2030-01-01T00:00:00Z"))),
    /** What receipts need where there are On-Demand Instances. */
    PRICE_ON_DEMAND(steps -> steps.read("DescribeSpotPriceHistory").priceList()),
    MAKE_SPOT_ROLE(steps -> steps.linkedRole()),
    /** EC2 checks this right for the operator, without the condition keys of TLS and MFA. */
    PASS_ROLE(steps -> steps.passInstanceRole()),

    LAUNCH_WITH_FLEET(steps -> steps.fleet(true, true)),
    DELETE_TEMPLATES(steps -> steps.read("DescribeLaunchTemplates").template("ec2:DeleteLaunchTemplate")),

    // Launches that guard rails deny.
    LAUNCH_OTHER_IMAGE(steps -> steps.launch(LaunchVariant.OTHER_IMAGE)),
    LAUNCH_FOREIGN_IMAGE(steps -> steps.launch(LaunchVariant.FOREIGN_OWNER)),
    LAUNCH_OTHER_SUBNET(steps -> steps.launch(LaunchVariant.OTHER_SUBNET)),
    LAUNCH_OTHER_GROUP(steps -> steps.launch(LaunchVariant.OTHER_GROUP)),
    LAUNCH_OTHER_KEY(steps -> steps.launch(LaunchVariant.OTHER_KEY)),
    LAUNCH_LARGE_VOLUME(steps -> steps.launch(LaunchVariant.LARGE_VOLUME)),
    LAUNCH_FAST_VOLUME(steps -> steps.launch(LaunchVariant.FAST_VOLUME)),
    LAUNCH_CONTAINER_METADATA(steps -> steps.launch(LaunchVariant.CONTAINER_METADATA)),

    // Operations that every deployment denies.
    CONNECT_AS_ROOT(steps -> steps.pushKey("root")),
    SERIAL_CONSOLE(steps -> steps.onInstance("ec2-instance-connect:SendSerialConsoleSSHPublicKey")),
    /** Fleets of the types maintain and request cannot tag instances. */
    FLEET_OF_OTHER_TYPE(steps -> steps.fleet(true, false)),
    FLEET_WITHOUT_TAGS(steps -> steps.fleet(false, false)),
    MODIFY_FLEET(steps -> steps.create("ec2:ModifyFleet", "fleet/fleet-01234567-0123-0123-0123-0123456789ab")),
    DELETE_FLEET(steps -> steps.create("ec2:DeleteFleets", "fleet/fleet-01234567-0123-0123-0123-0123456789ab")),
    LAUNCH_PLAIN_VOLUME(steps -> steps.launch(LaunchVariant.PLAIN_VOLUME)),
    LAUNCH_WITHOUT_LEASE(steps -> steps.launch(LaunchVariant.NO_LEASE)),
    LAUNCH_OPEN_METADATA(steps -> steps.launch(LaunchVariant.OPEN_METADATA)),
    LAUNCH_DISTANT_METADATA(steps -> steps.launch(LaunchVariant.DISTANT_METADATA)),
    LAUNCH_OTHER_ROLE(steps -> steps.launch(LaunchVariant.OTHER_ROLE)),
    LAUNCH_HIDDEN(steps -> steps.launch(LaunchVariant.HIDDEN)),
    LAUNCH_HIDDEN_VOLUME(steps -> steps.launch(LaunchVariant.HIDDEN_VOLUME)),
    LAUNCH_HIDDEN_REQUEST(steps -> steps.launch(LaunchVariant.HIDDEN_REQUEST)),
    LAUNCH_HIDDEN_LEASE(steps -> steps.launch(LaunchVariant.HIDDEN_LEASE)),
    LAUNCH_TWICE_TAGGED(steps -> steps.launch(LaunchVariant.TWICE_TAGGED)),
    LAUNCH_DEDICATED(steps -> steps.launch(LaunchVariant.DEDICATED)),
    LAUNCH_PROVISIONED_VOLUME(steps -> steps.launch(LaunchVariant.PROVISIONED_VOLUME)),
    LAUNCH_HUGE_IOPS(steps -> steps.launch(LaunchVariant.HUGE_IOPS)),
    LAUNCH_HUGE_THROUGHPUT(steps -> steps.launch(LaunchVariant.HUGE_THROUGHPUT)),
    LAUNCH_EXISTING_INTERFACE(steps -> steps.launch(LaunchVariant.EXISTING_INTERFACE)),
    EXTEND_AND_RETAG(steps -> steps.tag(
            "instance/i-0123456789abcdef0",
            Map.of("spotspec:lease", "2030-01-01T00:00:00Z", "SpotSpec:Service", "another"))),
    MARK_AND_RETAG(steps -> steps.tag(
            "instance/i-0123456789abcdef0",
            Map.of("spotspec:warned", "2030-01-01T00:00:00Z", "spotspec:lease", "2030-01-01T00:00:00Z"))),
    REQUEST_SPOT(steps -> steps.create("ec2:RequestSpotInstances", "spot-instances-request/sir-01234567")),
    CREATE_FLEET(steps -> steps.create("ec2:CreateFleet", "fleet/fleet-01234567")),
    ADOPT(steps -> steps.tag("instance/i-0123456789abcdef0", Map.of("spotspec:service", steps.ownService()))),
    UNTAG(steps -> steps.onInstance("ec2:DeleteTags")),
    STOP(steps -> steps.onInstance("ec2:StopInstances")),
    MODIFY(steps -> steps.onInstance("ec2:ModifyInstanceAttribute")),
    INVOKE_DIRECTLY(steps -> steps.function("lambda:InvokeFunction", Map.of())),
    CHANGE_CODE(steps -> steps.function("lambda:UpdateFunctionCode", Map.of())),
    CHANGE_SIGNING_SECRET(steps -> steps.secret("SpotSigningSecret", "PutSecretValue")),
    CHANGE_SECRET(steps -> steps.secret("SpotOperatorSecret", "PutSecretValue")),
    DELETE_SECRET(steps -> steps.secret("SpotOperatorSecret", "DeleteSecret")),
    READ_PARAMETER(steps -> steps.parameter("production/password", Account.ID)),
    MAKE_KEY(steps -> steps.onOperator("iam:CreateAccessKey")),
    DROP_MFA(steps -> steps.onOperator("iam:DeactivateMFADevice")),
    WIDEN(steps -> steps.onOperator("iam:PutUserPolicy"));

    @SuppressWarnings("ImmutableEnumChecker") // A lambda without state.
    private final Consumer<RequiredAuthorizations> steps;

    Operation(Consumer<RequiredAuthorizations> steps) {
        this.steps = steps;
    }

    /** Returns the authorization requests that must all be allowed. */
    List<RequiredAuthorizations.Step> steps(Deployment deployment, Rights rights, Cell cell) {
        RequiredAuthorizations collected = new RequiredAuthorizations(deployment, rights, cell);
        steps.accept(collected);
        return collected.all();
    }
}
