package io.github.spotspec.function;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Answers the SDK in place of AWS: what a secret holds, and what EC2 says to each request. Thread-safe. */
final class FakeAws implements SdkHttpClient {
    /** What EC2 was asked. */
    record Asked(String region, String accessKeyId, String form) {
        boolean has(String parameter) {
            return ("&" + form + "&").contains("&" + parameter + "&");
        }
    }

    /** What EC2 answers. */
    record Said(int status, String body) {
        static Said prices(String nextToken, String... items) {
            return new Said(
                    200,
                    "<DescribeSpotPriceHistoryResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>"
                            + "<spotPriceHistorySet>" + String.join("", items) + "</spotPriceHistorySet><nextToken>"
                            + nextToken
                            + "</nextToken></DescribeSpotPriceHistoryResponse>");
        }

        static Said error(int status, String code, String message) {
            return new Said(
                    status,
                    "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message
                            + "</Message></Error></Errors><RequestID>r</RequestID></Response>");
        }
    }

    /** Decides what EC2 answers. */
    interface Ec2 {
        Said answer(Asked asked) throws InterruptedException;
    }

    private final List<Asked> asked = new ArrayList<>();
    private volatile Ec2 ec2 = request -> Said.prices("");
    private volatile String secret = "{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\"}";
    private final AtomicInteger secretReads = new AtomicInteger();

    /** Returns one price record as EC2 writes it. */
    static String item(String zone, String type, String product, String price, String timestamp) {
        return "<item><instanceType>" + type + "</instanceType><productDescription>" + product
                + "</productDescription><spotPrice>" + price + "</spotPrice><timestamp>" + timestamp
                + "</timestamp><availabilityZone>" + zone + "</availabilityZone></item>";
    }

    void ec2(Ec2 answers) {
        ec2 = answers;
    }

    void secret(String value) {
        secret = value;
    }

    int secretReads() {
        return secretReads.get();
    }

    synchronized List<Asked> asked() {
        return List.copyOf(asked);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                try {
                    return respond(request);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }

            @Override
            public void abort() {
                // Nothing is under way that could be.
            }
        };
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    private HttpExecuteResponse respond(HttpExecuteRequest request) throws InterruptedException {
        String host = request.httpRequest().host();
        if (host.startsWith("secretsmanager.")) {
            secretReads.incrementAndGet();
            String body = "{\"ARN\":\"arn\",\"Name\":\"n\",\"SecretString\":\""
                    + secret.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
            return response(new Said(200, body));
        }
        String authorization =
                request.httpRequest().firstMatchingHeader("Authorization").orElse("");
        String key = authorization.replaceFirst(".*Credential=([^/]*)/.*", "$1");
        String form = request.contentStreamProvider().map(FakeAws::read).orElse("");
        Asked now = new Asked(host.split("\\.", -1)[1], key, URLDecoder.decode(form, StandardCharsets.UTF_8));
        synchronized (this) {
            asked.add(now);
        }
        return response(ec2.answer(now));
    }

    private static String read(software.amazon.awssdk.http.ContentStreamProvider content) {
        try {
            return new String(content.newStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpExecuteResponse response(Said said) {
        return HttpExecuteResponse.builder()
                .response(SdkHttpResponse.builder().statusCode(said.status()).build())
                .responseBody(AbortableInputStream.create(
                        new ByteArrayInputStream(said.body().getBytes(StandardCharsets.UTF_8))))
                .build();
    }
}
