package io.github.spotspec.function.priming;

import io.github.spotspec.function.runtime.AwsClients;
import io.github.spotspec.function.runtime.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Stands in for AWS during priming: a server on the loopback interface, and the function's own HTTP client, which sends
 * every request to that server. The role's credentials also come from it. One document answers all calls to EC2 and
 * STS, because the SDK reads the elements that it knows and ignores the others. After a call to end something,
 * everything is reported as ended, so that no task waits for it. Use one instance at a time, before the first request,
 * because the address of the credentials applies to the whole process. Thread-safe.
 */
public final class StubAws implements SdkHttpClient {
    /** The deployment that everything belongs to. */
    public static final String SERVICE = "Priming";

    /** Takes precedence over the environment variable that Lambda sets. */
    private static final String CREDENTIALS_URI_PROPERTY =
            SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI.property();

    private static final String CREDENTIALS = Json.text(Map.of(
            "AccessKeyId", "ASIAPRIMING",
            "SecretAccessKey", "none",
            "Token", "none",
            "Expiration", "2100-01-01T00:00:00Z"));

    private static final String SECRET = Json.text(Map.of(
            "SecretString",
            Json.text(Map.of(
                    "accessKeyId", "AKIAPRIMING",
                    "secretAccessKey", "none",
                    "serialNumber", "arn:aws:iam::111122223333:mfa/priming"))));

    /** The suffix of the ARN of a secret that keys are derived from. */
    public static final String KEY = "key";

    /** The suffix of the ARN of the secret that lists revoked tokens. */
    public static final String REVOCATIONS = "revocations";

    private static final String KEY_VALUE = Json.text(Map.of("SecretString", "text that stands for a random one"));
    private static final String REVOCATIONS_VALUE = Json.text(Map.of("SecretString", "{\"ids\":{}}"));

    private static final String IMAGE = Json.text(Map.of(
            "Parameter", Map.of("Name", "/aws/service/image", "Type", "String", "Value", "ami-00000000000000001")));

    private static final String ON_DEMAND = Json.text(Map.of(
            "FormatVersion",
            "aws_v1",
            "PriceList",
            List.of(Json.text(Map.of(
                    "terms",
                    Map.of(
                            "OnDemand",
                            Map.of(
                                    "term",
                                    Map.of(
                                            "priceDimensions",
                                            Map.of("dimension", Map.of("pricePerUnit", Map.of("USD", "0.08")))))))))));

    /** A public key whose private key does not exist. */
    static final String PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A".repeat(43);

    private static final String PUSHED = Json.text(Map.of("RequestId", "none", "Success", true));

    private static final String NO_SUCH_VERSION = Json.text(Map.of("__type", "ResourceNotFoundException"));

    private static final String DRY_RUN =
            "<Response><Errors><Error><Code>DryRunOperation</Code><Message>none</Message></Error></Errors></Response>";

    private static final List<String> ENDING =
            List.of("Action=TerminateInstances", "Action=CancelSpotInstanceRequests");

    private static final String PRICES = "<spotPriceHistorySet>";
    private static final int PAGE = 1_000;

    private final String running;
    private final String allPools;
    private final String ended;
    private volatile boolean isEnded;
    private final Set<URI> endpoints = ConcurrentHashMap.newKeySet();
    private final SdkHttpClient client = AwsClients.http();
    private final LoopbackServer server;

    /**
     * Reads the canned answers and starts the server.
     *
     * @param region the region of everything in the answers
     */
    public StubAws(String region) throws IOException {
        try (InputStream document = StubAws.class.getResourceAsStream("canned.xml")) {
            if (document == null) {
                throw new IOException("canned.xml is not in the jar");
            }
            running = new String(document.readAllBytes(), StandardCharsets.UTF_8).replace("us-east-1", region);
        }
        allPools = page(running);
        ended = running.replace(">running<", ">terminated<").replace(">active<", ">cancelled<");
        server = new LoopbackServer(this::answer);
        System.setProperty(CREDENTIALS_URI_PROPERTY, server.address().toString());
    }

    /** Returns a full page of prices, each of another instance type. */
    private static String page(String document) {
        int start = document.indexOf("<item>", document.indexOf(PRICES));
        String item = document.substring(start, document.indexOf("</item>", start) + "</item>".length());
        StringBuilder page = new StringBuilder("<Canned>").append(PRICES);
        for (int i = 0; i < PAGE; i++) {
            page.append(item.replace(".large", "." + i + "xlarge"));
        }
        return page.append(PRICES.replace("<", "</")).append("</Canned>").toString();
    }

    /** Resets the state, so that everything is running again. */
    public void begin() {
        isEnded = false;
    }

    /** Returns the endpoints that requests were meant for. */
    public Set<URI> endpoints() {
        return Set.copyOf(endpoints);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        SdkHttpRequest original = request.httpRequest();
        endpoints.add(original.getUri().resolve("/"));
        URI there = server.address();
        return client.prepareRequest(HttpExecuteRequest.builder()
                .request(original.toBuilder()
                        .protocol(there.getScheme())
                        .host(there.getHost())
                        .port(there.getPort())
                        .build())
                .contentStreamProvider(request.contentStreamProvider().orElse(null))
                .build());
    }

    private LoopbackServer.Response answer(LoopbackServer.Request request) {
        if (request.head().startsWith("get ")) {
            return new LoopbackServer.Response(200, CREDENTIALS);
        }
        if (request.isOf("secretsmanager.getsecretvalue")) {
            return request.body().contains("AWSCURRENT")
                    ? new LoopbackServer.Response(200, secret(request.body()))
                    : new LoopbackServer.Response(400, NO_SUCH_VERSION);
        }
        if (request.isOf("amazonssm.getparameter")) {
            return new LoopbackServer.Response(200, IMAGE);
        }
        if (request.isOf("awspricelistservice.getproducts")) {
            return new LoopbackServer.Response(200, ON_DEMAND);
        }
        if (request.isOf("awsec2instanceconnectservice.sendsshpublickey")) {
            return new LoopbackServer.Response(200, PUSHED);
        }
        if (request.body().contains("DryRun=true")) {
            return new LoopbackServer.Response(412, DRY_RUN);
        }
        if (ENDING.stream().anyMatch(request.body()::contains)) {
            isEnded = true;
        }
        if (request.body().contains("Action=DescribeSpotPriceHistory")
                && !request.body().contains("InstanceType.")) {
            return new LoopbackServer.Response(200, allPools);
        }
        return new LoopbackServer.Response(200, isEnded ? ended : running);
    }

    private static String secret(String body) {
        if (body.contains("-" + REVOCATIONS)) {
            return REVOCATIONS_VALUE;
        }
        return body.contains("-" + KEY) ? KEY_VALUE : SECRET;
    }

    @Override
    public void close() {
        System.clearProperty(CREDENTIALS_URI_PROPERTY);
        client.close();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a socket", e);
        }
    }
}
