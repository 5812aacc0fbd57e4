package io.github.spotspec.function.fake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Answers the SDK in place of AWS, by host, with the data and the faults that tests set. Thread-safe. */
public final class FakeAws implements SdkHttpClient {
    /** The ARN of the secret that seals sessions. */
    public static final String SESSION_SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:sessions";

    /** The ARN of the secret that signs tokens. */
    public static final String SIGNING_SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:tokens";

    /** The ARN of the secret that lists revoked tokens. */
    public static final String REVOCATIONS_SECRET = "arn:aws:secretsmanager:us-west-2:111122223333:secret:revoked";

    private final FakeEc2 ec2;
    private final FakePriceList priceList = new FakePriceList();
    private final FakeParameters parameters = new FakeParameters();
    private final FakeCloudWatch cloudWatch = new FakeCloudWatch();
    private final FakeTopic topic = new FakeTopic();
    private final FakeSecret secret =
            new FakeSecret("{\"accessKeyId\":\"AKIAFIRST\",\"secretAccessKey\":\"first-secret\"}");
    private final FakeSecret sessionSecret = new FakeSecret("first-session-secret");
    private final FakeSecret signingSecret = new FakeSecret("first-signing-secret");
    private final FakeSecret revocationsSecret = new FakeSecret("{\"ids\":{}}");
    private final FakeSts sts;
    private final List<AwsCall> calls = new ArrayList<>();
    private final List<String> foreignHosts = new ArrayList<>();
    private final Map<String, Deque<Fault>> once = new HashMap<>();
    private final Map<String, Fault> always = new HashMap<>();
    private Fault all = Fault.none();

    public FakeAws(FakeClock time) {
        ec2 = new FakeEc2(time);
        sts = new FakeSts(time);
    }

    public FakeEc2 ec2() {
        return ec2;
    }

    public FakePriceList priceList() {
        return priceList;
    }

    public FakeParameters parameters() {
        return parameters;
    }

    public FakeCloudWatch cloudWatch() {
        return cloudWatch;
    }

    public FakeTopic topic() {
        return topic;
    }

    public FakeSecret secret() {
        return secret;
    }

    /** Returns the secret that seals sessions. */
    public FakeSecret sessionSecret() {
        return sessionSecret;
    }

    /** Returns the secret that signs tokens. */
    public FakeSecret signingSecret() {
        return signingSecret;
    }

    /** Returns the secret that lists revoked tokens. */
    public FakeSecret revocationsSecret() {
        return revocationsSecret;
    }

    public FakeSts sts() {
        return sts;
    }

    /** Answers every call to EC2 and STS with a fault, unless its action has another. */
    public synchronized void ec2(Fault fault) {
        all = fault;
    }

    /** Answers the next calls of an action of EC2 or STS with faults, one after the other. */
    public synchronized void next(String action, Fault... faults) {
        once.computeIfAbsent(action, key -> new ArrayDeque<>()).addAll(List.of(faults));
    }

    /** Answers every call of an action of EC2 or STS with a fault, from now on. */
    public synchronized void always(String action, Fault fault) {
        always.put(action, fault);
    }

    /** Returns the calls to EC2 and STS. */
    public synchronized List<AwsCall> calls() {
        return List.copyOf(calls);
    }

    /** Returns the calls of one action. */
    public List<AwsCall> calls(String action) {
        return calls().stream().filter(one -> one.action().equals(action)).toList();
    }

    /** Returns the called hosts that do not belong to AWS. */
    public synchronized List<String> foreignHosts() {
        return List.copyOf(foreignHosts);
    }

    /** Clears the recorded calls. */
    public synchronized void clearCalls() {
        calls.clear();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                try {
                    return response(respond(request));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }

            @Override
            public void abort() {
                // Nothing to abort: calls complete at once.
            }
        };
    }

    @Override
    public void close() {
        // Nothing to close.
    }

    private AwsResponse respond(HttpExecuteRequest request) throws IOException, InterruptedException {
        String[] host = request.httpRequest().host().split("\\.", -1);
        if (!request.httpRequest().host().matches("[a-z0-9.]+\\.[a-z]{2}-[a-z]+-\\d\\.amazonaws\\.com")) {
            synchronized (this) {
                foreignHosts.add(request.httpRequest().host());
            }
        }
        String body = request.contentStreamProvider().map(FakeAws::read).orElse("");
        return switch (host[0]) {
            case "secretsmanager" -> secret(body).answer(body);
            case "ssm" -> parameters.answer(body);
            case "sns" -> topic.answer(AwsCall.of(host[1], "", body));
            case "api" -> priceList.answer(body);
            case "ec2-instance-connect" ->
                respondWithFault(
                        AwsCall.ofJson(host[1], signer(request), "SendSSHPublicKey", body), ec2::sendSshPublicKey);
            default ->
                respondWithFault(
                        AwsCall.of(host[1], signer(request), body),
                        switch (host[0]) {
                            case "sts" -> sts;
                            case "monitoring" -> cloudWatch::answer;
                            default -> ec2;
                        });
        };
    }

    /** Returns the access key id that signed a request. */
    private static String signer(HttpExecuteRequest request) {
        return request.httpRequest()
                .firstMatchingHeader("Authorization")
                .orElse("")
                .replaceFirst(".*Credential=([^/]*)/.*", "$1");
    }

    private FakeSecret secret(String body) {
        if (body.contains(SESSION_SECRET)) {
            return sessionSecret;
        }
        if (body.contains(REVOCATIONS_SECRET)) {
            return revocationsSecret;
        }
        return body.contains(SIGNING_SECRET) ? signingSecret : secret;
    }

    private AwsResponse respondWithFault(AwsCall call, Fault.Service service) throws IOException, InterruptedException {
        Fault fault;
        synchronized (this) {
            calls.add(call);
            Deque<Fault> next = once.getOrDefault(call.action(), new ArrayDeque<>());
            fault = next.isEmpty() ? always.getOrDefault(call.action(), all) : next.remove();
        }
        return fault.answer(call, service);
    }

    private static String read(ContentStreamProvider content) {
        try {
            return new String(content.newStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpExecuteResponse response(AwsResponse response) {
        return HttpExecuteResponse.builder()
                .response(
                        SdkHttpResponse.builder().statusCode(response.status()).build())
                .responseBody(AbortableInputStream.create(
                        new ByteArrayInputStream(response.body().getBytes(StandardCharsets.UTF_8))))
                .build();
    }
}
