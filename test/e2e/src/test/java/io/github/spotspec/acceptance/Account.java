package io.github.spotspec.acceptance;

import io.github.spotspec.acceptance.SignedHttp.Answer;
import io.github.spotspec.acceptance.SignedHttp.Request;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;

/** The AWS account and region of the run, as the default chain and the standard variables give them. */
final class Account {
    private final Region region;
    private final AwsCredentialsProvider credentials;
    private final @Nullable URI endpoint;
    private final Attempts attempts;
    private final Ec2Client ec2;
    private final IamClient iam;
    private final LambdaClient lambda;
    private final SecretsManagerClient secrets;
    private final StsClient sts;
    private final String id;
    private final String caller;
    private final String userId;

    /**
     * How calls are repeated for which there is no SDK client here.
     *
     * @param time how long an answer may take
     * @param count how often a call is sent at most
     * @param pause the pause after the first attempt. Each further one is twice as long
     */
    record Attempts(Duration time, int count, Duration pause) {
        static final Attempts AWS = new Attempts(SignedHttp.ANSWERING, 6, Duration.ofMillis(500));
    }

    /** Asks AWS who the caller of the default chain is. */
    static Account ofDefaultChain() {
        String endpoint = System.getenv("AWS_ENDPOINT_URL");
        return new Account(
                new DefaultAwsRegionProviderChain().getRegion(),
                DefaultCredentialsProvider.builder().build(),
                endpoint == null ? null : URI.create(endpoint));
    }

    /**
     * Asks AWS who the caller is.
     *
     * @param endpoint the endpoint of all services, or null for those of AWS
     */
    Account(Region region, AwsCredentialsProvider credentials, @Nullable URI endpoint) {
        this(region, credentials, endpoint, Attempts.AWS);
    }

    Account(Region region, AwsCredentialsProvider credentials, @Nullable URI endpoint, Attempts attempts) {
        this.region = region;
        this.attempts = attempts;
        this.credentials = credentials;
        this.endpoint = endpoint;
        ec2 = ec2(credentials);
        // IAM is global.
        iam = at(IamClient.builder().region(Region.AWS_GLOBAL), credentials).build();
        lambda = lambda(credentials);
        secrets = at(SecretsManagerClient.builder().region(region), credentials).build();
        sts = sts(credentials);
        var identity = sts.getCallerIdentity();
        id = identity.account();
        caller = identity.arn();
        userId = identity.userId();
    }

    private <B extends AwsClientBuilder<B, ?>> B at(B builder, AwsCredentialsProvider given) {
        builder.credentialsProvider(given);
        return endpoint == null ? builder : builder.endpointOverride(endpoint);
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

    /**
     * Returns a pattern of {@code aws:userid} that only the principal that runs this matches: a user's id, or the id of
     * a role with any session, because a session can be renewed with another name during the run.
     */
    String callersUserId() {
        return userId.startsWith("AROA") ? userId.substring(0, userId.indexOf(':')) + ":*" : userId;
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
        return at(Ec2Client.builder().region(region), other).build();
    }

    StsClient sts(AwsCredentialsProvider other) {
        return at(StsClient.builder().region(region), other).build();
    }

    LambdaClient lambda(AwsCredentialsProvider other) {
        return at(LambdaClient.builder().region(region), other).build();
    }

    /** Returns the credentials of a role of the run. A new role needs some seconds until IAM shows it everywhere. */
    AwsCredentialsProvider assume(String role) throws Exception {
        AwsSessionCredentials[] assumed = new AwsSessionCredentials[1];
        String[] refusal = {""};
        boolean done = Wait.until(Wait.IAM, () -> {
            try {
                assumed[0] =
                        session(sts.assumeRole(request -> request.roleArn(role).roleSessionName("acceptance"))
                                .credentials());
                return true;
            } catch (StsException e) {
                refusal[0] = Promise.words(e);
                return false;
            }
        });
        if (!done) {
            throw Result.notSettled("cannot assume " + role + ": " + refusal[0]).early();
        }
        return StaticCredentialsProvider.create(assumed[0]);
    }

    static AwsSessionCredentials session(Credentials given) {
        return AwsSessionCredentials.create(given.accessKeyId(), given.secretAccessKey(), given.sessionToken());
    }

    /**
     * Calls a service for which there is no SDK client here. As an SDK client does, it repeats a call that got no
     * answer, or one that is temporary. A call that got no answer may have been carried out.
     */
    Answer call(String service, String method, String path, String body, Map<String, String> headers)
            throws IOException, InterruptedException {
        String at = endpoint == null ? "https://" + service + "." + region + ".amazonaws.com" : endpoint.toString();
        Request request = new Request(method, URI.create(at + path), body, headers);
        Duration pause = attempts.pause();
        for (int left = attempts.count() - 1; ; left--) {
            try {
                Answer answer = SignedHttp.send(
                        request, service, region.id(), credentials.resolveCredentials(), attempts.time());
                if (left <= 0 || !answer.isTemporary()) {
                    return answer;
                }
            } catch (IOException e) {
                if (left <= 0) {
                    throw e;
                }
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }
}
