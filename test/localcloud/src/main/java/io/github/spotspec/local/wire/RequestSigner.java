package io.github.spotspec.local.wire;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.util.Map;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.utils.StringInputStream;

/**
 * Signs requests with the SDK's signer, as callers of a URL do.
 *
 * @param service the signing name of the service, such as {@code lambda} for the URL of a function
 * @param region the region of the service
 * @param clock the time of the signatures
 */
public record RequestSigner(String service, String region, Clock clock) {
    /**
     * Returns a request with the headers of a signature, and without a body.
     *
     * @param headers further headers, which are signed too
     * @param body the body for which to sign
     */
    public HttpRequest.Builder sign(
            String method, URI url, Map<String, String> headers, String body, AwsCredentialsIdentity identity) {
        SdkHttpRequest.Builder unsigned =
                SdkHttpRequest.builder().method(SdkHttpMethod.fromValue(method)).uri(url);
        headers.forEach(unsigned::putHeader);
        SdkHttpRequest signed = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(identity)
                        .request(unsigned.build())
                        .payload(() -> new StringInputStream(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.SIGNING_CLOCK, clock)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region))
                .request();
        HttpRequest.Builder http = HttpRequest.newBuilder(signed.getUri());
        signed.forEachHeader((name, values) -> {
            // The JDK's client sets this header.
            if (!name.equalsIgnoreCase("host")) {
                values.forEach(value -> http.header(name, value));
            }
        });
        return http;
    }
}
