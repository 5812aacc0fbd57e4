package io.github.spotspec.local.wire;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Builds requests with the signer of the SDK. */
public final class SignedRequest {
    /** The default time of signatures. */
    public static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

    private static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();

    private final SdkHttpRequest.Builder http = SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .protocol("https")
            .host("service.example.com")
            .encodedPath("/");
    private final String service;
    private final AwsCredentialsIdentity identity;
    private byte[] body = new byte[0];
    private String region = "us-east-1";
    private Instant at = NOW;
    private boolean payloadSigned = true;

    private SignedRequest(String service, AwsCredentialsIdentity identity) {
        this.service = service;
        this.identity = identity;
    }

    /** Starts a POST to a service. */
    public static SignedRequest to(String service, AwsCredentialsIdentity identity) {
        return new SignedRequest(service, identity);
    }

    SignedRequest method(String method) {
        http.method(SdkHttpMethod.fromValue(method));
        return this;
    }

    /** Sets the path, percent-encoded. */
    public SignedRequest path(String encoded) {
        http.encodedPath(encoded);
        return this;
    }

    /** Adds values to a query parameter, without percent-encoding. */
    SignedRequest query(String name, String... values) {
        List<String> all = new ArrayList<>(http.rawQueryParameters().getOrDefault(name, List.of()));
        all.addAll(Arrays.asList(values));
        http.putRawQueryParameter(name, all);
        return this;
    }

    /** Sets a header with one or more values. */
    public SignedRequest header(String name, String... values) {
        http.putHeader(name, Arrays.asList(values));
        return this;
    }

    /** Sets the body. */
    public SignedRequest body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    SignedRequest body(byte[] bytes) {
        body = bytes;
        return this;
    }

    /** Sets the region of the signature. */
    public SignedRequest region(String name) {
        region = name;
        return this;
    }

    SignedRequest at(Instant time) {
        at = time;
        return this;
    }

    /** Leaves the payload out of the signature, which S3 allows. */
    SignedRequest payloadUnsigned() {
        payloadSigned = false;
        return this;
    }

    /** Signs the request. */
    public WireRequest sign() {
        boolean s3 = service.equals("s3");
        SdkHttpRequest signed = SIGNER.sign(sign -> sign.identity(identity)
                        .request(http.build())
                        .payload(ContentStreamProvider.fromByteArray(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        // The S3 client of the SDK uses the same values.
                        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !s3)
                        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !s3)
                        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, payloadSigned)
                        .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(at, ZoneOffset.UTC)))
                .request();
        Map<String, List<String>> headers = new TreeMap<>();
        signed.forEachHeader((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        return new WireRequest(
                signed.method().name(),
                signed.encodedPath(),
                signed.encodedQueryParameters().orElse(""),
                headers,
                body,
                true);
    }
}
