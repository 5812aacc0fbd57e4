package io.github.spotspec.local.service;

import io.github.spotspec.local.service.SmallCloud.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Passes the bodies of an SDK client's requests to a service in this process. The service gets its own signature,
 * because the SDK signs with the system's time.
 */
final class InProcessHttpClient implements SdkHttpClient {
    private final Function<String, Answer> service;

    InProcessHttpClient(Function<String, Answer> service) {
        this.service = service;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                try (InputStream body =
                        request.contentStreamProvider().orElseThrow().newStream()) {
                    Answer answer = service.apply(new String(body.readAllBytes(), StandardCharsets.UTF_8));
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder()
                                    .statusCode(answer.status())
                                    .putHeader("content-type", answer.type())
                                    .build())
                            .responseBody(AbortableInputStream.create(
                                    new ByteArrayInputStream(answer.text().getBytes(StandardCharsets.UTF_8))))
                            .build();
                }
            }

            @Override
            public void abort() {}
        };
    }

    @Override
    public void close() {}
}
