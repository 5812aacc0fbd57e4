package io.github.spotspec.function.snapshot;

import io.github.spotspec.function.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * AWS as a rehearsal meets it: it sends nothing anywhere. One document answers all that EC2 and STS are asked, since the SDK
 * takes from an answer what it knows and leaves the rest; what was ended is said to have ended, so that nobody waits for it.
 * Thread-safe.
 */
public final class CannedAws implements SdkHttpClient {
    /** The service that everything is said to belong to. */
    public static final String SERVICE = "Rehearsal";

    private static final String SECRET = Json.text(Map.of(
            "SecretString",
            Json.text(Map.of(
                    "accessKeyId", "AKIAREHEARSAL",
                    "secretAccessKey", "none",
                    "serialNumber", "arn:aws:iam::111122223333:mfa/rehearsal"))));

    private static final String DRY_RUN =
            "<Response><Errors><Error><Code>DryRunOperation</Code><Message>none</Message></Error></Errors></Response>";

    private static final List<String> ENDING =
            List.of("Action=TerminateInstances", "Action=CancelSpotInstanceRequests");

    private static final String PRICES = "<spotPriceHistorySet>";
    private static final int PAGE = 1_000;

    private final byte[] running;
    private final byte[] allPools;
    private final byte[] ended;
    private volatile boolean isEnded;
    private final Set<URI> endpoints = ConcurrentHashMap.newKeySet();

    /**
     * Reads what it is to say.
     *
     * @param region where everything is said to be
     */
    public CannedAws(String region) throws IOException {
        try (InputStream document = CannedAws.class.getResourceAsStream("canned.xml")) {
            if (document == null) {
                throw new IOException("canned.xml is not in the jar");
            }
            running = new String(document.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("us-east-1", region)
                    .getBytes(StandardCharsets.UTF_8);
        }
        allPools = page(new String(running, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        ended = new String(running, StandardCharsets.UTF_8)
                .replace(">running<", ">terminated<")
                .replace(">active<", ">cancelled<")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a whole page of prices, each of another type. */
    private static String page(String document) {
        int start = document.indexOf("<item>", document.indexOf(PRICES));
        String item = document.substring(start, document.indexOf("</item>", start) + "</item>".length());
        StringBuilder page = new StringBuilder("<Canned>").append(PRICES);
        for (int i = 0; i < PAGE; i++) {
            page.append(item.replace(".large", "." + i + "xlarge"));
        }
        return page.append(PRICES.replace("<", "</")).append("</Canned>").toString();
    }

    /** Has everything run again. */
    public void begin() {
        isEnded = false;
    }

    /** Returns where requests would have gone. */
    public Set<URI> endpoints() {
        return Set.copyOf(endpoints);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        URI uri = request.httpRequest().getUri();
        endpoints.add(uri.resolve("/"));
        boolean json = request.httpRequest()
                .firstMatchingHeader("X-Amz-Target")
                .filter(target -> target.startsWith("secretsmanager."))
                .isPresent();
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                String asked = asked(request);
                if (asked.contains("DryRun=true")) {
                    return answer(412, DRY_RUN.getBytes(StandardCharsets.UTF_8));
                }
                if (ENDING.stream().anyMatch(asked::contains)) {
                    isEnded = true;
                }
                if (json) {
                    return answer(200, SECRET.getBytes(StandardCharsets.UTF_8));
                }
                if (asked.contains("Action=DescribeSpotPriceHistory") && !asked.contains("InstanceType.")) {
                    return answer(200, allPools);
                }
                return answer(200, isEnded ? ended : running);
            }

            @Override
            public void abort() {
                // There is nothing under way.
            }
        };
    }

    private static String asked(HttpExecuteRequest request) throws IOException {
        if (request.contentStreamProvider().isEmpty()) {
            return "";
        }
        try (InputStream body = request.contentStreamProvider().get().newStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static HttpExecuteResponse answer(int status, byte[] body) {
        return HttpExecuteResponse.builder()
                .response(SdkHttpResponse.builder()
                        .statusCode(status)
                        .putHeader("Content-Length", Integer.toString(body.length))
                        .build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
                .build();
    }

    @Override
    public void close() {
        // There is nothing to close.
    }
}
