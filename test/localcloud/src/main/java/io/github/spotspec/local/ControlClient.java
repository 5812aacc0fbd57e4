package io.github.spotspec.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.spotspec.local.state.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Another process's view of a running {@code ./local}.
 *
 * @param service the URL of the service
 */
record ControlClient(String service, String url, String token) {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Returns those of all processes that are running.
     *
     * @param shared the folder that contains the folders of all runs
     */
    static List<ControlClient> running(Path shared) throws IOException {
        return RunFile.ofRunning(shared, ControlServer.FILE).stream()
                .map(RunFile.Found::content)
                .map(file -> new ControlClient(
                        file.path("service").asText(),
                        file.path("url").asText(),
                        file.path("token").asText()))
                .toList();
    }

    /** Runs the keeper. */
    ControlServer.KeeperRun runKeeper() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/keeper"))
                .timeout(TIMEOUT)
                .header("authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response;
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            response = client.send(request, HttpResponse.BodyHandlers.ofString());
        }
        if (response.statusCode() != 200) {
            throw new IOException("the running service answered with " + response.statusCode());
        }
        JsonNode answer = JSON.readTree(response.body());
        List<Topics.Message> messages = new ArrayList<>();
        for (JsonNode message : answer.path("messages")) {
            messages.add(new Topics.Message(
                    message.path("subject").asText(),
                    message.path("text").asText(),
                    Map.of("event", message.path("event").asText())));
        }
        return new ControlServer.KeeperRun(answer.path("succeeded").asBoolean(), messages);
    }

    /** Describes the service only, because the token is secret. */
    @Override
    public String toString() {
        return service;
    }
}
