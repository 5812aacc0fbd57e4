package io.github.spotspec.bench;

import io.github.spotspec.local.lambda.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Measures the share of the endpoint in each call: one price over an open connection. */
final class EndpointOverhead implements Measurement {
    private static final int REQUESTS_A_RUN = 50;
    private static final String TYPE = "m7g.large";
    private static final String PARAMETERS = "Action=DescribeSpotPriceHistory&InstanceType.1=" + TYPE;

    private final BenchmarkAccount account;
    private final Contestant scout;
    private final Latency latency;

    /**
     * Creates the row.
     *
     * @param scout sends the first request, so that the endpoint caches the answer
     */
    EndpointOverhead(BenchmarkAccount account, Contestant scout, Latency latency) {
        this.account = account;
        this.scout = scout;
        this.latency = latency;
    }

    @Override
    public void measure(int runs, Table table) throws IOException, InterruptedException {
        try (Sandbox sandbox = account.start(scout, Setting.deployed(scout, latency))) {
            sandbox.answer(BenchmarkRequest.price(TYPE).event());
        }
        for (boolean tls : new boolean[] {false, true}) {
            try (HttpClient client = client()) {
                for (int i = 0; i < (runs + 1) * REQUESTS_A_RUN; i++) {
                    long start = System.nanoTime();
                    HttpResponse<byte[]> response = client.send(request(tls), HttpResponse.BodyHandlers.ofByteArray());
                    double millis = Interleaved.millisSince(start);
                    if (response.statusCode() != 200) {
                        throw new IllegalStateException("the endpoint answered " + response.statusCode());
                    }
                    if (i >= REQUESTS_A_RUN) {
                        table.add("one call, " + (tls ? "TLS" : "HTTP"), "the endpoint alone", "ms", millis);
                    }
                }
            }
        }
    }

    /** Returns a request without a valid signature. The endpoint does not verify cached answers. */
    private HttpRequest request(boolean tls) {
        return HttpRequest.newBuilder(URI.create(account.ec2Url(tls, latency)))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=nobody/20260101/" + BenchmarkAccount.HOME
                                + "/ec2/aws4_request, SignedHeaders=host, Signature=none")
                .POST(HttpRequest.BodyPublishers.ofString(PARAMETERS))
                .build();
    }

    private HttpClient client() {
        try {
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, account.cloud().tls().trusted().toArray(TrustManager[]::new), null);
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(trusting)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
