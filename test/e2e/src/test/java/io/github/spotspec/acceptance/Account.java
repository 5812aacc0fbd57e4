package io.github.spotspec.acceptance;

import io.github.spotspec.acceptance.SignedHttp.Answer;
import io.github.spotspec.acceptance.SignedHttp.Request;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;

/** The AWS account and region of the run, as the default chain and the standard variables give them. */
final class Account {
    private final Region region;
    private final AwsCredentialsProvider credentials =
            DefaultCredentialsProvider.builder().build();
    private final Ec2Client ec2;
    private final IamClient iam;
    private final LambdaClient lambda;
    private final SecretsManagerClient secrets;
    private final StsClient sts;
    private final String id;
    private final String caller;

    /** Asks AWS who the caller is. */
    Account() {
        region = new DefaultAwsRegionProviderChain().getRegion();
        ec2 = ec2(credentials);
        iam = IamClient.builder().credentialsProvider(credentials).build();
        lambda = LambdaClient.builder()
                .region(region)
                .credentialsProvider(credentials)
                .build();
        secrets = SecretsManagerClient.builder()
                .region(region)
                .credentialsProvider(credentials)
                .build();
        sts = sts(credentials);
        var identity = sts.getCallerIdentity();
        id = identity.account();
        caller = identity.arn();
    }

    String region() {
        return region.id();
    }

    String id() {
        return id;
    }

    /** Returns the ARN of the principal that runs this. */
    String caller() {
        return caller;
    }

    Ec2Client ec2() {
        return ec2;
    }

    IamClient iam() {
        return iam;
    }

    LambdaClient lambda() {
        return lambda;
    }

    SecretsManagerClient secrets() {
        return secrets;
    }

    StsClient sts() {
        return sts;
    }

    /** Returns EC2 for other credentials than those of the default chain. */
    Ec2Client ec2(AwsCredentialsProvider other) {
        return Ec2Client.builder().region(region).credentialsProvider(other).build();
    }

    StsClient sts(AwsCredentialsProvider other) {
        return StsClient.builder().region(region).credentialsProvider(other).build();
    }

    /** Returns the credentials of a role of the run. A new role needs some seconds until IAM shows it everywhere. */
    AwsCredentialsProvider assume(String role) throws Exception {
        AwsSessionCredentials[] assumed = new AwsSessionCredentials[1];
        boolean done = Wait.until(Wait.IAM, () -> {
            try {
                assumed[0] =
                        session(sts.assumeRole(request -> request.roleArn(role).roleSessionName("acceptance"))
                                .credentials());
                return true;
            } catch (software.amazon.awssdk.services.sts.model.StsException e) {
                return false;
            }
        });
        if (!done) {
            throw Result.notSettled("cannot assume " + role).early();
        }
        return StaticCredentialsProvider.create(assumed[0]);
    }

    static AwsSessionCredentials session(Credentials given) {
        return AwsSessionCredentials.create(given.accessKeyId(), given.secretAccessKey(), given.sessionToken());
    }

    /** Calls a service for which there is no SDK client here. */
    Answer call(String service, String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        String endpoint = Optional.ofNullable(System.getenv("AWS_ENDPOINT_URL"))
                .orElse("https://" + service + "." + region + ".amazonaws.com");
        AwsCredentials current = credentials.resolveCredentials();
        return SignedHttp.send(
                new Request(method, URI.create(endpoint + path), body, headers), service, region.id(), current);
    }
}
