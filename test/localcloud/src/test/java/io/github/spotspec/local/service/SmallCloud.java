package io.github.spotspec.local.service;

import io.github.spotspec.local.Json;
import io.github.spotspec.local.ec2.Ec2State;
import io.github.spotspec.local.ec2.Fleets;
import io.github.spotspec.local.ec2.Images;
import io.github.spotspec.local.ec2.Instance;
import io.github.spotspec.local.ec2.InstanceStore;
import io.github.spotspec.local.ec2.LaunchTemplates;
import io.github.spotspec.local.ec2.Network;
import io.github.spotspec.local.events.Rotations;
import io.github.spotspec.local.iam.AuditTrail;
import io.github.spotspec.local.iam.Authorizer;
import io.github.spotspec.local.iam.Identities;
import io.github.spotspec.local.iam.PolicyTexts;
import io.github.spotspec.local.lambda.Functions;
import io.github.spotspec.local.lambda.LambdaHost;
import io.github.spotspec.local.market.Capacity;
import io.github.spotspec.local.market.Geography;
import io.github.spotspec.local.market.SpotMarket;
import io.github.spotspec.local.state.Parameters;
import io.github.spotspec.local.state.S3Objects;
import io.github.spotspec.local.state.Secrets;
import io.github.spotspec.local.wire.SignedRequest;
import io.github.spotspec.local.wire.WireRequest;
import io.github.spotspec.local.wire.WireResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** An endpoint with the services that need no process and no port, and with one user without rights. */
final class SmallCloud {
    static final String ACCOUNT = "111122223333";

    final Identities identities = new Identities(ACCOUNT, () -> SignedRequest.NOW);
    final Secrets secrets = new Secrets();
    final Functions functions = new Functions();
    final Rotations rotations =
            new Rotations(secrets, functions, (version, event) -> new LambdaHost.Result(new byte[0], ""), ACCOUNT);

    final S3Objects objects = new S3Objects();
    final AuditTrail calls = new AuditTrail();
    final Faults faults = new Faults();
    final SpotMarket market = new SpotMarket(42);
    final Capacity capacity = new Capacity(42);
    final InstanceStore fleet = new InstanceStore(capacity, this::now, new Random(42), faults::visibility);
    final Images images = new Images(Geography.regions());
    final Parameters parameters = new Parameters(images);
    final Network network = new Network(Geography.regions(), ACCOUNT);
    final LaunchTemplates launchTemplates = new LaunchTemplates(this::now, new Random(43), faults::visibility);
    final Fleets fleets = new Fleets(new Random(44));
    private final Endpoint endpoint = new Endpoint(
            new Authorizer(identities, () -> SignedRequest.NOW, calls),
            () -> SignedRequest.NOW,
            faults,
            List.of(
                    new StsApi(identities),
                    new IamApi(identities),
                    new SsmApi(ACCOUNT, parameters),
                    new SecretsManagerApi(secrets, rotations),
                    new S3Api(objects),
                    new InstanceConnectApi(fleet, ACCOUNT, this::now),
                    new CloudWatchApi(fleet, this::now),
                    Services.ec2(
                            new Ec2State(market, images, network, fleet, launchTemplates, fleets),
                            faults,
                            identities,
                            this::now)));
    private final AwsCredentialsIdentity ann;

    /** The difference between EC2's clock and the time of signatures. */
    volatile Duration later = Duration.ZERO;

    SmallCloud() {
        identities.createUser("ann");
        Identities.AccessKey key = identities.createAccessKey("ann");
        ann = AwsCredentialsIdentity.create(key.id(), key.secret());
    }

    private Instant now() {
        return SignedRequest.NOW.plus(later);
    }

    /** An answer in any protocol. */
    record Answer(int status, String type, String text) {
        /** Returns the text of the first element with a name. */
        String element(String name) {
            return Pattern.compile("<" + name + "(?: [^>]*)?>([^<]*)</" + name + ">")
                    .matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .findFirst()
                    .orElse("no " + name + " in " + text);
        }

        /** Returns a member of a JSON object. */
        Object member(String name) {
            return String.valueOf(Json.object(text).get(name));
        }
    }

    AwsCredentialsIdentity ann() {
        return ann;
    }

    /** Returns the zones of a region that offer a type with Linux and have a default subnet. */
    List<String> zones(String region, String type) {
        return network.subnets(region).stream()
                .filter(Network.Subnet::isDefault)
                .map(Network.Subnet::zone)
                .filter(zone -> market.pool(region, type, zone, "Linux/UNIX") != null)
                .toList();
    }

    /** Allows the user an action. */
    void allow(String action, String resource) {
        put("Allow", PolicyTexts.statement("Allow", action, resource));
    }

    void put(String policy, String statement) {
        identities.putUserPolicy("ann", policy, PolicyTexts.policy(statement));
    }

    /** Calls a query service as the user, with alternating names and values of parameters. */
    Answer query(String service, String... parameters) {
        return send(SignedRequest.to(service, ann).body(form(parameters)).sign());
    }

    /** Calls EC2 in a region as the user. */
    Answer ec2(String region, String... parameters) {
        return send(SignedRequest.to("ec2", ann)
                .region(region)
                .body(form(parameters))
                .sign());
    }

    /** Returns the SDK's client of EC2 in a region for the user. It does not retry. */
    Ec2Client sdk(String region) {
        return sdk(region, ann);
    }

    Ec2Client sdk(String region, AwsCredentialsIdentity identity) {
        return Ec2Client.builder()
                .region(Region.of(region))
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .httpClient(new InProcessHttpClient(body -> send(SignedRequest.to("ec2", identity)
                        .region(region)
                        .body(body)
                        .sign())))
                .build();
    }

    /** Launches an instance in us-east-1a with the tag team=red and further parameters. */
    Instance launch(String type, String... more) {
        List<String> parameters = new ArrayList<>(List.of(
                "Action",
                "RunInstances",
                "ImageId",
                images.id("us-east-1", "al2023-x86_64"),
                "InstanceType",
                type,
                "Placement.AvailabilityZone",
                "us-east-1a",
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "TagSpecification.1.ResourceType",
                "instance",
                "TagSpecification.1.Tag.1.Key",
                "team",
                "TagSpecification.1.Tag.1.Value",
                "red"));
        parameters.addAll(List.of(more));
        Answer answer = query("ec2", parameters.toArray(String[]::new));
        if (answer.status() != 200) {
            throw new AssertionError(answer.text());
        }
        return fleet.all().stream()
                .filter(one -> one.id().equals(answer.element("instanceId")))
                .findFirst()
                .orElseThrow();
    }

    private static String form(String... parameters) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < parameters.length; i += 2) {
            form.append(i == 0 ? "" : "&")
                    .append(parameters[i])
                    .append('=')
                    .append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8));
        }
        return form.toString();
    }

    /** Calls a JSON service as the user. */
    Answer json(String service, String action, String body) {
        return send(SignedRequest.to(service, ann)
                .header("x-amz-target", "Whatever." + action)
                .body(body)
                .sign());
    }

    Answer send(WireRequest request) {
        WireResponse response = respond(request);
        return new Answer(
                response.status(),
                response.headers().getOrDefault("content-type", ""),
                new String(response.body(), StandardCharsets.UTF_8));
    }

    /** Answers a request as it is sent over the wire. */
    WireResponse respond(WireRequest request) {
        return endpoint.answer(request);
    }

    /** Returns a request without its signature. */
    static WireRequest unsigned(WireRequest signed) {
        Map<String, List<String>> headers = signed.headers().entrySet().stream()
                .filter(header -> !header.getKey().equals("authorization"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new WireRequest(signed.method(), signed.path(), signed.query(), headers, signed.body(), signed.secure());
    }

    /** Returns a request that arrived over HTTP. */
    static WireRequest withoutTls(WireRequest signed) {
        return new WireRequest(signed.method(), signed.path(), signed.query(), signed.headers(), signed.body(), false);
    }
}
